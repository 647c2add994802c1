/* Passwords, file names, cascades, captcha, SMS code, agreements. */
(function (window, document, app) {
  'use strict';

  /* The words beside a field that a photo has filled; without words they go. */
  function mark(input, words, doubtful) {
    var id = input.id + '-mark', node = document.getElementById(id), row = input;
    if (!words) {
      app.drop(node);
      return;
    }
    if (!node) {
      node = document.createElement('p');
      node.id = id;
      while (!row.parentNode.classList.contains('field')) { row = row.parentNode; }
      row.parentNode.insertBefore(node, row);
      input.setAttribute('aria-describedby', (input.getAttribute('aria-describedby') || '') + ' ' + id);
    }
    node.className = doubtful ? 'photo-note is-doubtful' : 'photo-note';
    node.textContent = words;
  }

  function note(form, name, sure) {
    var marks = form.elements.marks, left = [];
    if (!marks) { return; }
    app.each(marks.value.split(' '), function (one) { if (one && one.indexOf(name + ':') !== 0) { left.push(one); } });
    if (sure) { left.push(name + ':' + sure); }
    marks.value = left.join(' ');
  }

  /* One field from a photo: {name, value, mark, doubtful, differs, note}. True when it was empty and now is not. */
  app.fillIn = function (form, one) {
    var input = form.elements[one.name], empty;
    if (!input) { return false; }
    empty = !input.value.replace(/\s/g, '');
    if (!empty && input.value !== one.value) {
      mark(input, one.differs, true);
      note(form, one.name, '');
      return false;
    }
    input.value = one.value;
    mark(input, one.mark, one.doubtful);
    note(form, one.name, one.note);
    if (empty) { app.mend(input.id); }
    return empty;
  };

  /* Whoever changes a value has looked at it. */
  app.on(document, 'input', function (event) {
    var input = event.target;
    if (input.form && input.id && document.getElementById(input.id + '-mark')) {
      mark(input, '');
      note(input.form, input.name, '');
    }
  });

  app.tap('data-password-toggle', function (button) {
    var input = document.getElementById(button.getAttribute('aria-controls'));
    var shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.setAttribute('aria-pressed', String(!shown));
    app.text(button, button.getAttribute(shown ? 'data-show' : 'data-hide'));
  });

  app.on(document, 'change', function (event) {
    var box = event.target.type === 'file' && app.up(event.target, 'data-file');
    if (box) {
      app.text(app.one('[data-file-name]', box), event.target.value.split(/[\\\/]/).pop() || '未选择任何文件');
    }
  });

  /* Helper buttons are submit buttons only where there is no script. */
  function tame(button) { if (button) { button.setAttribute('type', 'button'); } }

  /* --- Cascading selects --- */

  function option(select, value, label) {
    var node = document.createElement('option');
    node.value = value;
    node.textContent = label;
    select.appendChild(node);
  }

  function reset(select, label) {
    select.innerHTML = '';
    option(select, '', label);
    select.disabled = true;
  }

  function cascade(box) {
    var selects = app.all('select', box), status = app.one('[data-cascade-status]', box);
    var source = box.getAttribute('data-cascade'), turn = 0;

    function placeholder(select) { return select.getAttribute('data-placeholder') || '请选择'; }

    function load(index) {
      var child = selects[index + 1], value = selects[index].value, mine;
      turn += 1;
      mine = turn;
      app.each(selects, function (select, at) { if (at > index) { reset(select, placeholder(select)); } });
      app.state(status, '');
      if (!child || !value) { return; }
      reset(child, '正在加载…');
      child.setAttribute('aria-busy', 'true');

      function failed() {
        if (mine !== turn) { return; }
        child.removeAttribute('aria-busy');
        reset(child, placeholder(child));
        app.state(status, '下一级没有加载成功，请重新选择上一级。', 'bad');
      }

      app.send({
        url: source + (source.indexOf('?') < 0 ? '?' : '&') + 'parent=' + encodeURIComponent(value),
        done: function (text, code) {
          var answer = app.parse(text), items = answer && (answer.items || answer);
          if (mine !== turn) { return; }
          if (code !== 200 || !items || typeof items.length !== 'number') {
            failed();
            return;
          }
          child.removeAttribute('aria-busy');
          reset(child, items.length ? placeholder(child) : '没有下一级');
          app.each(items, function (item) { option(child, item.value, item.label); });
          child.disabled = !items.length;
          app.state(status, items.length ? '已加载下一级，共 ' + items.length + ' 项。' : '');
        },
        fail: failed
      });
    }

    app.each(selects, function (select, index) {
      app.on(select, 'change', function () { load(index); });
    });
    app.each(selects, function (select, index) {
      var child = selects[index + 1];
      if (child && select.value && child.options.length < 2) { load(index); }
    });
  }

  /* --- Captcha --- */

  app.renewCaptcha = function (root) {
    app.each(app.all('[data-captcha-image]', root || document), function (image) {
      var base = image.getAttribute('data-base') || image.getAttribute('src');
      image.setAttribute('data-base', base);
      image.src = base + (base.indexOf('?') < 0 ? '?' : '&') + 't=' + new Date().getTime();
      app.one('input', image.parentNode).value = '';
    });
  };

  app.tap('data-captcha-refresh', function (button, event) {
    event.preventDefault();
    app.renewCaptcha(button.parentNode.parentNode);
    app.one('input', button.parentNode).focus();
  });

  /* --- SMS code --- */

  /* What is asked for before a code is sent, in the server's words. */
  var EMPTY = { phone: '请输入手机号', captcha: '请输入图形验证码' };

  function countdown(button, status, seconds) {
    var end = new Date().getTime() + seconds * 1000, timer;
    function tick() {
      var left = Math.ceil((end - new Date().getTime()) / 1000);
      if (left > 0) {
        app.text(button, left + ' 秒后重新获取');
        return;
      }
      window.clearInterval(timer);
      button.disabled = false;
      app.text(button, '重新获取验证码');
      app.state(status, '现在可以重新获取验证码。');
    }
    button.disabled = true;
    timer = window.setInterval(tick, 500);
    tick();
  }

  function sms(box) {
    var button = app.one('[data-sms-button]', box), code = app.one('input', box), taker = box.getAttribute('data-sms-code');
    var status = app.one('[data-sms-status]', box.parentNode), wait = Number(box.getAttribute('data-sms-wait'));
    tame(button);
    /* The button may stand at the phone: the code goes into a field of its own. */
    if (taker && button.form.elements[taker]) { code = button.form.elements[taker]; }
    if (wait > 0) { countdown(button, status, wait); }

    app.on(button, 'click', function () {
      var form = button.form, pairs = [['purpose', box.getAttribute('data-sms-purpose')]], missing = null;
      app.each((box.getAttribute('data-sms-with') || '').split(','), function (name) {
        var input = name && form.elements[name];
        if (!input) { return; }
        if (!missing && !String(input.value).replace(/\s/g, '')) { missing = input; }
        pairs.push([name, input.value]);
        if (typeof input.id === 'string') { app.fieldError(input, ''); }
      });
      if (missing) {
        app.fieldError(missing, EMPTY[missing.name] || '请先填写此项');
        return;
      }
      button.disabled = true;
      app.text(button, '正在发送…');
      app.post(box.getAttribute('data-sms'), pairs, function (answer) {
        var input = answer.field && form.elements[answer.field];
        if (answer.ok) {
          app.state(status, answer.message || '验证码已发送，请查收短信。', 'good');
          countdown(button, status, answer.wait || 60);
          code.focus();
          return;
        }
        app.text(button, '获取验证码');
        button.disabled = false;
        if (answer.wait) { countdown(button, status, answer.wait); }
        app.renewCaptcha(form);
        if (answer.question) {
          app.text(document.getElementById('f-captcha-hint'), '请回答：' + answer.question);
          form.elements.captcha.value = '';
        }
        if (input && input.id) {
          app.state(status, '');
          app.fieldError(input, answer.message);
        } else {
          app.state(status, answer.message || app.NETWORK, 'bad');
        }
      });
    });
  }

  /* --- Agreements: a box opens once its text was read to the end --- */

  function readAt(code) {
    try { return Number(window.localStorage.getItem('agreement-read:' + code)) || 0; } catch (ignore) { return -1; }
  }

  function agreement(box) {
    var code = box.getAttribute('data-agreement'), input = app.one('input', box), since = new Date().getTime();
    var state = app.one('[data-agreement-state]', box), opened = false;

    function open() {
      if (!input.disabled) { return; }
      input.disabled = false;
      box.classList.remove('is-locked');
      box.classList.add('is-read');
      app.text(state, '已阅读全文，请确认后勾选。');
    }

    function look() {
      var at = readAt(code);
      if (at >= since || (at < 0 && opened)) { open(); }
    }

    if (box.getAttribute('data-agreement-read') || input.checked) {
      box.classList.add('is-read');
      return;
    }
    input.disabled = true;
    box.classList.add('is-locked');
    app.on(app.one('[data-agreement-link]', box), 'click', function () { opened = true; });
    app.on(window, 'storage', look);
    app.on(window, 'focus', look);
    window.setInterval(look, 1000);
  }

  function agreementText(article) {
    var code = article.getAttribute('data-agreement-text'), over = false;
    function end() {
      if (over) { return; }
      over = true;
      try { window.localStorage.setItem('agreement-read:' + code, String(new Date().getTime())); } catch (ignore) { over = true; }
      app.each(app.all('[data-agreement-end]'), function (node) { app.show(node, true); });
    }
    function look() {
      if (article.getBoundingClientRect().bottom <= window.innerHeight + 16) { end(); }
    }
    app.on(window, 'scroll', look);
    app.on(window, 'resize', look);
    window.setTimeout(look, 300);
  }

  /* The button opens once every text is read and its box ticked. */
  function gate(form) {
    var boxes = app.all('[data-agreement] input', form), button = app.one('.actions button[type="submit"]', form);
    if (!boxes.length || !button) { return; }

    function look() {
      var open = true;
      app.each(boxes, function (box) { open = open && box.checked; });
      button.disabled = !open;
    }

    app.on(form, 'change', look);
    app.on(window, 'pageshow', look);
    look();
  }

  app.tap('data-agreement-close', function (node, event) {
    event.preventDefault();
    window.close();
  });

  app.ready(function () {
    app.each(app.all('[data-cascade]'), cascade);
    app.each(app.all('[data-captcha-refresh]'), tame);
    app.each(app.all('[data-sms]'), sms);
    app.each(app.all('[data-agreement]'), agreement);
    app.each(app.all('form'), gate);
    app.each(app.all('[data-agreement-text]'), agreementText);
  });
}(window, document, window.YJR));
