'use strict';
// The real Chromium 49 on the real server: one window that acts by label and by the words on buttons.

const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const runner = path.join(__dirname, '../../old/run49.py');
const OUT = path.join(__dirname, '../../out/old');
const FLAGS = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

// Goes into the page before every step; plain ES5, for an engine of 2016.
const HANDS = `(function () {
  if (window.hands) { return; }
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
  function bare(text) { return text.replace('*', '').replace(/:$/, '').trim(); }
  function words(node) { return (node.textContent || '').replace(/\\s+/g, ' ').trim(); }
  function shown(node) { return !!node && node.getClientRects().length > 0; }
  function tell(node, name) { var e = document.createEvent('Event'); e.initEvent(name, true, true); node.dispatchEvent(e); }
  function found(node, what) { if (!node) { throw new Error('not on the page: ' + what + ' (' + location.pathname + ')'); } return node; }
  var hands = {
    press: function (label) {
      found(all('button,a').filter(function (n) { return shown(n) && !n.disabled && words(n).indexOf(label) === 0; })[0], label).click();
      return true;
    },
    can: function (label) {
      return all('button,a').some(function (n) { return shown(n) && !n.disabled && words(n).indexOf(label) === 0; });
    },
    field: function (label) {
      var one = all('label').filter(function (n) { return bare(words(n)) === bare(label); })[0]
        || all('label').filter(function (n) { return bare(words(n)).indexOf(label) === 0; })[0];
      return found(document.getElementById(found(one, label).getAttribute('for')), label);
    },
    fill: function (label, value) {
      var node = hands.field(label);
      node.value = value; tell(node, 'input'); tell(node, 'change'); return true;
    },
    pick: function (label, option) {
      var node = hands.field(label), hit;
      hit = all('option', node).filter(function (o) { return option === undefined ? o.value : words(o) === option; })[0];
      node.value = found(hit, option).value; tell(node, 'change'); return true;
    },
    level: function (legend, at, option) {
      var group = all('fieldset').filter(function (n) { return bare(words(n.querySelector('legend'))).indexOf(legend) === 0; })[0];
      var node = all('select', found(group, legend))[at];
      var hit = all('option', node).filter(function (o) { return words(o) === option; })[0];
      if (!hit) { return false; }
      node.value = hit.value; tell(node, 'change'); return true;
    },
    sees: function (text) { return shown(document.body) && document.body.textContent.indexOf(text) >= 0; },
    get: function (url) { var x = new XMLHttpRequest(); x.open('GET', url, false); x.send(); return x.responseText; },
    code: function (phone) {
      var masked = phone.slice(0, 3) + '****' + phone.slice(-4);
      var text = hands.get('/demo/inbox').replace(/<[^>]+>/g, ' '), at = text.indexOf(masked);
      var hit = at < 0 ? null : /\\u9a8c\\u8bc1\\u7801\\s*(\\d{6})/.exec(text.slice(at));
      return hit ? hit[1] : '';
    },
    sum: function (text) {
      var d = '\\u96f6\\u4e00\\u4e8c\\u4e09\\u56db\\u4e94\\u516d\\u4e03\\u516b\\u4e5d\\u5341';
      function n(w) {
        var at = w.indexOf('\\u5341');
        if (/^\\d+$/.test(w)) { return Number(w); }
        if (at < 0) { return d.indexOf(w); }
        return (at === 0 ? 1 : d.indexOf(w.charAt(0))) * 10 + (at + 1 < w.length ? d.indexOf(w.charAt(at + 1)) : 0);
      }
      var m = new RegExp('([' + d + '\\\\d]+)\\\\s*(\\u52a0|\\u51cf|\\u4e58)\\u4ee5?\\\\s*([' + d + '\\\\d]+)\\\\s*\\u7b49\\u4e8e').exec(text);
      return String(m[2] === '\\u52a0' ? n(m[1]) + n(m[3]) : m[2] === '\\u51cf' ? n(m[1]) - n(m[3]) : n(m[1]) * n(m[3]));
    },
    fits: function () {
      var wide = document.documentElement.scrollWidth;
      return wide <= window.innerWidth ? '' : location.pathname + ' is ' + wide + ' wide at ' + window.innerWidth;
    },
    whole: function () {
      var h1 = all('h1').filter(shown).length;
      if (h1 !== 1) { return location.pathname + ' has ' + h1 + ' visible h1'; }
      if (document.documentElement.className.indexOf('js') < 0) { return location.pathname + ': the script did not run'; }
      return hands.fits();
    },
    answer: function () {
      var label = all('label').filter(function (n) { return /^(\\u56fe\\u5f62)?\\u9a8c\u8bc1\u7801/.test(words(n)); })[0];
      var node = document.getElementById(found(label, 'captcha').getAttribute('for'));
      node.value = hands.sum(document.querySelector('main').textContent); return true;
    },
    path: function () { return location.pathname; }
  };
  window.hands = hands;
}());`;

const run = (code, more = {}) => ({ run: code, ...more });
const until = (code, more = {}) => ({ until: `document.readyState === 'complete' && (${code})`, within: 45000, ...more });
// A deferred script and late pictures may come after the page itself.
const whole = () => run('hands.whole()', { expect: '', within: 20000 });

// Not execFileSync: other walks of this process go on meanwhile.
function drive(steps) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'walks-old-'));
  const file = path.join(folder, 'script.json');
  fs.writeFileSync(file, JSON.stringify({ flags: FLAGS, prelude: HANDS, steps }));
  return new Promise((resolve, reject) => {
    execFile('python3', [runner, '--out', OUT, file], { maxBuffer: 1 << 24, timeout: 290000 }, (error, stdout, stderr) => {
      fs.rmSync(folder, { recursive: true, force: true });
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(error || new Error(stderr));
      }
    });
  });
}

module.exports = { drive, run, until, whole };
