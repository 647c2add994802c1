'use strict';
// Without script: registration, information, the face check by a photo, and an application.

const assert = require('node:assert');
const { browser, look, person, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const { papers } = require('./house/papers');
const steps = require('./house/steps');

const { DEMO, field } = steps;
const A_MINUTE = 61000;

// Level by level, each asked for by its button.
async function levels(page, legend, values) {
  for (const [at, label] of values.entries()) {
    const group = page.getByRole('group', { name: legend });
    await group.getByRole('combobox').nth(at).selectOption({ label });
    if (at + 1 < values.length) await group.getByRole('button', { name: '下一级' }).click();
  }
}

async function askCode(page, phone, label) {
  await page.getByRole('button', { name: '获取验证码' }).click();
  await page.getByText(/验证码已发送至/).waitFor();
  await field(page, label).fill(await steps.code(page, phone));
}

async function read(page) {
  const links = await page.getByRole('main').locator('label').getByRole('link').all();
  for (const link of links) {
    const [text] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
    await text.getByRole('heading', { level: 1 }).waitFor();
    await text.close();
  }
}

const tick = async (page) => {
  for (const box of await steps.agreements(page).all()) await box.check();
};

walk('without script an enterprise registers, completes, is checked, applies and withdraws', async () => {
  const page = await person({ script: false });
  const firm = enterprise();
  await page.goto('/register');
  await look(page);
  await page.getByRole('button', { name: '看不清图片？改用文字问答' }).click();
  await field(page, '企业全称').fill(firm.name);
  await field(page, '法人姓名').fill(firm.representative);
  await field(page, '手机号').fill(firm.phone);
  await levels(page, /注册地址/, steps.HOME);
  await steps.captcha(page);
  await askCode(page, firm.phone, '短信验证码');
  const asked = Date.now();
  assert.strictEqual(await field(page, '企业全称').inputValue(), firm.name);
  await field(page, '密码').fill(firm.password);
  await field(page, '确认密码').fill(firm.password);

  // A box ticked without opening its text is not taken.
  await tick(page);
  page.allowed.push('422');
  await page.getByRole('button', { name: '立即注册' }).click();
  await page.getByRole('alert').filter({ hasText: /请先打开/ }).waitFor();
  await look(page);
  await read(page);
  await tick(page);
  await field(page, '密码').fill(firm.password);
  await field(page, '确认密码').fill(firm.password);
  await page.getByRole('button', { name: '立即注册' }).click();
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(page);

  // While the phone waits for its next code: the market without script.
  for (const path of ['/', '/market', '/institutions', '/holdings', '/policies', '/news', '/about', '/enterprise', '/enterprise/account', '/enterprise/messages', '/enterprise/consents']) {
    await page.goto(path);
    await look(page);
  }
  await page.goto('/enterprise/profile');
  await look(page);
  const drawn = await papers(browser(), firm);
  for (const [name, label] of Object.entries(steps.PAPERS)) await field(page, label).setInputFiles(drawn[name]);
  await field(page, '企业名称').fill(firm.name);
  await field(page, '统一社会信用代码').fill(firm.creditCode);
  await field(page, '法定代表人姓名').fill(firm.representative);
  await field(page, '法定代表人身份证号').fill(firm.idNumber);
  await field(page, '法定代表人联系电话').fill(firm.phone);
  await field(page, '详细地址').fill(firm.address);
  await levels(page, /注册区县/, steps.HOME);
  await levels(page, /所属行业/, ['第二产业', '通用设备制造业', '金属加工机械制造']);
  await page.getByRole('button', { name: '看不清图片？改用文字问答' }).click();
  await page.waitForTimeout(Math.max(0, asked + A_MINUTE - Date.now()));
  await steps.captcha(page);
  await askCode(page, firm.phone, '手机验证码');
  assert.strictEqual(await field(page, '详细地址').inputValue(), firm.address);
  await look(page);
  await field(page, '密码').fill(firm.password);
  await field(page, '确认密码').fill(firm.password);
  await page.getByRole('button', { name: '保存并继续' }).click();
  await page.getByRole('heading', { name: '人脸核验单独同意' }).waitFor();
  await look(page);
  await read(page);
  await tick(page);
  await page.getByRole('button', { name: '同意并继续' }).click();
  await page.getByRole('heading', { name: '人脸核验', exact: true, level: 1 }).waitFor();
  await look(page);
  await page.getByLabel('用手机拍摄本人正面照片').setInputFiles(drawn.front);
  await page.getByRole('button', { name: '提交照片核验' }).click();
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(page);

  await steps.openProduct(page, DEMO.product);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await look(page);
  await read(page);
  await field(page, '期望融资金额:').fill('40');
  await field(page, '期望融资期限:').fill('1');
  await field(page, '期望融资利率:').fill('3.75');
  await field(page, '选择受理支行:').selectOption({ index: 1 });
  await tick(page);
  await page.getByRole('button', { name: '提交申请' }).click();
  await look(page);
  const number = await steps.submit(page);
  await look(page);
  await page.goto('/enterprise/applications');
  await look(page);
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await look(page);
  await page.getByRole('link', { name: '撤回申请' }).click();
  await page.getByRole('heading', { name: /要撤回申请/ }).waitFor();
  await look(page);
  await page.getByRole('button', { name: '撤回申请' }).click();
  await page.getByText('已撤回').first().waitFor();
  await look(page);
});
