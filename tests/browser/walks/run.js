#!/usr/bin/env node
'use strict';
// The browser step: the walks, the gallery in the old engine and the gates, on one real server, and the rooms on it and on another.
// `node walks/run.js [gates] [walks] [old]` runs only what is named.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const server = require('./house/server');

const here = path.join(__dirname, '..');
const asked = process.argv.slice(2);
const wanted = (name) => asked.length === 0 || asked.includes(name);
const files = (folder) =>
  fs.readdirSync(path.join(here, folder)).filter((name) => name.endsWith('.test.js')).map((name) => `${folder}/${name}`);

// Those that take longest begin first: whoever waits a minute for a code does it while others work.
const FIRST = ['walks/newcomer.test.js', 'walks/signin.test.js', 'old/gallery.test.js', 'walks/apply.test.js', 'walks/old.test.js', 'walks/noscript.test.js'];
const FIRST_ROOMS = ['rooms/enterprises.test.js', 'rooms/complaints.test.js'];
function inOrder(names, first) {
  return [...first.filter((name) => names.includes(name)), ...names.filter((name) => !first.includes(name))];
}

function tests(names, side, env) {
  const flags = ['--test', `--test-concurrency=${side}`, '--test-timeout=900000', '--test-reporter=spec'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, ...names], { cwd: here, stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

// One after the other, as long as there are any; several may take from the same names. The runner by itself goes by the alphabet.
async function inTurn(names, env) {
  let bad = 0;
  for (let name = names.shift(); name; name = names.shift()) bad |= await tests([name], 1, env);
  return bad;
}

async function main() {
  fs.rmSync(path.join(here, 'out'), { recursive: true, force: true });
  let bad = 0;
  const siteless = ['gates', 'old'].filter(wanted).flatMap(files);
  if (!wanted('walks')) {
    bad |= await tests(siteless, 2, {});
  } else {
    // The demonstration has two operators of the city, and two sessions are all that one of them may have: one room at a time on a site.
    const sites = await Promise.all([server.start(), server.start()]);
    const stop = () => Promise.all(sites.map((site) => site.stop()));
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
    const on = (site) => ({ WALKS_URL: site.url });
    const walking = inOrder([...files('walks'), ...siteless], FIRST);
    const rooms = inOrder(files('rooms'), FIRST_ROOMS);
    // Walks wait a lot (for codes, for pages): four files side by side, and two rooms beside them, keep two cores busy.
    const ends = await Promise.all([
      ...[1, 2, 3, 4].map(() => inTurn(walking, on(sites[0]))),
      ...sites.map((site) => inTurn(rooms, on(site))),
    ]);
    if (ends.some(Boolean)) bad = 1;
    for (const site of sites) bad |= await tests(['walks/house/quiet.js'], 1, { WALKS_LOG: site.log });
    if (bad) {
      fs.mkdirSync(path.join(here, 'out'), { recursive: true });
      for (const [at, site] of sites.entries()) fs.copyFileSync(site.log, path.join(here, `out/server-${at + 1}.log`));
    }
    await stop();
  }
  return bad;
}

main().then(
  (code) => process.exit(code ? 1 : 0),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
