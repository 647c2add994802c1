'use strict';
// What people do again and again, found by role and label as a person finds it.

const assert = require('node:assert');

const DIGITS = '零一二三四五六七八九十';

// 中文数字 up to 99, or digits.
function number(words) {
  if (/^\d+$/.test(words)) return Number(words);
  const at = words.indexOf('十');
  if (at < 0) return DIGITS.indexOf(words);
  const tens = at === 0 ? 1 : DIGITS.indexOf(words[0]);
  return tens * 10 + (at + 1 < words.length ? DIGITS.indexOf(words[at + 1]) : 0);
}

// 三加五等于几
function solve(question) {
  const found = /([零一二三四五六七八九十\d]+)\s*(加|减|乘以?)\s*([零一二三四五六七八九十\d]+)/.exec(question);
  assert.ok(found, `no sum in: ${question}`);
  const [one, other] = [number(found[1]), number(found[3])];
  if (found[2] === '加') return one + other;
  return found[2] === '减' ? one - other : one * other;
}

// A field by the words of its label; the star of a required one is no part of them.
function field(page, label) {
  return page.getByRole('main').getByLabel(new RegExp(`^\\s*${label}\\s*\\*?$`));
}

// The captcha as somebody answers it who cannot see the picture.
async function captcha(page) {
  const main = page.getByRole('main');
  const other = main.getByRole('link', { name: '看不清图片？改用文字问答' }).or(main.getByRole('button', { name: '看不清图片？改用文字问答' }));
  if (await other.count()) await other.click();
  const question = main.getByText(/请回答：.*等于几/);
  await question.waitFor();
  await field(page, '(图形)?验证码').fill(String(solve(await question.innerText())));
}

// The newest code for a phone, from the page of the demonstration; not one of those already seen.
const seen = new Set();
async function code(page, phone) {
  const masked = `${phone.slice(0, 3)}****${phone.slice(-4)}`;
  const until = Date.now() + 15000;
  while (Date.now() < until) {
    const text = (await (await page.request.get('/demo/inbox')).text()).replace(/<[^>]+>/g, ' ');
    for (const piece of text.split(/(?=1\d{2}\*{4}\d{4})/)) {
      const found = piece.startsWith(masked) && /验证码\s*(\d{6})/.exec(piece);
      if (found && !seen.has(masked + found[1])) {
        seen.add(masked + found[1]);
        return found[1];
      }
    }
    await page.waitForTimeout(250);
  }
  throw new Error(`no code for ${masked} on /demo/inbox`);
}

// Chooses level by level; every level below arrives from the server.
async function choose(page, legend, values) {
  const group = page.getByRole('group', { name: legend });
  for (const [at, label] of values.entries()) {
    const select = group.getByRole('combobox').nth(at);
    await select.locator('option', { hasText: label }).first().waitFor({ state: 'attached' });
    await select.selectOption({ label });
  }
}

// Opens every agreement, reads it to its end and ticks its box.
async function agree(page) {
  const boxes = await page.getByRole('main').getByRole('checkbox', { name: /协议|授权书|同意书/ }).all();
  for (const box of boxes) {
    assert.ok(await box.isDisabled(), 'a box can be ticked before its text was read');
    const link = box.locator('xpath=..').getByRole('link');
    const [text] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await text.getByRole('heading', { level: 1 }).waitFor();
    await text.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await text.getByText('您已阅读到协议末尾').waitFor();
    await text.close();
    await box.check();
  }
  return boxes.length;
}

// Asks for a code by its button. One phone gets one code a minute: who is too early is told, waits and answers the new question.
async function askCode(page, phone) {
  const main = page.getByRole('main');
  const button = main.getByRole('button', { name: /^(重新)?获取验证码$/ });
  const question = main.getByText(/等于几/);
  for (;;) {
    await button.click({ timeout: 75000 });
    await main.getByText(/验证码已发送至|过于频繁/).first().waitFor();
    if (await main.getByText(/验证码已发送至/).isVisible()) break;
    page.allowed.push('429');
    await button.waitFor({ timeout: 75000 });
    if (await question.count()) await field(page, '(图形)?验证码').fill(String(solve(await question.innerText())));
  }
  const digits = await code(page, phone);
  await field(page, '(短信|手机)验证码').fill(digits);
  return digits;
}

const HOME = ['河北省', '沧州市', '运河区', '南湖街道'];

// 用户注册, filled up to the button.
async function fillRegistration(page, firm, { phone = false } = {}) {
  await captcha(page);
  await field(page, '企业全称').fill(firm.name);
  await field(page, phone ? '法定代表人/经营者姓名' : '法人姓名').fill(firm.representative);
  await choose(page, /注册地址/, HOME);
  await field(page, '手机号').fill(firm.phone);
  await askCode(page, firm.phone);
  await field(page, '密码').fill(firm.password);
  await field(page, '确认密码').fill(firm.password);
  assert.strictEqual(await agree(page), 3);
}

async function register(page, firm) {
  await page.goto('/register');
  await fillRegistration(page, firm);
  await page.getByRole('button', { name: '立即注册' }).click();
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
}

async function signIn(page, account, password, { staff = false } = {}) {
  if (!/login/.test(page.url())) await page.goto(staff ? '/staff/login' : '/login');
  await captcha(page);
  await field(page, '账号').fill(account);
  await field(page, '密码').fill(password);
  await page.getByRole('main').getByRole('button', { name: '登录', exact: true }).click();
  await page.waitForURL((url) => !/login/.test(url.pathname));
}

module.exports = { HOME, agree, askCode, captcha, choose, code, field, fillRegistration, register, signIn, solve };
