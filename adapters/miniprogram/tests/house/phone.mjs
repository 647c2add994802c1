// A person with a phone: the built app in a browser window of its own, on the real server, found by role and label.

import assert from 'node:assert';
import { randomInt } from 'node:crypto';
import { appendFileSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HTML, bundle } from '../harness/bundle.mjs';

const require = createRequire(import.meta.url);
const house = '../../../../tests/browser/walks/house';
const { solve } = require(`${house}/steps.js`);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const OUT = fileURLToPath(new URL('../../out', import.meta.url));
const WAIT = 60000;
export const SIZES = [{ width: 375, height: 812 }, { width: 320, height: 568 }];

const scripts = new Map();

function script(app) {
  if (!scripts.has(app)) scripts.set(app, bundle(app));
  return scripts.get(app);
}

/** What whole.test.mjs asks about all walks together. */
function note(what) {
  if (process.env.MINI_JOURNAL) appendFileSync(process.env.MINI_JOURNAL, `${what}\n`);
}

function type(name) {
  if (name.endsWith('.png')) return 'image/png';
  return name.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
}

/** Opens the app. `open` names another first page; `scene` is what a scanned code carries. */
export async function phone(browser, site, app, { size = SIZES[0], scene, open, storage = {} } = {}) {
  const context = await browser.newContext({
    baseURL: site,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: size,
    hasTouch: false,
    permissions: ['camera'],
    reducedMotion: 'reduce',
    extraHTTPHeaders: { 'X-Forwarded-For': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` },
  });
  context.setDefaultTimeout(WAIT);
  await context.route('**/__mini/**', (route) => {
    const name = new URL(route.request().url()).pathname.replace('/__mini/', '') || 'index.html';
    if (name === 'index.html') return route.fulfill({ body: HTML, contentType: type(name) });
    if (name === 'bundle.js') return route.fulfill({ body: script(app), contentType: type(name) });
    return route.fulfill({ body: readFileSync(path.join(app, name)), contentType: type(name) });
  });
  await context.addInitScript((kept) => {
    for (const [name, value] of Object.entries(kept)) localStorage.setItem(`wx:yjr.${name}`, JSON.stringify(value));
  }, storage);
  const page = await context.newPage();
  const one = new Phone(page, context);
  const asked = new URLSearchParams(Object.entries({ scene, open }).filter(([, value]) => value !== undefined));
  await page.goto(`/__mini/?${asked}`);
  return one;
}

class Phone {
  constructor(page, context) {
    this.page = page;
    this.context = context;
    this.problems = [];
    page.on('pageerror', (error) => this.problems.push(`page error: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.problems.push(`console: ${message.text()}`);
    });
  }

  // --- finding things

  button(name) { return this.page.getByRole('button', { name, exact: typeof name === 'string' }); }
  field(label) { return this.page.locator('main').getByLabel(typeof label === 'string' ? new RegExp(`^${label}(，必填)?$`) : label).locator('visible=true'); }
  text(words) { return this.page.getByText(words).locator('visible=true').first(); }

  async tap(name, role = 'button') {
    await this.page.getByRole(role, { name, exact: typeof name === 'string' }).locator('visible=true').first().click();
  }

  async fill(label, value) { await this.field(label).fill(value); }
  async tab(name) { await this.page.locator('#tabs').getByRole('button', { name }).click(); }
  /** Back, as often as it takes, to where the tabs are; then there. */
  async toTab(name) {
    const back = this.page.getByRole('button', { name: '返回上一页' });
    while (await back.isVisible()) await back.click();
    await this.tab(name);
  }

  /** Taps until a photo was read, so often at most. A busy machine says that it is busy, and then one types: answers whether it was read. */
  async readUntil(button, done, tries = 1) {
    for (let tried = 0; tried < tries; tried += 1) {
      await this.idle();
      if (await done()) return true;
      await this.page.locator('main').getByRole('button', { name: button }).locator('visible=true').first().click();
      await this.idle();
    }
    if (await done()) return true;
    await this.sees(/识别暂时不可用|识别的人较多/);
    return false;
  }

  idle() { return this.page.waitForFunction(() => !window.host.data().busy && !window.host.data().reading); }

  async title(words) { await this.page.getByRole('heading', { name: words, level: 1, exact: true }).locator('visible=true').waitFor(); }
  async at(route) { await this.page.waitForFunction((wanted) => window.host.route() === wanted, `pages/${route}/${route}`); }
  async sees(words) { await this.text(words).waitFor(); }
  set(what) { return this.page.evaluate((given) => Object.assign(window.host.state, given), what); }
  open(url) { return this.page.evaluate((to) => window.host.push(to), url); }
  back() { return this.page.evaluate(() => window.host.back()); }
  pull() { return this.page.evaluate(() => window.host.pull()); }
  requests() { return this.page.evaluate(() => window.host.state.requests); }
  async photo(...buffers) { await this.set({ photo: buffers.map((buffer) => buffer.toString('base64')) }); }

  // --- doing what people do again and again

  /** The captcha as somebody answers it who cannot see the picture. */
  async captcha() {
    const words = this.button('看不清图片？改用文字问答').locator('visible=true');
    const question = this.page.getByText(/请回答：.*等于几/).locator('visible=true');
    await words.or(question).first().waitFor();
    if (await words.count()) await words.click();
    await question.waitFor();
    await this.fill('图形验证码', String(solve(await question.innerText())));
  }

  /** The newest code for a phone, from the page of the demonstration. */
  async inbox(number) {
    const masked = `${number.slice(0, 3)}****${number.slice(-4)}`;
    for (let tried = 0; tried < 120; tried += 1) {
      const text = (await (await this.context.request.get('/demo/inbox')).text()).replace(/<[^>]+>/g, ' ');
      for (const piece of text.split(/(?=1\d{2}\*{4}\d{4})/)) {
        const found = piece.startsWith(masked) && /验证码\s*(\d{6})/.exec(piece);
        if (found && !seen.has(masked + found[1])) {
          seen.add(masked + found[1]);
          return found[1];
        }
      }
      await this.page.waitForTimeout(250);
    }
    throw new Error(`no code for ${masked} on /demo/inbox`);
  }

  async code(number, label = '短信验证码') {
    await this.captcha();
    await this.tap('获取验证码');
    await this.sees(/验证码已发送至/);
    await this.fill(label, await this.inbox(number));
  }

  async choose(labels, from) {
    await this.page.locator('main').getByRole('button', { name: from }).locator('visible=true').first().click();
    for (const label of labels) await this.page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click();
  }

  /** Opens every text that was not read yet, reads it to its end and ticks its box. */
  async agree({ look = '' } = {}) {
    const boxes = this.page.locator('main').getByRole('checkbox', { name: /协议|授权书|同意书/ }).locator('visible=true');
    await boxes.first().waitFor();
    const count = await boxes.count();
    for (let at = 0; at < count; at += 1) {
      const name = /《.*》/.exec(await boxes.nth(at).getAttribute('aria-label'))[0];
      const box = boxes.nth(at);
      if (await box.locator('xpath=..').getByText('阅读全文后可以勾选').count()) {
        await this.tap(name, 'link');
        await this.at('agreement');
        await this.page.getByText('全文完').waitFor();
        if (look && at === 0) await this.look(look);
        await this.page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        await this.tap('我已阅读，返回勾选');
      }
      await box.click();
    }
    return count;
  }

  async signIn(account, password) {
    await this.at('enter');
    await this.fill('账号', account);
    await this.fill('密码', password);
    await this.captcha();
    await this.page.locator('main').getByRole('button', { name: '登录', exact: true }).click();
  }

  /** Signed in, from wherever the app stands. */
  async enter(account, password) {
    await this.tab('我的');
    await this.tap(/点击登录/);
    await this.signIn(account, password);
    await this.at('mine');
    await this.sees('申请记录');
  }

  // --- looking

  async wide() {
    return this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return '';
      const out = [...document.querySelectorAll('main *')].filter((node) => node.getBoundingClientRect().right > width + 1);
      return `${document.documentElement.scrollWidth} wide at ${width}: ${out.slice(0, 3).map((node) => node.outerHTML.slice(0, 160)).join(' | ')}`;
    });
  }

  async faults() {
    await this.page.evaluate(`window.axe || ${axe};0`);
    return this.page.evaluate(async () => {
      const found = await window.axe.run(document, { resultTypes: ['violations'], rules: { 'page-has-heading-one': { enabled: false } } });
      return found.violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join(' | ')}`);
    });
  }

  /** The page as it stands: accessible, no wider than the phone at both sizes; a picture of each when asked for. */
  async look(name) {
    const size = this.page.viewportSize();
    assert.deepStrictEqual(await this.faults(), [], name);
    for (const one of SIZES) {
      await this.page.setViewportSize(one);
      assert.strictEqual(await this.wide(), '', `${name} at ${one.width}`);
      await this.picture(`${name}-${one.width}`);
    }
    await this.page.setViewportSize(size);
    note(`look ${await this.page.evaluate(() => window.host.route())}`);
  }

  async picture(name) {
    if (!process.env.MINI_PICTURES) return;
    mkdirSync(OUT, { recursive: true });
    await this.page.screenshot({ path: path.join(OUT, `${name}.png`), fullPage: true });
    await this.page.screenshot({ path: path.join(OUT, `${name}-screen.png`) });
  }

  /** What went wrong on the way, but for what the walk itself brought about. */
  async quiet() {
    const errors = await this.page.evaluate(() => window.host.errors);
    assert.deepStrictEqual([...errors, ...this.problems], []);
  }

  /** The same person at a computer: the pages of the portal. */
  async web() {
    const { origin } = new URL(this.page.url());
    this.computer = await this.context.browser().newContext({ baseURL: origin, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
    this.computer.setDefaultTimeout(WAIT);
    return this.computer.newPage();
  }

  async close({ failed = '' } = {}) {
    if (failed) {
      mkdirSync(OUT, { recursive: true });
      const file = path.join(OUT, failed.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80));
      await this.page.screenshot({ path: `${file}.png`, fullPage: true }).catch(() => {});
      writeFileSync(`${file}.html`, await this.page.content().catch(String));
      writeFileSync(`${file}.txt`, JSON.stringify({ problems: this.problems, host: await this.page.evaluate(() => ({ errors: window.host.errors, requests: window.host.state.requests, route: window.host.route() })).catch(String) }, null, 1));
    }
    await this.computer?.close();
    await this.context.close();
  }
}

const seen = new Set();
