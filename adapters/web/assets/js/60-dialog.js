/* Confirm page as a dialog: the same fragment, with focus trap and Esc. */
(function (window, document, app) {
  'use strict';

  var opener = null, back = null;

  function controls() {
    var list = [];
    app.each(app.all('a[href],button,input,select,textarea', back), function (node) {
      if (!node.disabled && node.type !== 'hidden' && node.tabIndex >= 0) { list.push(node); }
    });
    return list;
  }

  function close() {
    if (!back) { return; }
    app.drop(back);
    back = null;
    document.body.classList.remove('dialog-open');
    if (opener) { opener.focus(); }
  }

  function keys(event) {
    var key = event.key, list, first, last;
    if (!back) { return; }
    if (key === 'Escape' || key === 'Esc' || event.keyCode === 27) {
      close();
      return;
    }
    if (key !== 'Tab' && event.keyCode !== 9) { return; }
    list = controls();
    first = list[0];
    last = list[list.length - 1];
    if (event.shiftKey && (document.activeElement === first || !back.contains(document.activeElement))) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  }

  function open(fragment) {
    var dialog = document.createElement('div'), no;
    back = document.createElement('div');
    back.className = 'dialog-back';
    dialog.className = 'dialog';
    dialog.setAttribute('role', 'dialog');
    dialog.setAttribute('aria-modal', 'true');
    dialog.setAttribute('aria-labelledby', 'confirm-title');
    dialog.setAttribute('tabindex', '-1');
    dialog.appendChild(fragment);
    back.appendChild(dialog);
    document.body.appendChild(back);
    document.body.classList.add('dialog-open');
    no = app.one('textarea,input[type="text"],[data-confirm-no]', dialog);
    (no || dialog).focus();
  }

  app.tap('data-confirm', function (link, event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || back) { return; }
    event.preventDefault();
    opener = link;
    app.send({
      url: link.href,
      accept: 'text/html',
      done: function (text, code) {
        var page = document.createElement('div'), fragment;
        page.innerHTML = code === 200 ? text : '';
        fragment = app.one('[data-confirm-fragment]', page);
        if (fragment) { open(fragment); } else { window.location.href = link.href; }
      },
      fail: function () { window.location.href = link.href; }
    });
  });

  app.tap('data-confirm-no', function (link, event) {
    if (back && back.contains(link)) {
      event.preventDefault();
      close();
    }
  });

  app.on(document, 'keydown', keys);
}(window, document, window.YJR));
