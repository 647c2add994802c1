'use strict';
// Only the keyboard: Tab, arrows, Space and Enter, with a visible focus all the way.

const assert = require('node:assert');
const { person, walk } = require('./house/house');
const { tabTo } = require('./house/keyboard');
const steps = require('./house/steps');

walk('the first stop of a page leads past the navigation', async () => {
  const page = await person();
  await page.goto('/market');
  await page.keyboard.press('Tab');
  assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), '跳到主要内容');
  await page.keyboard.press('Enter');
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'main');
});

// A field is reached, then typed into.
async function type(page, target, text) {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

async function press(page, target) {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

walk('by keyboard alone an enterprise signs in, applies, and stops before the last button', async () => {
  const page = await person();
  const { DEMO, field } = steps;
  await page.goto('/login');
  await press(page, page.getByRole('button', { name: '看不清图片？改用文字问答' }));
  const question = page.getByText(/请回答：/);
  await question.waitFor();
  await type(page, field(page, '账号'), '19900002185');
  await type(page, field(page, '密码'), DEMO.password);
  await type(page, field(page, '验证码'), String(steps.solve(await question.innerText())));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/enterprise');

  await page.goto(`/market?q=${encodeURIComponent(DEMO.product)}`);
  await press(page, page.getByRole('link', { name: new RegExp(`^查看详情\\+\\s*：${DEMO.product}$`) }));
  await page.getByRole('heading', { level: 1, name: DEMO.product }).waitFor();
  await press(page, page.getByRole('main').getByRole('link', { name: '立即申请' }).first());
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();

  await type(page, field(page, '期望融资金额:'), '55');
  await type(page, field(page, '期望融资期限:'), '2');
  await type(page, field(page, '期望融资利率:'), '3.75');
  await tabTo(page, field(page, '选择受理支行:'));
  await page.keyboard.press('ArrowDown');
  for (const box of await steps.agreements(page).all()) {
    const link = box.locator('xpath=..').getByRole('link');
    await tabTo(page, link);
    const [text] = await Promise.all([page.context().waitForEvent('page'), page.keyboard.press('Enter')]);
    await text.getByRole('heading', { level: 1 }).waitFor();
    await text.keyboard.press('End');
    await text.getByText('您已阅读到协议末尾').waitFor();
    await text.close();
    await page.keyboard.press('Shift+Tab');
    await tabTo(page, box);
    await page.keyboard.press('Space');
    assert.ok(await box.isChecked());
  }
  await press(page, page.getByRole('button', { name: '提交申请' }));
  await page.getByRole('heading', { name: '核对信息' }).waitFor();
  await tabTo(page, page.getByRole('button', { name: '确认提交' }));
});

walk('a dialogue keeps the focus and gives it back', async () => {
  const page = await person();
  await steps.signIn(page, '19900002222', steps.DEMO.password);
  await steps.openProduct(page, steps.DEMO.product);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await steps.fillApplication(page, {});
  await page.getByRole('button', { name: '提交申请' }).click();
  await steps.submit(page);
  await page.getByRole('link', { name: '查看进度' }).click();
  const link = page.getByRole('link', { name: '撤回申请' });
  await press(page, link);
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (let turn = 0; turn < 8; turn += 1) {
    await page.keyboard.press('Tab');
    assert.ok(await dialog.evaluate((node) => node.contains(document.activeElement)));
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await link.evaluate((node) => node === document.activeElement));
});
