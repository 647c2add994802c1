// Everything: the sources, then the walks on one real server with the demonstration's data.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build.mjs';

const require = createRequire(import.meta.url);
const house = '../../../tests/browser/walks/house';
const server = require(`${house}/server.js`);
const quiet = require.resolve(`${house}/quiet.js`);

const here = path.dirname(fileURLToPath(import.meta.url));
const asked = process.argv.slice(2);
const named = (name) => asked.length === 0 || asked.some((part) => name.includes(part));
const files = (folder) => fs.readdirSync(path.join(here, folder)).filter((name) => name.endsWith('.test.mjs')).filter(named).map((name) => path.join(here, folder, name));
const walks = files('walks');
const alone = files('alone');

function tests(files, side, env) {
  const flags = ['--test', `--test-concurrency=${side}`, '--test-timeout=600000', '--test-reporter=spec'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, ...files], { stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main() {
  fs.rmSync(path.join(here, '../out'), { recursive: true, force: true });
  let bad = named('source') ? await tests([path.join(here, 'source.test.mjs')], 1, {}) : 0;
  if (!walks.length && !alone.length) return bad;
  const site = await server.start();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mini-app-'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => site.stop().then(() => process.exit(1)));
  try {
    const app = path.join(build({ city: 'cangzhou', server: site.url, out: folder }), 'miniprogram');
    // Walks wait a lot, for codes and answers: six side by side keep two cores busy.
    const env = { MINI_URL: site.url, MINI_APP: app, MINI_JOURNAL: path.join(folder, 'journal') };
    if (walks.length) bad |= await tests(walks, 6, env);
    // A photo is read behind everything else that the machine does.
    if (alone.length) bad |= await tests(alone, 1, env);
    if (!asked.length) bad |= await tests([path.join(here, 'whole.test.mjs')], 1, env);
    bad |= await tests([quiet], 1, { WALKS_LOG: site.log });
    if (bad) {
      fs.mkdirSync(path.join(here, '../out'), { recursive: true });
      fs.copyFileSync(site.log, path.join(here, '../out/server.log'));
    }
  } finally {
    await site.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return bad;
}

process.exit((await main()) ? 1 : 0);
