'use strict';
// After the walks: what the server wrote while people walked through it.

const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');

test('the server logged no error while people walked through it', () => {
  const lines = fs.readFileSync(process.env.WALKS_LOG, 'utf8').replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  assert.ok(lines.some((line) => / INFO /.test(line)), 'nothing was logged at all');
  assert.deepStrictEqual(lines.filter((line) => / ERROR /.test(line) || /panicked/.test(line)), []);
});
