'use strict';
// What browsers are really sent: the compiled style sheet and the one script.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../../..');
const known = {};

/** What an example of the web's crate prints; one that was built beside the server's program needs no building. */
function example(name, ...args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 };
  const built = process.env.YIJIANRONG_BIN && path.join(path.dirname(process.env.YIJIANRONG_BIN), 'examples', name);
  if (built && fs.existsSync(built)) return execFileSync(built, args, options);
  return execFileSync('cargo', ['run', '--quiet', '--package', 'web', '--example', name, '--', ...args], options);
}

function shipped(kind) {
  known[kind] ??= example('print_css', kind);
  return known[kind];
}

function files(folder, ending) {
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));
}

module.exports = { root, example, files, css: () => shipped('css'), js: () => shipped('js') };
