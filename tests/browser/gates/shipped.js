'use strict';
// What browsers are really sent: the compiled style sheet and the one script.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../../..');
const known = {};

function shipped(kind) {
  if (!known[kind]) {
    known[kind] = execFileSync(
      'cargo',
      ['run', '--quiet', '--package', 'web', '--example', 'print_css', '--', kind],
      { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
    );
  }
  return known[kind];
}

function files(folder, ending) {
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));
}

module.exports = { root, files, css: () => shipped('css'), js: () => shipped('js') };
