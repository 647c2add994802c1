'use strict';
// Every part in the real Chromium 49: no console error, no sideways scroll, the script at work.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const gallery = require('../gates/gallery');

const runner = path.join(__dirname, 'run49.py');
const out = path.join(__dirname, '../out/old');

// Not execFileSync: the little server must go on answering.
function run49(plan) {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'run49-')), 'script.json');
  fs.writeFileSync(file, JSON.stringify(plan));
  return new Promise((resolve, reject) => {
    execFile('python3', [runner, '--out', out, file], { maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(error || new Error(stderr));
      }
    });
  });
}

let site;
test.before(async () => {
  site = await gallery.open();
});
test.after(() => site?.close());

test('the engine is Chromium 49', async () => {
  const answer = await run49([{ open: `file://${path.join(__dirname, 'sample.html')}` }, { run: "document.getElementById('out').textContent", expect: '49' }]);
  assert.ok(answer.ok, answer.problem);
});

test('every page of the gallery opens without an error and without sideways scroll', async () => {
  const steps = [];
  for (const size of [[1280, 900], [375, 800]]) {
    steps.push({ resize: size });
    for (const name of site.pages) {
      steps.push({ open: `${site.url}/${name}.html` });
      steps.push({ run: 'document.documentElement.scrollWidth <= window.innerWidth', expect: true });
      steps.push({ run: "document.documentElement.className.indexOf('js') >= 0", expect: true });
      steps.push({ shot: `${name}-${size[0]}.png` });
    }
  }
  const answer = await run49(steps);
  assert.ok(answer.ok, answer.problem);
});

test('the script works there: cascade, dialog and the old camera interface', async () => {
  const change = "var e = document.createEvent('Event'); e.initEvent('change', true, true);";
  const answer = await run49({
    flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
    steps: [
      { open: `${site.url}/form.html` },
      { run: `var s = document.getElementsByName('province')[0]; s.value = '13'; ${change} s.dispatchEvent(e); 1` },
      { until: "document.querySelector('[name=city] option[value=\"1309\"]')" },
      { run: "document.querySelector('[name=personal-credit]').disabled", expect: true },
      { open: `${site.url}/detail.html` },
      { run: "document.querySelector('[data-confirm]').click(); 1" },
      { until: "document.querySelector('[role=dialog]')" },
      { shot: 'dialog.png' },
      { open: `${site.url}/plain.html` },
      { run: "document.querySelector('[data-camera-start]').click(); 1" },
      { until: "document.querySelector('video').videoWidth > 0", within: 15000 },
      { run: "document.querySelector('[data-camera]').getAttribute('data-camera-branch')", expect: 'legacy' },
      { run: "document.querySelector('[data-camera-take]').click(); 1" },
      { shot: 'camera.png' },
      { run: "document.querySelector('[data-camera-send]').click(); 1" },
      { until: "document.querySelector('[data-camera-status]').textContent === '照片不清晰，请重新拍摄。'" },
    ],
  });
  assert.ok(answer.ok, answer.problem);
});
