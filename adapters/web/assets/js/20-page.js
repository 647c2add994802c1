/* Menu, error summary, submit lock, copying, session warning. */
(function (window, document, app) {
  'use strict';

  var clicked = null;

  app.tap('data-menu', function (link, event) {
    var nav = document.getElementById('nav'), open;
    if (!nav) { return; }
    event.preventDefault();
    open = !nav.classList.contains('is-open');
    if (open) { nav.classList.add('is-open'); } else { nav.classList.remove('is-open'); }
    link.setAttribute('aria-expanded', String(open));
    app.text(link, open ? '收起' : '菜单');
  });

  /* Links of the error summary move the focus, not only the view. */
  app.on(document, 'click', function (event) {
    var link = event.target, id, target;
    if (link.nodeName !== 'A' || !app.up(link, 'data-focus')) { return; }
    id = (link.getAttribute('href') || '').slice(1);
    target = id && document.getElementById(id);
    if (target) {
      event.preventDefault();
      if (target.disabled) { target = app.one('select,input', target.parentNode.parentNode) || target; }
      target.focus();
      if (target.scrollIntoView) { (target.parentNode || target).scrollIntoView(); }
    }
  });

  function lock(form, button) {
    form.setAttribute('data-locked', '1');
    window.setTimeout(function () {
      app.each(app.all('button', form), function (other) {
        if (!other.disabled) {
          other.disabled = true;
          other.setAttribute('data-was-on', '1');
        }
      });
      if (button && button.getAttribute('data-busy')) {
        button.setAttribute('data-label', button.innerHTML);
        app.text(button, button.getAttribute('data-busy'));
      }
    }, 0);
    window.setTimeout(function () { unlock(form); }, 30000);
  }

  function unlock(form) {
    form.removeAttribute('data-locked');
    app.each(app.all('button[data-was-on]', form), function (button) {
      button.disabled = false;
      button.removeAttribute('data-was-on');
    });
    app.each(app.all('button[data-label]', form), function (button) {
      button.innerHTML = button.getAttribute('data-label');
      button.removeAttribute('data-label');
    });
  }

  app.on(document, 'click', function (event) {
    var node = event.target;
    while (node && node.nodeName !== 'BUTTON') { node = node.parentNode; }
    clicked = node;
  });

  app.on(document, 'submit', function (event) {
    var form = event.target, button;
    if (!form.hasAttribute('data-form') || event.defaultPrevented) { return; }
    if (form.hasAttribute('data-locked')) {
      event.preventDefault();
      return;
    }
    /* Enter presses the unseen first button: the words change on the main one. */
    button = clicked && clicked.form === form && clicked.getAttribute('data-busy') ? clicked : app.one('.actions button[type="submit"]', form);
    lock(form, button);
  });

  /* Back button: the page comes from memory as it was left. */
  app.on(window, 'pageshow', function (event) {
    if (event.persisted) { app.each(app.all('form[data-locked]'), unlock); }
  });

  app.tap('data-copy-button', function (button) {
    var box = app.up(button, 'data-copy'), area = document.createElement('textarea'), done = false;
    area.value = box.getAttribute('data-copy');
    area.className = 'sr-only';
    document.body.appendChild(area);
    area.select();
    try { done = document.execCommand('copy'); } catch (ignore) { done = false; }
    app.drop(area);
    button.setAttribute('aria-live', 'polite');
    app.text(button, done ? button.getAttribute('data-done') : '请手动选择复制');
    button.focus();
  });

  app.tap('data-print', function (node, event) {
    event.preventDefault();
    window.print();
  });

  /* Session: a warning two minutes before the end, with a way to stay. */
  function watchSession() {
    var seconds = Number(document.body.getAttribute('data-session')), bar, timer;
    if (!seconds) { return; }

    function arm() {
      timer = window.setTimeout(function () {
        app.show(bar, true);
        timer = window.setTimeout(function () {
          app.text(app.one('p', bar), '登录已失效，请重新登录。未提交的内容请先自行保存。');
          app.show(app.one('button', bar), false);
        }, 120000);
      }, Math.max(seconds - 120, 1) * 1000);
    }

    bar = document.createElement('div');
    bar.className = 'session-bar';
    bar.setAttribute('role', 'alert');
    bar.setAttribute('hidden', '');
    bar.innerHTML = '<p>您已较长时间没有操作，登录将在 2 分钟后失效。</p><button type="button" class="btn btn-line">继续使用</button>';
    document.body.appendChild(bar);
    app.on(app.one('button', bar), 'click', function () {
      app.post('/session/keep', [], function (answer) {
        if (!answer.ok) {
          app.text(app.one('p', bar), answer.message);
          return;
        }
        window.clearTimeout(timer);
        app.show(bar, false);
        arm();
      });
    });
    arm();
  }

  app.ready(function () {
    var summary = app.one('[data-focus]');
    if (summary) { summary.focus(); }
    watchSession();
  });
}(window, document, window.YJR));
