'use strict';
// Every part in a present-day browser: accessibility, widths, and what the script adds.

const assert = require('node:assert');
const fs = require('node:fs');
const test = require('node:test');
const { chromium } = require('playwright-core');
const gallery = require('./gallery');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let site;
let browser;

async function visit(name, options = {}) {
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  await page.goto(`${site.url}/${name}.html`);
  return page;
}

test.before(async () => {
  site = await gallery.open();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium-headless-shell', args: FLAGS });
});

test.after(async () => {
  await browser?.close();
  site?.close();
});

test('no page of the gallery violates an accessibility rule, logs an error or scrolls sideways', async () => {
  assert.ok(site.pages.length > 8);
  for (const name of site.pages) {
    for (const width of [1280, 768, 375, 320]) {
      const page = await visit(name, { viewport: { width, height: 800 }, bypassCSP: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name} at ${width} is ${wide} wide`);
      assert.deepStrictEqual(page.problems, [], `${name} at ${width}`);
      if (width === 1280 || width === 375) {
        await page.addScriptTag({ content: axe });
        const faults = await page.evaluate(async () => (await window.axe.run()).violations.map((v) => `${v.id}: ${v.nodes[0].html}`));
        assert.deepStrictEqual(faults, [], `${name} at ${width}`);
      }
      await page.context().close();
    }
  }
});

test('choosing a province loads the cities and clears what was below', async () => {
  const page = await visit('form');
  await page.selectOption('[name=province]', '13');
  await page.locator('[name=city] option[value="1309"]').waitFor({ state: 'attached' });
  await page.selectOption('[name=city]', '1309');
  await page.locator('[name=county] option[value="130903"]').waitFor({ state: 'attached' });
  await page.selectOption('[name=county]', '130903');
  await page.locator('[name=town] option', { hasText: '没有下一级' }).waitFor({ state: 'attached' });
  await page.selectOption('[name=province]', '11');
  assert.ok(await page.locator('[name=county]').isDisabled());
  assert.deepStrictEqual(page.problems, []);
});

test('the code button explains a wrong captcha at its field and counts down after a right one', async () => {
  const page = await visit('form');
  await page.getByRole('button', { name: '获取验证码' }).click();
  assert.ok(await page.locator('#f-phone-error').isVisible());
  await page.getByLabel('手机号').fill('13800001234');
  await page.locator('#f-captcha').fill('bad');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.locator('#f-captcha-error', { hasText: '图形验证码不正确，请重新输入。' }).waitFor();
  await page.locator('#f-captcha').fill('good');
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByRole('button', { name: /\d+ 秒后重新获取/ }).waitFor();
  assert.ok(await page.getByText('验证码已发送至 138****1234').isVisible());
});

test('an agreement can be ticked only after its text was read to the end', async () => {
  const page = await visit('form');
  const box = page.locator('[name=enterprise-credit]');
  assert.ok(await box.isDisabled());
  const [text] = await Promise.all([
    page.context().waitForEvent('page'),
    page.locator('[data-agreement=enterprise-credit] a').click(),
  ]);
  await text.waitForLoadState();
  // The sample text always has the code `service`; here it stands for the one that was opened.
  await text.evaluate(() => localStorage.setItem('agreement-read:enterprise-credit', String(Date.now())));
  await page.locator('[name=enterprise-credit]:enabled').waitFor();
  await box.check();
  assert.ok(await page.locator('[name=personal-credit]').isDisabled());
});

test('the agreement page notes that its end was reached', async () => {
  const page = await visit('agreement', { viewport: { width: 1280, height: 320 } });
  assert.strictEqual(await page.evaluate(() => localStorage.getItem('agreement-read:service')), null);
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await page.getByText('您已阅读到协议末尾').waitFor();
  assert.ok(Number(await page.evaluate(() => localStorage.getItem('agreement-read:service'))) > 0);
});

test('a photo is shown, sent at once and not sent a second time with the form', async () => {
  const page = await visit('complete');
  const input = page.locator('#f-licence');
  await input.setInputFiles({ name: '执照.png', mimeType: 'image/png', buffer: PNG });
  await page.locator('[data-upload-name=licence]').getByText('已上传', { exact: true }).waitFor();
  assert.ok(await page.locator('[data-upload-name=licence] img').isVisible());
  assert.strictEqual(await input.getAttribute('name'), null);
  await input.setInputFiles({ name: '说明.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await page.getByText('文件格式不正确，请按上方要求的格式重新选择。').waitFor();
});

test('several pages go up one after the other, a refused one is named, one too many is told, and each can be removed', async () => {
  const page = await visit('complete');
  const box = page.locator('[data-uploads-name=statement]');
  const input = page.locator('#f-statement');
  const page1 = { name: '一页.png', mimeType: 'image/png', buffer: PNG };
  const items = box.locator('[data-uploads-item]');
  await input.setInputFiles([page1, page1, page1]);
  await box.getByText('最多 4 个文件，已有 2 个，这次选择了 3 个').waitFor();
  assert.strictEqual(await items.count(), 2);
  await input.setInputFiles([page1, { ...page1, name: '坏页.png' }]);
  await box.getByText('已上传 1 个文件；坏页.png：图片已损坏，无法打开。').waitFor();
  assert.strictEqual(await items.count(), 3);
  assert.strictEqual(await input.evaluate((one) => one.files.length), 0);
  await items.first().getByRole('button', { name: /^删除/ }).click();
  await box.getByText('已删除').waitFor();
  assert.strictEqual(await items.count(), 2);
  assert.ok(await box.getByText('已上传 2 个，最多 4 个').isVisible());
  assert.deepStrictEqual(page.problems, []);
});

test('a form does not go out while a chosen page is still on its way or was cut off', async () => {
  const page = await visit('complete');
  const box = page.locator('[data-uploads-name=statement]');
  const input = page.locator('#f-statement');
  let cut = 0;
  await page.route('**/enterprise/profile/upload-page', (route) => {
    cut += 1;
    return route.abort();
  });
  const prevented = () => page.evaluate(() => {
    const form = document.getElementById('f-statement').form;
    const event = document.createEvent('Event');
    event.initEvent('submit', true, true);
    return !form.dispatchEvent(event);
  });
  await input.setInputFiles({ name: '一页.png', mimeType: 'image/png', buffer: PNG });
  await box.getByText('还有 1 个文件没有上传').waitFor();
  assert.strictEqual(cut, 1);
  assert.ok(await prevented());
  await box.getByText('还有 1 个文件没有上传，请等待完成或重试后再提交。').waitFor();
  await box.getByRole('button', { name: '放弃未上传的文件' }).click();
  assert.ok(await box.getByRole('button', { name: '重试' }).isHidden());
  assert.ok(!(await prevented()));
});

test('the camera takes a photo, sends it and explains a refusal', async () => {
  const page = await visit('plain');
  await page.getByRole('button', { name: '开始核验' }).click();
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0);
  await page.getByRole('button', { name: '拍照' }).click();
  await page.getByRole('button', { name: '使用这张照片核验' }).click();
  await page.getByText('照片不清晰，请重新拍摄。').waitFor();
  // A photo that was refused is not sent again.
  assert.strictEqual(await page.getByRole('button', { name: '使用这张照片核验' }).count(), 0);
  assert.ok(await page.getByRole('button', { name: '重新拍摄' }).isVisible());
  const sent = site.asked.filter((one) => one.path === '/face/photo').pop();
  assert.ok(sent.size > 1000 && sent.type.startsWith('multipart/form-data'));
});

test('a confirm link opens a dialog that keeps the focus and gives it back', async () => {
  const page = await visit('detail');
  const link = page.getByRole('link', { name: '撤回申请' });
  await link.click();
  const dialog = page.getByRole('dialog', { name: '要撤回这笔申请吗？' });
  await dialog.waitFor();
  for (let press = 0; press < 5; press += 1) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.querySelector('.dialog').contains(document.activeElement)));
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), '撤回申请');
});

test('a form goes off once, says so, and Enter presses the right button', async () => {
  const page = await visit('form');
  // An answer without content leaves the page as it is.
  await page.route('**/register', (route) => route.fulfill({ status: 204 }));
  await page.getByLabel('企业全称').focus();
  await page.keyboard.press('Enter');
  const button = page.getByRole('button', { name: '正在提交…' });
  await button.waitFor();
  assert.ok(await button.isDisabled());
  assert.strictEqual(await page.locator('.cascade button').isVisible(), false);
});

test('a password can be shown and hidden again', async () => {
  const page = await visit('form');
  const input = page.locator('#f-password');
  await page.locator('[data-password]').first().getByRole('button', { name: '显示密码' }).click();
  assert.strictEqual(await input.getAttribute('type'), 'text');
  await page.getByRole('button', { name: '隐藏密码' }).click();
  assert.strictEqual(await input.getAttribute('type'), 'password');
});

test('the error summary has the focus and leads to the field', async () => {
  const page = await visit('form-errors');
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'error-summary');
  await page.getByRole('link', { name: '手机号应为 11 位数字' }).click();
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'f-phone');
  assert.match(await page.title(), /^有错误：/);
});

test('without script nothing is locked and every helper is a real button', async () => {
  const page = await visit('form', { javaScriptEnabled: false });
  assert.ok(await page.locator('[name=enterprise-credit]').isEnabled());
  for (const name of ['下一级', '换一张', '获取验证码', '立即注册']) {
    const button = page.getByRole('button', { name });
    assert.ok(await button.isVisible(), name);
    assert.strictEqual(await button.getAttribute('type'), 'submit', name);
  }
});

test('the phone menu opens with and without script', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await visit('home', { javaScriptEnabled, viewport: { width: 375, height: 800 } });
    assert.strictEqual(await page.getByRole('link', { name: '惠企政策', exact: true }).isVisible(), false);
    await page.getByRole('link', { name: '菜单' }).click();
    assert.ok(await page.getByRole('link', { name: '惠企政策', exact: true }).isVisible());
  }
});
