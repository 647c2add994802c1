/* ES5 only: this script runs in IE 11 and Chrome 49. Every page works without it. */
(function (window, document) {
  'use strict';

  var app = window.YJR = {};

  app.NETWORK = '网络不稳定，请稍后重试。';

  app.each = function (list, fn) {
    var i;
    for (i = 0; i < list.length; i += 1) { fn(list[i], i); }
  };

  app.all = function (selector, root) { return (root || document).querySelectorAll(selector); };

  app.one = function (selector, root) { return (root || document).querySelector(selector); };

  app.on = function (node, type, fn) { node.addEventListener(type, fn, false); };

  /* Nearest node upwards, itself included, that carries the attribute. */
  app.up = function (node, attribute) {
    while (node && node.nodeType === 1) {
      if (node.hasAttribute(attribute)) { return node; }
      node = node.parentNode;
    }
    return null;
  };

  /* Listens on the document: also serves what is inserted later. */
  app.tap = function (attribute, fn) {
    app.on(document, 'click', function (event) {
      var node = app.up(event.target, attribute);
      if (node) { fn(node, event); }
    });
  };

  app.show = function (node, yes) {
    if (!node) { return; }
    if (yes) { node.removeAttribute('hidden'); } else { node.setAttribute('hidden', ''); }
  };

  app.text = function (node, text) { if (node) { node.textContent = text; } };

  app.state = function (node, text, kind) {
    if (!node) { return; }
    node.classList.remove('is-bad-status');
    node.classList.remove('is-good-status');
    if (kind) { node.classList.add('is-' + kind + '-status'); }
    node.textContent = text;
  };

  /* A field is right now: its red words go, at the field and in the summary. */
  app.mend = function (id) {
    var error = document.getElementById(id + '-error'), summary = app.one('#error-summary'), link, left, field;
    field = error && error.parentNode;
    if (field) { field.classList.remove('has-error'); }
    app.drop(error);
    link = summary && app.one('a[href="#' + id + '"]', summary);
    if (!link) { return; }
    app.drop(link.parentNode);
    left = app.all('li', summary).length;
    if (left) { app.text(app.one('#error-summary-title'), '有 ' + left + ' 处需要修改'); } else { app.drop(summary); }
  };

  app.drop = function (node) { if (node && node.parentNode) { node.parentNode.removeChild(node); } };

  app.csrf = function () {
    var meta = app.one('meta[name="csrf-token"]');
    return meta ? meta.getAttribute('content') : '';
  };

  app.parse = function (text) {
    try { return JSON.parse(text); } catch (ignore) { return null; }
  };

  app.encode = function (pairs) {
    var parts = [];
    app.each(pairs, function (pair) {
      parts.push(encodeURIComponent(pair[0]) + '=' + encodeURIComponent(pair[1]));
    });
    return parts.join('&');
  };

  /* One request: {method, url, body, type, done(text, status), fail(), progress(share)}. */
  app.send = function (ask) {
    var request = new XMLHttpRequest();
    request.open(ask.method || 'GET', ask.url, true);
    request.timeout = ask.timeout || 20000;
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.setRequestHeader('Accept', ask.accept || 'application/json');
    if (ask.method && ask.method !== 'GET') { request.setRequestHeader('X-CSRF-Token', app.csrf()); }
    if (ask.type) { request.setRequestHeader('Content-Type', ask.type); }
    if (ask.progress && request.upload) {
      request.upload.onprogress = function (event) {
        if (event.lengthComputable) { ask.progress(event.loaded / event.total); }
      };
    }
    request.onload = function () { ask.done(request.responseText, request.status); };
    request.onerror = request.ontimeout = function () { ask.fail(); };
    request.send(ask.body || null);
    return request;
  };

  app.post = function (url, pairs, done) {
    app.send({
      method: 'POST',
      url: url,
      type: 'application/x-www-form-urlencoded; charset=UTF-8',
      body: app.encode([['_csrf', app.csrf()]].concat(pairs)),
      done: function (text) { done(app.parse(text) || { ok: false, message: app.NETWORK }); },
      fail: function () { done({ ok: false, message: app.NETWORK }); }
    });
  };

  /* Puts an error at a control, in the same words and place as the server does. */
  app.fieldError = function (input, message) {
    var field = input, id = input.id + '-error', node = document.getElementById(id), row;
    while (field && !(field.classList && field.classList.contains('field'))) { field = field.parentNode; }
    if (!field) { return; }
    if (!message) {
      app.drop(node);
      field.classList.remove('has-error');
      input.removeAttribute('aria-invalid');
      return;
    }
    if (!node) {
      node = document.createElement('p');
      node.className = 'error';
      node.id = id;
      row = input;
      while (row.parentNode !== field) { row = row.parentNode; }
      field.insertBefore(node, row);
      input.setAttribute('aria-describedby', (input.getAttribute('aria-describedby') || '') + ' ' + id);
    }
    node.textContent = message;
    field.classList.add('has-error');
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  };

  app.ready = function (fn) {
    if (document.readyState === 'loading') { app.on(document, 'DOMContentLoaded', fn); } else { fn(); }
  };

  document.documentElement.classList.add('js');
}(window, document));
