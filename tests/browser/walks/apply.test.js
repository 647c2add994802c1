'use strict';
// 提交融资需求: flows F-4, F-5, F-8 and F-11 of the enterprise.

const assert = require('node:assert');
const { browser, look, person, printed, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const { papers } = require('./house/papers');
const steps = require('./house/steps');

const { DEMO } = steps;
const COLUMNS = ['申请编号', '机构', '金融产品名称', '企业名称', '融资金额 (万)', '利率 (%)', '期限', '期限单位', '申请时间', '接单状态', '审核状态', '审核意见'];

walk('F-11 and F-5: from the first page of the portal to an application, through registration, information and the face check', async () => {
  const page = await person();
  const firm = enterprise();
  await steps.register(page, firm);

  await page.goto('/');
  await page.getByRole('textbox', { name: '搜索金融产品' }).fill(DEMO.product);
  await page.getByRole('button', { name: '搜索产品' }).click();
  await page.getByRole('link', { name: new RegExp(`^查看详情\\+\\s*：${DEMO.product}$`) }).click();
  await page.getByRole('main').getByRole('link', { name: '立即申请' }).first().click();
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await look(page);
  await steps.fillApplication(page, { amount: '88.5', term: '2', rate: '3.75', branch: DEMO.branch });
  await look(page);
  await page.getByRole('button', { name: '提交申请' }).click();

  // M-402: whoever is not complete is led to 完善信息, and what was typed waits.
  await page.getByRole('heading', { name: '完善信息', level: 1 }).waitFor();
  await look(page);
  await steps.fillProfile(page, firm, await papers(browser(), firm));
  await page.getByRole('button', { name: '保存并继续' }).click();
  await steps.consentToFace(page);

  await steps.showFace(page, '不通过');
  await page.getByText('照片与身份证照片不一致').first().waitFor();
  await look(page);
  await page.getByRole('button', { name: '重新拍摄' }).click();
  await page.getByRole('radio', { name: '结果不明确' }).check();
  await page.getByRole('button', { name: '拍照', exact: true }).click();
  await page.getByRole('button', { name: '使用这张照片核验' }).click();
  await page.getByText('结果待确认').first().waitFor();
  await look(page);
  await page.getByRole('button', { name: '重新查询' }).click();
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(page);

  await page.getByRole('link', { name: '继续提交融资需求' }).click();
  await page.getByRole('heading', { name: /核对信息|提交融资需求/, level: 1 }).waitFor();
  if (await page.getByRole('button', { name: '提交申请' }).count()) {
    assert.strictEqual(await steps.field(page, '期望融资金额:').inputValue(), '88.5');
    await page.getByRole('button', { name: '提交申请' }).click();
  }
  await page.getByRole('heading', { name: '核对信息' }).waitFor();
  assert.match(await page.getByRole('main').innerText(), /88\.5/);
  await look(page);
  const number = await steps.submit(page);
  await look(page);

  // The back button after the submission does not submit twice.
  await page.goBack();
  await page.waitForLoadState();
  const twice = page.getByRole('button', { name: '确认提交' });
  if (await twice.count()) {
    page.allowed.push('409', '404', '410', '422');
    await twice.click();
    await page.waitForLoadState();
  }
  await page.goto('/enterprise/applications');
  assert.strictEqual(await page.getByRole('main').getByRole('row').filter({ hasText: 'PO20' }).count(), 1);
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await page.waitForURL(/\/enterprise\/applications\/.+/);
  await look(page);
});

walk('F-4 and F-8: a verified enterprise applies at once, is told what is wrong, and follows its list', async () => {
  const page = await person();
  await steps.signIn(page, DEMO.complete.phone, DEMO.password);
  await look(page);
  await page.getByRole('banner').getByRole('link', { name: '金融超市' }).click();
  await page.waitForURL('**/market');
  await steps.openProduct(page, DEMO.product);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  for (const words of ['3.75%/年', '1.00 - 500.00', '抵押', '1-10年']) {
    assert.ok((await page.getByRole('main').innerText()).includes(words), words);
  }

  assert.ok(await page.getByRole('button', { name: '提交申请' }).isDisabled());
  assert.strictEqual(await steps.agree(page), 2);
  page.allowed.push('422');
  await page.getByRole('button', { name: '提交申请' }).click();
  const summary = page.getByRole('alert').filter({ hasText: /有 \d+ 处需要修改/ });
  await summary.waitFor();
  await look(page);
  await steps.fillApplication(page, { amount: '500.01', branch: DEMO.branch });
  await page.getByRole('button', { name: '提交申请' }).click();
  await summary.waitFor();
  assert.match(await summary.innerText(), /500/);
  await look(page);
  assert.strictEqual(await steps.field(page, '期望融资金额:').inputValue(), '500.01');
  await steps.fillApplication(page, { amount: '120', branch: DEMO.branch });
  await page.getByRole('button', { name: '提交申请' }).click();
  const number = await steps.submit(page);

  await page.getByRole('link', { name: '查看进度' }).click();
  await page.waitForURL(/\/enterprise\/applications\/.+/);
  await look(page);
  await printed(page, number);
  // M-501: 企业管理, then 融资需求管理. M-301: 金融超市 stays in the bar from 768 pixels up.
  await page.getByRole('banner').getByRole('link', { name: '企业管理' }).click();
  await page.waitForURL('**/enterprise');
  const size = page.viewportSize();
  await page.setViewportSize({ width: 768, height: size.height });
  assert.ok(await page.getByRole('banner').getByRole('link', { name: '金融超市' }).isVisible());
  await page.setViewportSize(size);
  await page.getByRole('navigation', { name: '企业管理菜单' }).getByRole('link', { name: '融资需求管理' }).click();
  await page.getByRole('heading', { name: '融资需求管理' }).waitFor();
  await look(page);
  const table = page.getByRole('main').getByRole('table');
  assert.deepStrictEqual((await table.getByRole('columnheader').allInnerTexts()).map((text) => text.trim()), COLUMNS);
  const row = (await table.getByRole('row').nth(1).locator('th,td').allInnerTexts()).map((text) => text.trim());
  assert.strictEqual(row[0], number);
  assert.deepStrictEqual([row[1], row[2], row[3], row[4]], [DEMO.branch, DEMO.product, DEMO.complete.name, '120']);
  assert.deepStrictEqual(row.slice(6, 8), ['3', '年']);
  assert.match(row[8], /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/);
  assert.deepStrictEqual(row.slice(9), ['待接单', '待审核', '-']);

  await page.getByRole('link', { name: /^已接单/ }).first().click();
  await page.waitForLoadState();
  await look(page);
  for (const words of await table.getByRole('row').locator('td:nth-child(10)').allInnerTexts()) assert.strictEqual(words.trim(), '已接单');
  await page.goto('/enterprise/applications?q=' + encodeURIComponent('没有这样的申请'));
  await page.getByText('没有符合条件的融资需求').waitFor();
  await look(page);

  // Withdrawn on a page of its own or in a dialogue, with the reason.
  await page.goto('/enterprise/applications');
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await page.getByRole('link', { name: '撤回申请' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/撤回原因/).fill('资金计划调整');
  await look(page);
  await dialog.getByRole('button', { name: '撤回申请' }).click();
  await page.getByText('已撤回').first().waitFor();
  await look(page);

  for (const path of ['/enterprise', '/enterprise/applications/drafts', '/enterprise/consents', '/enterprise/consents/looks', '/enterprise/messages', '/enterprise/account', '/enterprise/profile', '/enterprise/size', '/enterprise/estimates', '/enterprise/face']) {
    await page.goto(path);
    await look(page);
  }
  await page.goto('/enterprise/messages');
  await page.getByRole('main').getByRole('list').last().getByRole('link').first().click();
  await page.waitForLoadState();
  await look(page);
});

walk('an enterprise on a phone reads its list, a detail and its messages', async () => {
  const page = await person({ phone: true });
  await steps.signIn(page, DEMO.second.phone, DEMO.password);
  for (const path of ['/enterprise', '/enterprise/applications', '/enterprise/consents', '/enterprise/messages', '/enterprise/account', '/enterprise/profile', '/enterprise/size', '/enterprise/estimates']) {
    await page.goto(path);
    await look(page);
  }
  await page.goto('/enterprise/applications');
  await page.getByRole('link', { name: /^PO\d+/ }).first().click();
  await page.waitForURL(/\/enterprise\/applications\/.+/);
  await look(page);
  await page.getByRole('link', { name: '菜单' }).click();
  await look(page);
});
