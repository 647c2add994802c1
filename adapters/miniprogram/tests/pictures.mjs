// Pages at 375 and 320 pixels in out/, then the README's picture: five phones side by side.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const SHOWN = ['home', 'product', 'apply', 'check', 'record'];
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const walks = spawnSync(process.execPath, [at('run.mjs'), 'visitor', 'register', 'apply', 'profile', 'account', 'network'], {
  stdio: 'inherit',
  env: { ...process.env, MINI_PICTURES: '1' },
});
if (walks.status !== 0) process.exit(walks.status ?? 1);

const phones = SHOWN.map((name) => `<img src="data:image/png;base64,${readFileSync(at(`../out/${name}-375-screen.png`)).toString('base64')}">`);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1360, height: 590 } });
await page.setContent(`<style>body{margin:0;padding:20px;display:flex;justify-content:space-between;background:#E3E8EF}img{width:250px;border-radius:14px}</style>${phones.join('')}`);
await page.screenshot({ path: at('../../../docs/pictures/mini-program.jpg'), type: 'jpeg', quality: 82 });
await browser.close();
