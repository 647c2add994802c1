/* Upload with preview, progress, retry and removal. Without script the file goes with the form. */
(function (window, document, app) {
  'use strict';

  function megabytes(bytes) { return String(Math.round(bytes / 1048576)); }

  function accepted(input, file) {
    var accept = input.getAttribute('accept'), good = !accept;
    app.each((accept || '').split(','), function (one) {
      var kind = one.replace(/\s/g, '');
      if (kind === file.type || (kind.slice(-2) === '/*' && file.type.indexOf(kind.slice(0, -1)) === 0)) { good = true; }
      if (kind.charAt(0) === '.' && file.name.toLowerCase().slice(-kind.length) === kind) { good = true; }
    });
    return good;
  }

  function upload(box) {
    var input = app.one('[data-upload-input]', box), status = app.one('[data-upload-status]', box);
    var progress = app.one('[data-upload-progress]', box), bar = app.one('[data-upload-bar]', box);
    var frame = app.one('[data-upload-frame]', box), retry = app.one('[data-upload-retry]', box);
    var label = app.one('label.file-label', box), url = box.getAttribute('data-upload');
    var name = box.getAttribute('data-upload-name'), most = Number(box.getAttribute('data-upload-max'));
    var kept = app.one('[data-upload-preview]', box), file = null, refused = null, remove = app.one('[data-upload-remove]', box);
    var stored = !!app.one('[data-upload-stored]', box), title = app.one('.label', box).textContent.replace(/[*:：\s]/g, '');

    function share(part) {
      var percent = Math.round(part * 100);
      bar.style.width = percent + '%';
      progress.setAttribute('aria-valuenow', String(percent));
      progress.setAttribute('aria-valuetext', percent + '%');
    }

    function preview(src) {
      var image = document.createElement('img');
      image.alt = name ? (title + '的预览') : '';
      /* What is no picture after all leaves no broken one behind. */
      image.onerror = function () {
        if (image.parentNode === frame) { say(stored ? '已上传' : '尚未上传'); }
      };
      image.src = src;
      frame.innerHTML = '';
      frame.appendChild(image);
      frame.classList.add('is-full');
    }

    function say(words) {
      frame.innerHTML = '';
      frame.appendChild(document.createElement('span')).className = 'upload-none';
      app.text(frame.firstChild, words);
      frame.classList.remove('is-full');
    }

    /* The line above the form that lists what is still missing. */
    function missing(yes) {
      var line = app.one('[data-missing] .notice-text p'), left = [];
      if (!line) { return; }
      app.each(line.textContent.split('、'), function (one) { if (one && one !== title) { left.push(one); } });
      if (yes) { left.push(title); }
      app.text(line, left.join('、'));
      app.show(app.one('[data-missing]'), left.length > 0);
    }

    /* What was refused is not shown as if it were stored, and does not go with the form. */
    function restore() {
      input.removeAttribute('name');
      if (kept) {
        preview(kept.src);
      } else {
        say(stored ? '已上传' : '尚未上传');
      }
    }

    function refuse(message) {
      app.state(status, message, 'bad');
      app.show(progress, false);
      input.setAttribute('aria-invalid', 'true');
    }

    /* What the photo says goes into the fields that are still empty; what was typed stays. */
    function read(kept) {
      var asked = file;
      app.state(status, kept + '，正在识别文字…');
      app.post(box.getAttribute('data-upload-read'), [['name', name]], function (answer) {
        var filled = 0;
        if (asked !== file) { return; }
        if (!answer.ok) {
          app.state(status, answer.message || app.NETWORK, 'bad');
          return;
        }
        app.each(answer.fields, function (one) { filled += app.fillIn(input.form, one) ? 1 : 0; });
        app.state(status, kept + (filled ? '，已填写 ' + filled + ' 项，请逐项核对。' : '，没有可填写的空白项。'), 'good');
      });
    }

    function send() {
      var data = new FormData();
      data.append('_csrf', app.csrf());
      data.append('name', name);
      data.append('file', file, file.name);
      share(0);
      app.show(progress, true);
      app.show(retry, false);
      app.state(status, '正在上传…');
      app.send({
        method: 'POST',
        url: url,
        body: data,
        timeout: 120000,
        progress: function (part) {
          share(part);
          app.state(status, part < 1 ? '正在上传 ' + Math.round(part * 100) + '%' : '正在检查图片…');
        },
        done: function (text) {
          var answer = app.parse(text);
          app.show(progress, false);
          if (!answer || !answer.ok) {
            refuse((answer && answer.message) || app.NETWORK);
            if (answer) {
              refused = file;
              restore();
            }
            app.show(retry, !answer);
            return;
          }
          input.removeAttribute('aria-invalid');
          input.removeAttribute('name');
          app.state(status, answer.message || '已上传', 'good');
          if (answer.preview && box.getAttribute('data-upload-read')) { read(answer.message || '已上传'); }
          app.mend(input.id);
          missing(false);
          stored = true;
          if (answer.preview) {
            preview(answer.preview);
            kept = app.one('img', frame);
          } else if (file.type.indexOf('image/') !== 0) {
            kept = null;
            say('PDF 已上传');
          }
          if (answer.stored) { app.text(app.one('[data-file-name]', box), answer.stored); }
          app.text(label, '重新上传');
        },
        fail: function () {
          refuse('网络不稳定，文件未上传。已为您保留所选文件，请重试。');
          app.show(retry, true);
        }
      });
    }

    app.on(input, 'change', function () {
      var reader, chosen;
      file = input.files && input.files[0];
      if (!file) { return; }
      input.setAttribute('name', name);
      app.show(retry, false);
      if (most && file.size > most) {
        refuse('文件超过 ' + megabytes(most) + ' MB，请压缩或重新选择。');
        restore();
        return;
      }
      if (!accepted(input, file)) {
        refuse('文件格式不正确，请按上方要求的格式重新选择。');
        restore();
        return;
      }
      input.removeAttribute('aria-invalid');
      if (file.type.indexOf('image/') === 0 && window.FileReader) {
        reader = new FileReader();
        chosen = file;
        refused = null;
        reader.onload = function () {
          if (chosen === file && refused !== chosen) { preview(reader.result); }
        };
        reader.readAsDataURL(file);
      }
      if (url) { send(); } else { app.state(status, '已选择，提交时一并上传。'); }
    });

    app.on(retry, 'click', function () { if (file) { send(); } });

    if (remove && box.getAttribute('data-upload-delete')) {
      remove.setAttribute('type', 'button');
      app.on(remove, 'click', function () {
        app.post(box.getAttribute('data-upload-delete'), [['name', name]], function (answer) {
          if (!answer.ok) {
            app.state(status, answer.message || app.NETWORK, 'bad');
            return;
          }
          kept = null;
          stored = false;
          restore();
          missing(true);
          app.text(app.one('[data-file-name]', box), '未选择任何文件');
          app.text(label, '选择文件');
          app.show(remove, false);
          app.state(status, answer.message || '已删除', 'good');
          input.focus();
        });
      });
    }
  }

  /* Several files of one field, one after the other: what arrived stands in the list, what was refused is named, what a cut
     stopped goes on at a press. */
  function several(box) {
    var input = app.one('[data-uploads-input]', box), list = app.one('[data-uploads-list]', box);
    var status = app.one('[data-uploads-status]', box), progress = app.one('[data-uploads-progress]', box);
    var bar = app.one('[data-uploads-bar]', box), retry = app.one('[data-uploads-retry]', box), leave = app.one('[data-uploads-leave]', box);
    var name = box.getAttribute('data-uploads-name'), url = box.getAttribute('data-uploads');
    var size = Number(box.getAttribute('data-uploads-max')), most = Number(box.getAttribute('data-uploads-most'));
    var waiting = [], refused = [], busy = false, sent = 0, again = 0, all = 0;

    function there() { return app.all('[data-uploads-item]', list).length; }

    function count() {
      app.text(app.one('[data-uploads-count]', box), '已上传 ' + there() + ' 个，最多 ' + most + ' 个');
    }

    function share(part) {
      var percent = Math.round(part * 100);
      bar.style.width = percent + '%';
      progress.setAttribute('aria-valuenow', String(percent));
      progress.setAttribute('aria-valuetext', percent + '%');
    }

    function part(kind, words) {
      var node = document.createElement('span');
      node.className = kind;
      app.text(node, words);
      return node;
    }

    function show(file) {
      var item = document.createElement('li'), link = document.createElement('a'), frame = part('uploads-thumb', '');
      var remove = document.createElement('button'), image;
      item.className = 'uploads-item';
      item.setAttribute('data-uploads-item', file.id);
      link.className = 'uploads-link';
      link.href = file.href;
      link.target = '_blank';
      link.rel = 'noopener';
      if (file.picture) {
        image = document.createElement('img');
        image.alt = '';
        image.src = file.href;
        frame.appendChild(image);
      }
      link.appendChild(frame);
      link.appendChild(part('uploads-name', file.name));
      link.appendChild(part('sr-only', '（在新窗口打开）'));
      remove.type = 'button';
      remove.className = 'btn btn-text';
      remove.setAttribute('data-uploads-remove', '');
      app.text(remove, '删除');
      remove.appendChild(part('sr-only', '：' + file.name));
      item.appendChild(link);
      item.appendChild(remove);
      list.appendChild(item);
    }

    function end() {
      var words = [];
      busy = false;
      app.show(progress, false);
      if (sent) { words.push('已上传 ' + sent + ' 个文件'); }
      if (again) { words.push('有 ' + again + ' 个文件此前已经上传，没有重复添加'); }
      if (sent || again) {
        input.removeAttribute('aria-invalid');
        app.mend(input.id);
      }
      words = words.concat(refused);
      if (refused.length) { input.setAttribute('aria-invalid', 'true'); }
      app.state(status, words.join('；'), refused.length ? 'bad' : 'good');
      count();
    }

    function next() {
      var file = waiting[0], data;
      if (!file) {
        end();
        return;
      }
      data = new FormData();
      data.append('_csrf', app.csrf());
      data.append('name', name);
      data.append('file', file, file.name);
      busy = true;
      share(0);
      app.show(progress, true);
      app.show(retry, false);
      app.show(leave, false);
      app.state(status, '正在上传第 ' + (all - waiting.length + 1) + ' 个，共 ' + all + ' 个…');
      app.send({
        method: 'POST',
        url: url,
        body: data,
        timeout: 120000,
        progress: share,
        done: function (text) {
          var answer = app.parse(text);
          if (!answer) {
            stop();
            return;
          }
          waiting.shift();
          if (!answer.ok) {
            refused.push(file.name + '：' + (answer.message || app.NETWORK));
          } else if (answer.file) {
            sent += 1;
            show(answer.file);
          } else {
            again += 1;
          }
          next();
        },
        fail: stop
      });
    }

    function stop() {
      busy = false;
      app.show(progress, false);
      app.show(retry, true);
      app.show(leave, true);
      count();
      app.state(status, '网络不稳定，还有 ' + waiting.length + ' 个文件没有上传。已为您保留所选文件，请重试。', 'bad');
    }

    app.on(input, 'change', function () {
      var files = input.files || [], have = there() + waiting.length;
      if (!files.length) { return; }
      if (!busy) {
        sent = 0;
        again = 0;
        refused = [];
        all = waiting.length;
      }
      if (have + files.length > most) {
        refused.push('最多 ' + most + ' 个文件，已有 ' + have + ' 个，这次选择了 ' + files.length + ' 个。请先删除不用的，或者将多页合并成一个 PDF 后重新选择');
      } else {
        app.each(files, function (file) {
          if (size && file.size > size) {
            refused.push(file.name + '：文件超过 ' + megabytes(size) + ' MB，请压缩或重新选择');
          } else if (!accepted(input, file)) {
            refused.push(file.name + '：文件格式不正确，请按上方要求的格式重新选择');
          } else {
            waiting.push(file);
            all += 1;
          }
        });
      }
      /* What was chosen is sent here and does not go with the form as well. */
      input.value = '';
      if (!busy) {
        app.show(retry, false);
        app.show(leave, false);
        next();
      }
    });

    app.on(retry, 'click', function () { if (!busy) { next(); } });

    /* What cannot be sent at all must not hold the form for ever. */
    app.on(leave, 'click', function () {
      if (busy) { return; }
      waiting = [];
      app.show(retry, false);
      app.show(leave, false);
      end();
      input.focus();
    });

    /* An answer does not go out without the files that were chosen for it. Heard before the lock of 20-page.js, on the document. */
    app.on(input.form || box, 'submit', function (event) {
      if (!waiting.length) { return; }
      event.preventDefault();
      app.state(status, '还有 ' + waiting.length + ' 个文件没有上传，请等待完成或重试后再提交。', 'bad');
      if (busy) { input.focus(); } else { retry.focus(); }
    });

    app.each(app.all('[data-uploads-remove]', list), function (button) { button.setAttribute('type', 'button'); });
    app.on(list, 'click', function (event) {
      var button = app.up(event.target, 'data-uploads-remove'), item = app.up(event.target, 'data-uploads-item');
      if (!button || !item || button.disabled) { return; }
      button.disabled = true;
      app.post(box.getAttribute('data-uploads-delete'), [['name', name], ['file', item.getAttribute('data-uploads-item')]], function (answer) {
        if (!answer.ok) {
          button.disabled = false;
          app.state(status, answer.message || app.NETWORK, 'bad');
          return;
        }
        app.drop(item);
        count();
        app.state(status, answer.message || '已删除', 'good');
        input.focus();
      });
    });
  }

  app.ready(function () {
    app.each(app.all('[data-upload]'), upload);
    app.each(app.all('[data-uploads]'), several);
  });
}(window, document, window.YJR));
