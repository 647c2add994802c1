'use strict';
// One real server with the demonstration's data, on a free port and a data folder of its own.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '../../../..');
const START_WITHIN = 120000;

function program() {
  const target = process.env.CARGO_TARGET_DIR || path.join(root, 'target');
  return process.env.YIJIANRONG_BIN || path.join(target, 'debug/yijianrong');
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// Its settings come from here alone: what the shell happens to hold must not reach it.
function settings() {
  const kept = {};
  for (const name of ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'RUST_LOG', 'RUST_BACKTRACE']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  // Every person of the walks comes from an address of their own, as behind a proxy.
  return { ...kept, YJR_TRUSTED_PROXIES: '1' };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

// Resolves to {url, pid, log, data, port, stop}; `stop` ends the process by its id and removes its data.
async function start({ host = '127.0.0.1', catalog } = {}) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'yijianrong-walks-'));
  // The database cluster runs as another user when we are root.
  fs.chmodSync(data, 0o755);
  const port = await freePort();
  const log = path.join(data, 'server.log');
  const out = fs.openSync(log, 'a');
  const more = catalog ? ['--catalog', catalog] : [];
  const child = spawn(program(), ['serve', '--data', data, '--listen', `${host}:${port}`, ...more], {
    cwd: root,
    env: settings(),
    stdio: ['ignore', out, out],
  });
  fs.closeSync(out);
  let over = null;
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve((over = String(error))));
    child.once('exit', (code, signal) => resolve((over = `ended with ${code ?? signal}`)));
  });
  const url = `http://${host}:${port}`;
  const stop = async () => {
    if (over === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15000);
      await ended;
      clearTimeout(timer);
    }
    fs.rmSync(data, { recursive: true, force: true });
  };
  const until = Date.now() + START_WITHIN;
  while (!(await answers(`${url}/readyz`))) {
    if (over !== null || Date.now() > until) {
      const said = fs.readFileSync(log, 'utf8').slice(-4000);
      await stop();
      throw new Error(`the server did not start (${over ?? 'too slow'}):\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, pid: child.pid, log, data, port, stop };
}

// A command of the program, as somebody types it; answers {code, said}.
function command(...words) {
  const done = spawnSync(program(), words, { cwd: root, env: settings(), encoding: 'utf8', timeout: 120000 });
  return { code: done.status, said: `${done.stdout}${done.stderr}` };
}

module.exports = { start, command, root };
