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

// A field by the words of its label; the star of a required one is no part of them, nor is the colon that some forms print.
function field(page, label) {
  return page.getByRole('main').getByLabel(new RegExp(`^\\s*\\*?\\s*${label}:?\\s*\\*?$`));
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
  const until = Date.now() + 45000;
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

const agreements = (page) => page.getByRole('main').getByRole('checkbox', { name: /协议|授权书|同意书/ });

// Opens every agreement that was not read yet, reads it to its end and ticks its box.
async function agree(page) {
  const boxes = await agreements(page).all();
  for (const box of boxes) {
    if (await box.isEnabled()) {
      await box.check();
      continue;
    }
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
    await button.click({ timeout: 100000 });
    await main.getByText(/验证码已发送至|过于频繁/).first().waitFor();
    if (await main.getByText(/验证码已发送至/).isVisible()) break;
    page.allowed.push('429');
    await button.waitFor({ timeout: 100000 });
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

// What weighs asks for the password once more; the page that was wanted comes next.
async function prove(page, password) {
  await page.getByRole('heading', { name: '验证身份', level: 1 }).waitFor();
  await field(page, '登录密码').fill(password);
  await page.getByRole('button', { name: '验证并继续' }).click();
}

const PAPERS = { licence: '营业执照照片', front: '法人身份证正面照片', back: '法人身份证反面照片' };
const TRADE = ['第二产业', '通用设备制造业', '金属加工机械制造'];

// 完善信息, filled up to the button; the papers go up one by one as they are chosen.
async function fillProfile(page, firm, papers) {
  for (const [name, label] of Object.entries(PAPERS)) {
    await field(page, label).setInputFiles(papers[name]);
    await page.getByText(`${label}已上传`).waitFor();
  }
  await captcha(page);
  await fillFacts(page, firm);
  await askCode(page, firm.phone);
}

async function fillFacts(page, firm) {
  await field(page, '企业名称').fill(firm.name);
  await field(page, '统一社会信用代码').fill(firm.creditCode);
  await field(page, '注册资本').fill('1000');
  await field(page, '法定代表人姓名').fill(firm.representative);
  await field(page, '法定代表人身份证号').fill(firm.idNumber);
  await field(page, '法定代表人联系电话').fill(firm.phone);
  await choose(page, /注册区县/, HOME);
  await choose(page, /所属行业/, TRADE);
  await field(page, '详细地址').fill(firm.address);
  await field(page, '密码').fill(firm.password);
  await field(page, '确认密码').fill(firm.password);
}

// Before the camera: `outcome` is what the demonstration is asked to answer.
async function showFace(page, outcome) {
  await page.getByRole('radio', { name: outcome, exact: true }).check();
  await page.getByRole('button', { name: /开始核验|重新尝试/ }).click();
  const take = page.getByRole('button', { name: '拍照', exact: true });
  await take.waitFor();
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0);
  await take.click();
  await page.getByRole('button', { name: '使用这张照片核验' }).click();
}

// 人脸核验单独同意, then the camera page.
async function consentToFace(page) {
  await page.getByRole('heading', { name: '人脸核验单独同意', level: 1 }).waitFor();
  assert.strictEqual(await agree(page), 1);
  await page.getByRole('button', { name: '同意并继续' }).click();
  await page.getByRole('heading', { name: '人脸核验', exact: true, level: 1 }).waitFor();
}

// 需求申请, filled up to the button; answers what was chosen.
async function fillApplication(page, { amount = '120', term = '3', rate = '3.75', branch } = {}) {
  await field(page, '期望融资金额:').fill(amount);
  await field(page, '期望融资期限:').fill(term);
  await field(page, '期望融资利率:').fill(rate);
  const select = field(page, '选择受理支行:');
  const options = await select.locator('option').allInnerTexts();
  const chosen = options.find((text) => (branch ? text.includes(branch) : /支行/.test(text) && !/请选择/.test(text)));
  assert.ok(chosen, `no ${branch} among ${options}`);
  await select.selectOption({ label: chosen });
  assert.strictEqual(await agree(page), 2);
}

// 确认提交; answers the application number.
async function submit(page) {
  await page.getByRole('heading', { name: '核对信息' }).waitFor();
  const again = page.getByRole('checkbox', { name: /仍要提交/ });
  if (await again.count()) await again.check();
  await page.getByRole('button', { name: '确认提交' }).click();
  await page.getByRole('heading', { name: '融资需求已提交' }).waitFor();
  return /PO\d{11,}/.exec(await page.getByRole('main').innerText())[0];
}

// The product of the market with this name, then 立即申请 below its detail.
async function openProduct(page, name) {
  await page.goto(`/market?q=${encodeURIComponent(name)}`);
  await page.getByRole('link', { name: new RegExp(`^查看详情\\+\\s*：${name}$`) }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await page.getByRole('main').getByRole('link', { name: '立即申请' }).first().click();
}

// Sign-ins of the demonstration.
const DEMO = {
  password: 'Demo-2026-yjr',
  complete: { name: '沧州市瀚岳澜管道装备有限公司', phone: '19900002037' },
  second: { name: '泊头市铸锦朔模具有限公司', phone: '19900002111' },
  unverified: { name: '沧州市云栎智软件科技有限公司', phone: '19900002407', person: '殷知栎', id: '130903189602290025' },
  fresh: { name: '沧州市途骁达物流有限公司', phone: '19900002999', person: '费致远' },
  clerk: 'canghai-yunhe-bm1',
  otherClerk: 'canghai-yunhe-bm2',
  approver: 'canghai-yunhe-ba1',
  branch: '沧海惠民银行运河支行',
  product: '惠民抵押贷',
};

module.exports = {
  DEMO,
  HOME,
  PAPERS,
  TRADE,
  agree,
  agreements,
  askCode,
  captcha,
  choose,
  code,
  consentToFace,
  field,
  fillApplication,
  fillFacts,
  fillProfile,
  fillRegistration,
  openProduct,
  prove,
  register,
  showFace,
  signIn,
  solve,
  submit,
};
