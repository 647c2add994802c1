'use strict';
// 注册与登录: flows F-1 and F-2, sign-in, forgotten password, one's own account.

const assert = require('node:assert');
const { look, person, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const steps = require('./house/steps');

const summary = (page) => page.getByRole('alert').filter({ hasText: /有 \d+ 处需要修改/ });

walk('F-1: an enterprise registers at a desk and is signed in at once', async () => {
  const page = await person();
  const firm = enterprise();
  await page.goto('/');
  await page.getByRole('banner').getByRole('link', { name: '登录' }).click();
  await page.waitForURL(/\/login/);
  await look(page);
  await page.getByRole('main').getByRole('link', { name: '立即注册' }).click();
  await page.getByRole('heading', { name: '用户注册' }).waitFor();
  await look(page);

  // M-115: no tick before reading, no registration before ticking.
  for (const box of await steps.agreements(page).all()) assert.ok(await box.isDisabled());
  assert.ok(await page.getByRole('button', { name: '立即注册' }).isDisabled());
  assert.strictEqual(await steps.agree(page), 3);

  // Nothing filled in: every field says what it wants, and the first one is a click away.
  page.allowed.push('422');
  await page.getByRole('button', { name: '立即注册' }).click();
  await summary(page).waitFor();
  assert.match(await page.title(), /^有错误：/);
  await look(page);
  await summary(page).getByRole('link').first().click();
  assert.ok(await steps.field(page, '企业全称').evaluate((node) => node === document.activeElement));

  await steps.fillRegistration(page, firm);
  await look(page);
  await page.getByRole('button', { name: '立即注册' }).click();
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(page);
  await page.getByRole('link', { name: '进入企业管理' }).click();
  await page.waitForURL('**/enterprise');
  await look(page);

  // 注册完成后账号即能登录 (M-216): with 账号, 密码, 验证码 from another browser.
  const later = await person();
  await steps.signIn(later, firm.phone, firm.password);
  await later.waitForURL('**/enterprise');
  await later.getByRole('button', { name: '退出' }).click();
  await later.waitForURL((url) => !url.pathname.startsWith('/enterprise'));
  await later.goto('/enterprise');
  await later.waitForURL(/\/login/);
});

walk('F-2: an enterprise registers on its phone, after one wrong password', async () => {
  const page = await person({ phone: true });
  const firm = enterprise();
  await page.goto('/register?from=qr');
  await look(page);
  await steps.fillRegistration(page, firm, { phone: true });
  await steps.field(page, '确认密码').fill('Another-1-Password');
  page.allowed.push('422');
  await page.getByRole('button', { name: '立即注册' }).click();
  await summary(page).waitFor();
  await look(page);
  assert.strictEqual(await steps.field(page, '企业全称').inputValue(), firm.name);
  assert.strictEqual(await steps.field(page, '密码').inputValue(), '');
  assert.strictEqual(await page.getByRole('group', { name: /注册地址/ }).getByRole('combobox').nth(3).locator('option:checked').innerText(), steps.HOME[3]);
  await steps.field(page, '密码').fill(firm.password);
  await steps.field(page, '确认密码').fill(firm.password);
  assert.strictEqual(await steps.agree(page), 3);
  await page.getByRole('button', { name: '立即注册' }).click();
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(page);
  await page.getByRole('link', { name: '完善信息' }).first().click();
  await page.waitForURL(/\/enterprise\/profile/);
  await look(page);
});

walk('what is wrong with a registration is said at its field and nothing typed is lost', async () => {
  const page = await person();
  await page.goto('/register');
  await steps.field(page, '企业全称').fill('<b>"沧州</b> & 公司\'');
  await steps.field(page, '法人姓名').fill('😀😀');
  await steps.field(page, '手机号').fill('1234');
  await steps.field(page, '密码').fill('short');
  await steps.agree(page);
  page.allowed.push('422');
  await page.getByRole('button', { name: '立即注册' }).click();
  await summary(page).waitFor();
  await look(page);
  assert.strictEqual(await steps.field(page, '企业全称').inputValue(), '<b>"沧州</b> & 公司\'');
  for (const link of await summary(page).getByRole('link').all()) {
    const words = await link.innerText();
    assert.ok((await page.getByRole('main').locator('form').innerText()).includes(words), words);
  }
});

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
