// One walk is one test: phones that it opens are closed at its end, and must have been quiet.

import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { build } from '../../build.mjs';
import { phone } from './phone.mjs';

const require = createRequire(import.meta.url);
const browserHouse = '../../../../tests/browser/walks/house';
const server = require(`${browserHouse}/server.js`);
const { papers, writeCamera } = require(`${browserHouse}/papers.js`);
const numbers = require(`${browserHouse}/numbers.js`);

export const DEMO = require(`${browserHouse}/steps.js`).DEMO;
export const ownerOf = require(`${browserHouse}/demo.js`).phone;

const WALK_WITHIN = 300000;

let site;
let app;
let folder;
let browser;

test.before(async () => {
  site = process.env.MINI_URL ? { url: process.env.MINI_URL, stop: async () => {} } : await server.start();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mini-'));
  app = process.env.MINI_APP ?? path.join(build({ city: 'cangzhou', server: site.url, out: path.join(folder, 'app') }), 'miniprogram');
  const camera = path.join(folder, 'camera.y4m');
  writeCamera(camera);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
    args: ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`],
  });
});

test.after(async () => {
  await browser?.close();
  await site?.stop();
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
});

/** `steps` gets a function that opens another phone. */
export function walk(name, steps) {
  test(name, { timeout: WALK_WITHIN }, async () => {
    const open = [];
    const another = async (options) => {
      const one = await phone(browser, site.url, app, options);
      open.push(one);
      return one;
    };
    let failed = name;
    try {
      await steps(another);
      for (const one of open) await one.quiet();
      failed = '';
    } finally {
      for (const [at, one] of open.entries()) await one.close({ failed: failed && `${failed}-${at + 1}` });
    }
  });
}

/** Somebody whom nobody knows yet, with the photos of their papers. */
export async function stranger() {
  const firm = numbers.enterprise();
  return { firm, papers: await papers(browser, firm) };
}

export const url = () => site.url;
