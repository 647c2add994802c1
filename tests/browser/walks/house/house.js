'use strict';
// The house of the walks: one server, one browser, people with a browser window each.

const { randomInt } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { chromium } = require('playwright-core');
const { look, lookTwice, printed, problems, watch } = require('./look');
const { writeCamera } = require('./papers');
const server = require('./server');

const OUT = path.join(__dirname, '../../out');
const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 812 };
// With the minute that one phone waits between two codes, on a busy machine.
const WALK_WITHIN = 300000;
// For one step, where other work keeps the machine busy.
const WAIT = 45000;

let site;
let browser;
let folder;
let open = [];

// The server of the whole run when run.mjs started one, else one of this file's own.
async function enter() {
  site = process.env.WALKS_URL ? { url: process.env.WALKS_URL, stop: async () => {} } : await server.start();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'walks-camera-'));
  const camera = path.join(folder, 'camera.y4m');
  writeCamera(camera);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${camera}`,
    ],
  });
}

async function leave() {
  await browser?.close();
  await site?.stop();
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
}

// A person with a browser of their own: no cookie is shared, and the address is another one.
async function person({ phone = false, script = true, width, camera = true, ...more } = {}) {
  const viewport = phone ? PHONE : DESKTOP;
  const context = await browser.newContext({
    baseURL: site.url,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: width ? { ...viewport, width } : viewport,
    hasTouch: phone,
    isMobile: phone,
    javaScriptEnabled: script,
    permissions: camera ? ['camera'] : [],
    extraHTTPHeaders: { 'X-Forwarded-For': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` },
    ...more,
  });
  context.setDefaultTimeout(WAIT);
  context.on('page', (page) => {
    page.scripted = script;
    watch(page);
    open.push(page);
  });
  return context.newPage();
}

// A window is kept open until its walk has ended, so that a failure leaves a picture of it.
async function keepPictures(name) {
  fs.mkdirSync(OUT, { recursive: true });
  for (const [at, page] of open.entries()) {
    if (page.isClosed()) continue;
    const file = path.join(OUT, `${name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80)}-${at + 1}`);
    await page.screenshot({ path: `${file}.png`, fullPage: true }).catch(() => {});
    fs.writeFileSync(`${file}.html`, `<!-- ${page.url()} -->\n${await page.content().catch(String)}`);
  }
}

// One walk: a test that ends with a quiet console in every window.
function walk(name, steps, within = WALK_WITHIN) {
  test(name, { timeout: within }, async (t) => {
    open = [];
    try {
      await steps(t);
      for (const page of open) {
        const said = problems(page);
        if (said.length) throw new Error(`${page.url()}:\n${said.join('\n')}`);
      }
    } catch (error) {
      await keepPictures(name);
      throw error;
    } finally {
      await Promise.all([...new Set(open.map((page) => page.context()))].map((context) => context.close()));
    }
  });
}

test.before(enter);
test.after(leave);

module.exports = {
  look,
  lookTwice,
  person,
  printed,
  walk,
  browser: () => browser,
  url: () => site.url,
  DESKTOP,
  PHONE,
};
