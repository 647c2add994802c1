/* The screen on the wall: fetches its numbers again, and says when they are old. */
(function (window, document, app) {
  'use strict';

  var EVERY = 15000;

  function keep(box) {
    var state = app.one('[data-wall-state]');

    function old() { app.text(state, '暂时没有更新到最新数据，稍后自动重试。'); }

    function again() { window.setTimeout(ask, EVERY); }

    function ask() {
      app.send({
        url: box.getAttribute('data-wall'),
        done: function (text, status) {
          var answer = status === 200 ? app.parse(text) : null;
          if (answer && answer.ok && answer.html) {
            box.innerHTML = answer.html;
            app.text(state, '');
          } else if (status === 401 || status === 404) {
            /* Signed out: the page itself leads to the sign-in. */
            window.location.reload();
            return;
          } else {
            old();
          }
          again();
        },
        fail: function () {
          old();
          again();
        }
      });
    }

    again();
  }

  app.ready(function () {
    var box = app.one('[data-wall]');
    if (box) { keep(box); }
  });
}(window, document, window.YJR));
