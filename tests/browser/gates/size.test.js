'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { gzipSync } = require('node:zlib');
const { css, js } = require('./shipped');

test('style sheet and script of a page weigh at most 40 KB compressed', (t) => {
  const weight = (text) => gzipSync(text, { level: 9 }).length;
  const [style, script] = [weight(css()), weight(js())];
  t.diagnostic(`css ${style} + js ${script} bytes`);
  assert.ok(style + script <= 40 * 1024, `${style} + ${script}`);
});
