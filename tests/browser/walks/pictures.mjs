// Pictures of the real pages for the README: `node walks/pictures.mjs` writes docs/pictures/.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const { enterprise } = require('./house/numbers');
const { papers, writeCamera } = require('./house/papers');
const server = require('./house/server');
const steps = require('./house/steps');

const { DEMO } = steps;
const OUT = path.join(server.root, 'docs/pictures');
const MOST = 200 * 1024;
let browser;
let site;

async function person(phone = false) {
  const context = await browser.newContext({
    baseURL: site.url,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: phone ? { width: 375, height: 812 } : { width: 1280, height: 900 },
    isMobile: phone,
    hasTouch: phone,
    permissions: ['camera'],
  });
  context.setDefaultTimeout(30000);
  context.on('page', (page) => (page.allowed = []));
  return context.newPage();
}

// The best quality that keeps a picture small.
async function keep(page, name, more = {}) {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => window.scrollTo(0, 0));
  for (const quality of [86, 76, 66, 50]) {
    const picture = await page.screenshot({ type: 'jpeg', quality, ...more });
    if (picture.length > MOST && quality > 50) continue;
    fs.writeFileSync(path.join(OUT, `${name}.jpg`), picture);
    console.log(`${name}.jpg ${Math.round(picture.length / 1024)} KB`);
    return;
  }
}

const tall = (height) => ({ fullPage: true, clip: { x: 0, y: 0, width: 1280, height } });

async function visitor() {
  const page = await person();
  await page.goto('/');
  await keep(page, 'home', tall(1700));
  await page.goto('/market');
  await keep(page, 'market', tall(1300));
  await page.goto(`/market?q=${encodeURIComponent(DEMO.product)}`);
  await page.getByRole('link', { name: new RegExp(`^查看详情\\+\\s*：${DEMO.product}$`) }).click();
  await page.getByRole('heading', { level: 1, name: DEMO.product }).waitFor();
  await keep(page, 'product', tall(1200));
  const phone = await person(true);
  await phone.goto('/register?from=qr');
  await keep(phone, 'register-phone', { fullPage: true, clip: { x: 0, y: 0, width: 375, height: 1500 } });
}

async function newcomer() {
  const page = await person();
  const firm = { ...enterprise(), name: DEMO.fresh.name, representative: DEMO.fresh.person, phone: DEMO.fresh.phone };
  await steps.signIn(page, firm.phone, DEMO.password);
  await page.goto('/enterprise/profile');
  await steps.fillProfile(page, firm, await papers(browser, firm));
  await keep(page, 'profile', tall(1500));
  await page.getByRole('button', { name: '保存并继续' }).click();
  await steps.consentToFace(page);
  await page.getByRole('button', { name: '开始核验' }).click();
  await page.getByRole('button', { name: '拍照', exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0);
  await keep(page, 'face', tall(1100));
}

async function applicant() {
  const page = await person();
  await steps.signIn(page, DEMO.complete.phone, DEMO.password);
  await keep(page, 'enterprise', tall(1000));
  await steps.openProduct(page, DEMO.product);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await steps.fillApplication(page, { branch: DEMO.branch });
  await page.getByRole('button', { name: '提交申请' }).click();
  await page.getByRole('heading', { name: '核对信息' }).waitFor();
  await keep(page, 'check', tall(1300));
  const number = await steps.submit(page);
  await page.goto('/enterprise/applications');
  await keep(page, 'applications', tall(1100));
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await page.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await keep(page, 'application', tall(1300));
  return number;
}

async function clerk(number) {
  const page = await person();
  await steps.signIn(page, DEMO.clerk, DEMO.password, { staff: true });
  await keep(page, 'branch-desk', tall(900));
  await page.goto(`/branch/applications?q=${number}`);
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await page.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await keep(page, 'branch-detail', tall(1400));
}

async function headquarters() {
  const page = await person();
  await steps.signIn(page, 'canghai-ha1', DEMO.password, { staff: true });
  await page.goto('/hq');
  await keep(page, 'hq', tall(1200));
  await page.goto('/hq/board');
  await keep(page, 'hq-board', tall(1100));
}

async function city() {
  const page = await person();
  await steps.signIn(page, 'city-op1', DEMO.password, { staff: true });
  await page.goto('/operator');
  await keep(page, 'operator', tall(1100));
  await page.goto('/operator/statistics');
  await keep(page, 'statistics', tall(1300));
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto('/screen');
  await keep(page, 'screen');
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'walks-camera-'));
const camera = path.join(folder, 'camera.y4m');
writeCamera(camera);
fs.mkdirSync(OUT, { recursive: true });
site = await server.start();
try {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell',
    args: ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${camera}`],
  });
  await visitor();
  await newcomer();
  await clerk(await applicant());
  await headquarters();
  await city();
} finally {
  await browser?.close();
  await site.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
