'use strict';
// 支行: a clerk accepts and asks for a supplement, an approver decides, the enterprise reads it.

const assert = require('node:assert');
const { browser, look, person, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const { papers } = require('./house/papers');
const steps = require('./house/steps');

const { DEMO } = steps;

async function apply(page, more = {}) {
  await steps.openProduct(page, DEMO.product);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await steps.fillApplication(page, { branch: DEMO.branch, ...more });
  await page.getByRole('button', { name: '提交申请' }).click();
  return steps.submit(page);
}

async function staff(account) {
  const page = await person();
  await steps.signIn(page, account, DEMO.password, { staff: true });
  await page.waitForURL('**/branch');
  return page;
}

// The detail of an application, found by its number as an officer does.
async function openCase(page, number) {
  await page.goto(`/branch/applications?q=${number}`);
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await page.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
}

async function row(page, number) {
  await page.goto(`/enterprise/applications?q=${number}`);
  const cells = page.getByRole('main').getByRole('table').getByRole('row').filter({ hasText: number }).locator('th,td');
  return (await cells.allInnerTexts()).map((text) => text.trim());
}

const confirm = (page, label) => page.getByRole('main').getByRole('button', { name: label, exact: true });

walk('a clerk accepts, asks for a supplement, and the approver approves what came', async () => {
  const firm = await person();
  await steps.signIn(firm, DEMO.second.phone, DEMO.password);
  const number = await apply(firm, { amount: '66', term: '2' });

  const clerk = await staff(DEMO.clerk);
  await look(clerk);
  await clerk.getByRole('navigation', { name: '支行工作台菜单' }).getByRole('link', { name: '待接单' }).click();
  await clerk.getByRole('heading', { name: '待接单', level: 1 }).waitFor();
  await look(clerk);
  await openCase(clerk, number);
  await look(clerk);
  assert.doesNotMatch(await clerk.getByRole('main').innerText(), /130981188401090371/);

  // The second officer has the page open as well, and comes too late.
  const late = await staff(DEMO.otherClerk);
  await openCase(late, number);
  await late.getByRole('main').getByRole('link', { name: '接单', exact: true }).click();
  await confirm(late, '接单').waitFor();
  await look(late);

  await clerk.getByRole('main').getByRole('link', { name: '接单', exact: true }).click();
  await confirm(clerk, '接单').click();
  await clerk.getByRole('status').filter({ hasText: `已接单：${number}` }).waitFor();
  await look(clerk);
  late.allowed.push('409');
  await confirm(late, '接单').click();
  await late.getByRole('heading', { name: '操作没有生效' }).waitFor();
  assert.match(await late.getByRole('main').innerText(), /钱云诚/);
  await look(late);
  assert.deepStrictEqual((await row(firm, number)).slice(9, 11), ['已接单', '待审核']);

  // The whole data only for a reason, and the enterprise reads who looked.
  await clerk.getByRole('link', { name: '查看完整' }).click();
  await clerk.getByRole('heading', { name: '查看完整企业资料' }).waitFor();
  await look(clerk);
  await steps.field(clerk, '查看原因').fill('准备上门核实');
  await clerk.getByRole('button', { name: '查看完整' }).click();
  await clerk.getByRole('heading', { name: '完整企业资料', exact: true }).waitFor();
  assert.match(await clerk.getByRole('main').innerText(), /130981188401090371/);
  await look(clerk);
  await clerk.getByRole('link', { name: '返回融资需求' }).click();
  await clerk.getByRole('table', { name: '申请材料' }).getByRole('link').first().click();
  await clerk.getByRole('img', { name: /.+/ }).last().waitFor();
  await look(clerk);
  await firm.goto('/enterprise/consents/looks');
  assert.match(await firm.getByRole('main').innerText(), /准备上门核实/);
  await look(firm);

  await openCase(clerk, number);
  await clerk.getByRole('main').getByRole('link', { name: '退回补充' }).click();
  await clerk.getByRole('heading', { name: '退回补充', level: 1 }).waitFor();
  await look(clerk);
  clerk.allowed.push('422');
  await clerk.getByRole('button', { name: '下一步，核对' }).click();
  await clerk.getByRole('alert').first().waitFor();
  await look(clerk);
  await clerk.getByRole('group', { name: '需要补充的材料' }).getByRole('checkbox').first().check();
  await steps.field(clerk, '补充说明').fill('请补充最近一期的材料。');
  await clerk.getByRole('button', { name: '下一步，核对' }).click();
  await look(clerk);
  await clerk.getByRole('main').getByRole('button', { name: /退回补充|确认/ }).first().click();
  await clerk.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await look(clerk);
  assert.deepStrictEqual((await row(firm, number)).slice(9, 11), ['已接单', '退回补充']);

  // The enterprise answers.
  await firm.getByRole('table').getByRole('link', { name: number }).click();
  await firm.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await look(firm);
  await firm.getByRole('link', { name: '补充材料' }).first().click();
  await firm.getByRole('heading', { name: '补充材料', level: 1 }).waitFor();
  await look(firm);
  firm.allowed.push('422');
  await firm.getByRole('button', { name: '补充提交' }).click();
  await firm.getByRole('alert').first().waitFor();
  await look(firm);
  const drawn = await papers(browser(), enterprise());
  await firm.getByRole('main').locator('input[type=file]').first().setInputFiles(drawn.licence);
  await firm.getByText('已上传 1 个文件').waitFor();
  await firm.getByLabel('文字说明').first().fill('已补充。');
  await firm.getByRole('button', { name: '补充提交' }).click();
  await firm.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await look(firm);
  assert.deepStrictEqual((await row(firm, number)).slice(9, 11), ['已接单', '待审核']);

  const approver = await staff(DEMO.approver);
  await openCase(approver, number);
  await look(approver);
  await approver.getByRole('main').getByRole('link', { name: '通过', exact: true }).click();
  await look(approver);
  await steps.prove(approver, DEMO.password);
  await approver.getByRole('heading', { name: '审核通过', level: 1 }).waitFor();
  await look(approver);
  await steps.field(approver, '批准金额').fill('60');
  await steps.field(approver, '批准利率').fill('3.7');
  await steps.field(approver, '批准期限').fill('2');
  const year = new Date().getFullYear() + 1;
  await steps.field(approver, '额度有效期至').fill(`${year}-03-31`);
  await steps.field(approver, '审核意见').fill('经营稳定，同意办理。');
  await approver.getByRole('button', { name: '下一步，核对' }).click();
  await look(approver);
  await approver.getByRole('main').locator('form[data-form]').getByRole('button').filter({ hasNotText: /返回|修改/ }).first().click();
  await approver.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await look(approver);

  const decided = await row(firm, number);
  assert.deepStrictEqual(decided.slice(9), ['已接单', '通过', '经营稳定，同意办理。']);
  assert.strictEqual(decided[5], '3.70');
  await firm.getByRole('table').getByRole('link', { name: number }).click();
  await firm.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await look(firm);
  await firm.goto('/enterprise/messages');
  assert.match(await firm.getByRole('main').innerText(), new RegExp(number));
  await look(firm);
  for (const page of [clerk, approver]) {
    for (const path of ['/branch', '/branch/queue', '/branch/accepted', '/branch/applications', '/branch/counter', '/branch/messages', '/branch/account']) {
      await page.goto(path);
      await look(page);
    }
  }
});

walk('an approver refuses with a reason, and the enterprise reads it with its cure', async () => {
  const firm = await person();
  await steps.signIn(firm, '19900002148', DEMO.password);
  const number = await apply(firm, { amount: '30', term: '1' });
  const clerk = await staff(DEMO.otherClerk);
  await openCase(clerk, number);
  await clerk.getByRole('main').getByRole('link', { name: '接单', exact: true }).click();
  await confirm(clerk, '接单').click();
  await clerk.getByRole('status').filter({ hasText: '已接单' }).waitFor();

  const approver = await staff(DEMO.approver);
  await openCase(approver, number);
  await approver.getByRole('main').getByRole('link', { name: '不通过' }).click();
  await steps.prove(approver, DEMO.password);
  await approver.getByRole('heading', { name: '审核不通过', level: 1 }).waitFor();
  approver.allowed.push('422');
  await approver.getByRole('button', { name: '下一步，核对' }).click();
  await approver.getByRole('alert').first().waitFor();
  await look(approver);
  await approver.getByRole('group', { name: '不通过原因' }).getByRole('checkbox').first().check();
  await steps.field(approver, '审核意见').fill('还款来源不足，建议降低金额后再次申请。');
  await approver.getByRole('button', { name: '下一步，核对' }).click();
  await look(approver);
  await approver.getByRole('main').locator('form[data-form]').getByRole('button').filter({ hasNotText: /返回|修改/ }).first().click();
  await approver.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();

  assert.deepStrictEqual((await row(firm, number)).slice(9), ['已接单', '不通过', '还款来源不足，建议降低金额后再次申请。']);
  await firm.getByRole('table').getByRole('link', { name: number }).click();
  await firm.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
  await firm.getByText('审核未通过').waitFor();
  await look(firm);
});

walk('a stranger to the branch sees none of its pages', async () => {
  const firm = await person();
  await steps.signIn(firm, DEMO.complete.phone, DEMO.password);
  firm.allowed.push('404', '403');
  for (const path of ['/branch', '/branch/applications', '/branch/counter']) {
    const answer = await firm.goto(path);
    assert.ok(/login/.test(firm.url()) || answer.status() === 404, path);
  }
});
