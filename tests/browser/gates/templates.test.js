'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { files, root } = require('./shipped');

const RULES = [
  ['inline style', /\sstyle\s*=/i],
  ['style element', /<style[\s>]/i],
  ['handler attribute', /<[^>{}]*\son[a-z]+\s*=/i],
  ['inline script', /<script(?![^>]*\ssrc=)[^>]*>/i],
  ['safe filter', /\|\s*safe\b/],
  ['autoescape switched off', /autoescape\s+false/],
  ['javascript: link', /javascript:/i],
  ['element of newer browsers', /<(dialog|details|template|picture)[\s>]/i],
  ['input type of newer browsers', /type="(date|datetime-local|month|week|time|number|color|range|search)"/i],
  ['form attribute on a control', /<(button|input|select)[^>]*\sform="/i],
  ['address of another host', /(?:src|href|action)="(?:https?:)?\/\/(?!www\.w3\.org)/i],
  ['download attribute', /<a[^>]*\sdownload[\s>="]/i],
  ['unquoted value', /<[a-z][^>]*\s(?!xmlns)[a-z-]+=\{\{(?![^>]*\/>)/i],
];

function faults(text) {
  const plain = text.replace(/\{#[\s\S]*?#\}/g, '');
  return RULES.filter(([, pattern]) => pattern.test(plain)).map(([name]) => name);
}

const folder = path.join(root, 'adapters/web/templates');
const names = files(folder, '.html');

test('there are templates to look at', () => {
  assert.ok(names.length > 5, String(names.length));
});

for (const name of names) {
  test(`${path.relative(folder, name)} keeps the rules for templates`, () => {
    assert.deepStrictEqual(faults(fs.readFileSync(name, 'utf8')), []);
  });
}

test('each rule finds its fault', () => {
  for (const text of [
    '<p style="color:red">',
    '<style>a{}</style>',
    '<button onclick="x()">',
    '<script>x()</script>',
    '{{ text | safe }}',
    '<a href="javascript:x()">',
    '<dialog open>',
    '<input type="number">',
    '<button form="f">',
    '<img src="https://example.org/x.png">',
    '<a href="/x" download>',
    '<input value={{ x }}>',
  ]) {
    assert.notDeepStrictEqual(faults(text), [], text);
  }
});
