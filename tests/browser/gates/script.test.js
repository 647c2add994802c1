'use strict';

const assert = require('node:assert');
const test = require('node:test');
const rules = require('./script-rules');
const { js } = require('./shipped');

test('the shipped script is ES5', () => {
  rules.parse(js());
});

test('the shipped script uses no interface that IE 11 or Chrome 49 lacks', () => {
  assert.deepStrictEqual(rules.lint(js()), []);
  assert.deepStrictEqual(rules.denied(js()), []);
});

test('modern syntax is refused', () => {
  for (const source of ['var f = () => 1;', 'let a = 1;', 'var s = `x`;', 'class A {}']) {
    assert.throws(() => rules.parse(source), source);
  }
});

test('modern interfaces are refused', () => {
  for (const source of [
    "fetch('/x');",
    'new Promise(function () {});',
    'Object.assign({}, {});',
    'new URLSearchParams();',
    'new IntersectionObserver(function () {});',
  ]) {
    assert.notDeepStrictEqual(rules.lint(source), [], source);
  }
  for (const source of [
    "node.closest('a');",
    'node.remove();',
    'list.forEach(f);',
    "canvas.toBlob(f);",
    "node.classList.toggle('a', true);",
    "new CustomEvent('x');",
    "eval('1');",
  ]) {
    assert.notDeepStrictEqual(rules.denied(source), [], source);
  }
});
