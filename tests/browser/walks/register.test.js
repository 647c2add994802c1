'use strict';
// 注册: flows F-1 and F-2, and what is said about wrong entries.

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
