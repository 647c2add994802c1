/* Camera: modern API, then the one of Chrome 49, then the phone by QR code. */
(function (window, document, app) {
  'use strict';

  var DENIED = '摄像头未获授权。请在浏览器地址栏允许使用摄像头，或改用手机扫码。';
  var NONE = '没有找到可用的摄像头。请改用手机扫码，或上传照片。';
  var OLD = '当前浏览器不能直接使用摄像头。请改用手机扫码，或上传照片。';

  /* Answers which interface was asked, or nothing when there is none. */
  function ask(done, failed) {
    var want = { audio: false, video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 } } };
    var old = navigator.webkitGetUserMedia || navigator.mozGetUserMedia || navigator.msGetUserMedia;
    /* eslint-disable compat/compat -- guarded: older browsers take the branches below */
    if (navigator.mediaDevices && navigator.mediaDevices.getUserMedia) {
      navigator.mediaDevices.getUserMedia(want).then(done, failed);
      return 'modern';
    }
    /* eslint-enable compat/compat */
    if (old) {
      old.call(navigator, { audio: false, video: true }, done, failed);
      return 'legacy';
    }
    return '';
  }

  function play(video, stream) {
    var maker;
    if ('srcObject' in video) {
      video.srcObject = stream;
    } else {
      maker = window.webkitURL || window['URL'];
      video.src = maker.createObjectURL(stream);
    }
    video.play();
  }

  function stop(stream) {
    if (!stream) { return; }
    if (stream.getTracks) {
      app.each(stream.getTracks(), function (track) { track.stop(); });
    } else if (stream.stop) {
      stream.stop();
    }
  }

  /* canvas → JPEG without canvas.toBlob, which Chrome 49 and IE 11 lack. */
  function picture(canvas) {
    var text = window.atob(canvas.toDataURL('image/jpeg', 0.92).split(',')[1]);
    var bytes = new Uint8Array(text.length), i;
    for (i = 0; i < text.length; i += 1) { bytes[i] = text.charCodeAt(i); }
    return new Blob([bytes], { type: 'image/jpeg' });
  }

  function camera(box) {
    var stage = app.one('[data-camera-stage]', box), video = app.one('[data-camera-video]', box);
    var shot = app.one('[data-camera-shot]', box), status = app.one('[data-camera-status]', box);
    var start = app.one('[data-camera-start]', box), take = app.one('[data-camera-take]', box);
    var send = app.one('[data-camera-send]', box), again = app.one('[data-camera-again]', box);
    var stream = null, blob = null;

    function buttons(names) {
      app.show(start, names.indexOf('start') >= 0);
      app.show(take, names.indexOf('take') >= 0);
      app.show(send, names.indexOf('send') >= 0);
      app.show(again, names.indexOf('again') >= 0);
    }

    function give(message) {
      stop(stream);
      stream = null;
      app.show(stage, false);
      buttons('start');
      app.text(start, '重新尝试');
      start.disabled = false;
      app.state(status, message, 'bad');
      box.setAttribute('data-camera-branch', 'handoff');
    }

    function live() {
      app.show(video, true);
      app.show(shot, false);
      buttons('take');
      app.state(status, '请正对镜头，将面部放入框内，然后拍照。');
      take.focus();
    }

    app.on(start, 'click', function () {
      var branch;
      start.disabled = true;
      app.state(status, '正在打开摄像头，请在浏览器提示中选择允许…');
      branch = ask(function (given) {
        stream = given;
        start.disabled = false;
        app.show(stage, true);
        video.classList.add('is-mirrored');
        play(video, stream);
        live();
      }, function (error) {
        var name = (error && error.name) || '';
        give(/NotAllowed|PermissionDenied|Security/.test(name) ? DENIED : NONE);
      });
      if (!branch) { give(OLD); } else { box.setAttribute('data-camera-branch', branch); }
    });

    app.on(take, 'click', function () {
      var canvas = document.createElement('canvas');
      if (!video.videoWidth) {
        app.state(status, '画面还没有准备好，请稍候再拍。', 'bad');
        return;
      }
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext('2d').drawImage(video, 0, 0);
      blob = picture(canvas);
      shot.src = canvas.toDataURL('image/jpeg', 0.92);
      app.show(video, false);
      app.show(shot, true);
      buttons('send again');
      app.state(status, '请确认照片清晰、没有遮挡。');
      send.focus();
    });

    app.on(again, 'click', live);

    app.on(send, 'click', function () {
      var data = new FormData();
      data.append('_csrf', app.csrf());
      data.append('photo', blob, 'photo.jpg');
      app.each(app.all('[data-camera-fallback] input', box), function (input) {
        var chosen = input.type !== 'file' && (input.type !== 'radio' || input.checked);
        if (chosen && input.name && input.name !== '_csrf') { data.append(input.name, input.value); }
      });
      send.disabled = again.disabled = true;
      app.text(send, send.getAttribute('data-busy'));
      app.state(status, '正在核验，请稍候…');

      /* A photo that was refused is used up: only another one may follow. What never arrived may be sent again. */
      function back(message, refused) {
        send.disabled = again.disabled = false;
        app.text(send, '使用这张照片核验');
        if (refused) {
          blob = null;
          buttons('again');
        }
        app.state(status, message, 'bad');
        again.focus();
      }

      /* One counter, and it stays true: where the page has it, the message goes without. */
      function counted(answer) {
        var counter = app.one('[data-face-left]');
        if (!counter || !answer.left) { return answer.message; }
        app.text(counter, answer.left);
        return answer.why || answer.message;
      }

      app.send({
        method: 'POST',
        url: box.getAttribute('data-camera-url'),
        body: data,
        timeout: 60000,
        done: function (text) {
          var answer = app.parse(text);
          if (!answer) {
            back(app.NETWORK);
            return;
          }
          if (answer.ok || answer.next) {
            stop(stream);
            window.location.href = answer.next || box.getAttribute('data-camera-next');
            return;
          }
          back(counted(answer) || app.NETWORK, true);
        },
        fail: function () { back('网络不稳定，照片未提交，请重试。'); }
      });
    });
  }

  function handoff(box) {
    var url = box.getAttribute('data-handoff'), state = app.one('[data-handoff-state]', box), misses = 0;

    function end(message) {
      box.classList.add('is-ended');
      app.state(state, message, 'bad');
    }

    function poll() {
      app.send({
        url: url,
        done: function (text) {
          var answer = app.parse(text), name = answer && answer.state;
          misses = answer ? 0 : misses + 1;
          if (name === 'done') {
            app.state(state, answer.message || '已在手机上完成，正在进入下一步…', 'good');
            window.location.href = answer.next || box.getAttribute('data-handoff-next');
            return;
          }
          if (name === 'expired' || name === 'failed') {
            end(answer.message || '二维码已过期，请刷新二维码。');
            return;
          }
          if (answer && answer.message && state.textContent !== answer.message) { app.state(state, answer.message); }
          later();
        },
        fail: function () {
          misses += 1;
          later();
        }
      });
    }

    function later() {
      if (misses > 4) { app.state(state, '网络不稳定，正在重新连接…', 'bad'); }
      window.setTimeout(poll, misses > 4 ? 10000 : 2500);
    }

    if (url) { later(); }
  }

  app.ready(function () {
    app.each(app.all('[data-camera]'), camera);
    app.each(app.all('[data-handoff]'), handoff);
  });
}(window, document, window.YJR));
