'use strict';
// 登录: wrong password, SMS code, forgotten password, one's own sessions.

const assert = require('node:assert');
const { look, person, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const steps = require('./house/steps');

walk('a visitor signs in with a wrong password, then with an SMS code, and comes back to the product', async () => {
  const desk = await person();
  const firm = enterprise();
  await steps.register(desk, firm);

  const page = await person();
  await page.goto('/market');
  await page.getByRole('link', { name: /^查看详情\+/ }).first().click();
  await page.waitForURL(/\/market\/.+/);
  const product = new URL(page.url()).pathname.split('/').pop();
  await page.getByRole('main').getByRole('link', { name: '立即申请' }).first().click();
  await page.waitForURL(/\/login/);
  await steps.captcha(page);
  await steps.field(page, '账号').fill(firm.phone);
  await steps.field(page, '密码').fill('Wrong-Password-1');
  page.allowed.push('422');
  await page.getByRole('main').getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('alert').first().waitFor();
  await look(page);
  assert.strictEqual(await steps.field(page, '账号').inputValue(), firm.phone);

  await page.getByRole('link', { name: '短信登录' }).click();
  await page.waitForURL(/\/login\/sms/);
  await look(page);
  await steps.captcha(page);
  await steps.field(page, '手机号').fill(firm.phone);
  await steps.askCode(page, firm.phone);
  await page.getByRole('main').getByRole('button', { name: '登录', exact: true }).click();
  await page.waitForURL((url) => url.pathname.includes(product));
});

walk('a forgotten password is replaced, the account shows its sessions, and the others can be ended', async () => {
  const desk = await person();
  const firm = enterprise();
  await steps.register(desk, firm);

  const page = await person();
  await page.goto('/login');
  await page.getByRole('link', { name: '忘记密码' }).click();
  await page.getByRole('heading', { name: '找回密码' }).waitFor();
  await look(page);
  await steps.captcha(page);
  await steps.field(page, '手机号').fill(firm.phone);
  await steps.askCode(page, firm.phone);
  firm.password = 'Neu-9-gesetzt';
  await steps.field(page, '新密码').fill(firm.password);
  await steps.field(page, '确认(新)?密码').fill(firm.password);
  await page.getByRole('button', { name: '设置新密码' }).click();
  await page.waitForURL((url) => !/forgot/.test(url.pathname));
  await desk.goto('/enterprise');
  await desk.waitForURL(/\/login/);

  await page.context().clearCookies();
  await page.goto('/login');
  await steps.signIn(page, firm.phone, firm.password);
  await steps.signIn(desk, firm.phone, firm.password);
  await page.goto('/enterprise/account');
  await look(page);
  await page.getByRole('button', { name: '退出其他全部设备' }).click();
  await page.getByRole('status').first().waitFor();
  await look(page);
  await desk.goto('/enterprise');
  await desk.waitForURL(/\/login/);
});
