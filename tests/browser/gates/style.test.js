'use strict';

const assert = require('node:assert');
const test = require('node:test');
const rules = require('./style-rules');
const { css } = require('./shipped');

test('the compiled style sheet asks nothing that IE 11 or Chrome 49 cannot do', async () => {
  assert.deepStrictEqual(await rules.lint(css()), []);
});

test('margins and paddings are on the scale of the guide', () => {
  assert.deepStrictEqual(rules.offScale(css()), []);
});

test('the style sheet asks no other host', () => {
  const others = [...css().matchAll(/url\(([^)]*)\)/g)]
    .map((match) => match[1].replace(/["']/g, ''))
    .filter((url) => !url.startsWith('/assets/'));
  assert.deepStrictEqual(others, []);
});

test('what old browsers do not know is refused', async () => {
  for (const code of [
    'a{display:grid}',
    'a{position:sticky;top:0}',
    'a{color:var(--x)}',
    'a{width:min(10px,50%)}',
    'a{inset:0}',
    'a{gap:1rem}',
    'a:focus-visible{color:red}',
    'a{color:#11223344}',
    'a{object-fit:cover}',
  ]) {
    assert.notDeepStrictEqual(await rules.lint(code), [], code);
  }
});

test('a length off the scale is refused', () => {
  assert.deepStrictEqual(rules.offScale('a{margin:0 .625rem}'), ['margin: 0 .625rem']);
});
