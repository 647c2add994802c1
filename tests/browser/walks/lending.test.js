'use strict';
// 尽调到结清: one loan through the whole house, and the talk between enterprise and branch.

const assert = require('node:assert');
const { browser, look, walk } = require('./house/house');
const { accept, apply, begin, button, caseTitle, check, confirm, day, firm, line, link, openCase, openOwn, refused, row, staff, title, words } = require('./house/office');
const { enterprise } = require('./house/numbers');
const { papers } = require('./house/papers');
const { field } = require('./house/steps');

const FIRM = '19900002333';
const ASKED = { product: '农企助力贷', term: '12', rate: '4.2', branch: '运河农商行东光支行' };

const REPORT = {
  受访人: '财务负责人',
  经营情况: '三条瓦楞纸板线满负荷生产。',
  财务与负债: '负债率 42%。',
  担保与抵质押: '无抵押。',
  风险提示: '没有发现主要风险。',
};

// The bank decides in two steps: 支行审批人, then 总行审批人. Two of its people say so.
async function twoSteps() {
  const first = await staff('yunhe-ha1', '/hq');
  await first.goto('/hq/settings');
  await field(first, '第一级').selectOption({ label: '支行审批人' });
  await field(first, '第二级').selectOption({ label: '总行审批人' });
  await confirm(first, '提出变更', '已提交');
  const second = await staff('yunhe-ha2', '/hq');
  await second.goto('/hq/settings');
  await confirm(second, '同意变更', '新的审批设置已生效');
}

async function fillDraw(page, amount, contract) {
  await field(page, '放款金额').fill(amount);
  await field(page, '放款日期').fill(day());
  await field(page, '到期日期').fill(day(360));
  await field(page, '合同编号').fill(contract);
}

async function draw(page, amount, contract) {
  await begin(page, '放款登记');
  await fillDraw(page, amount, contract);
  await check(page);
}

// An application of this file, carried from walk to walk.
let number;

walk('a clerk looks into the enterprise on the spot, and two approvers sign one after the other', async () => {
  await twoSteps();
  const asker = await firm(FIRM);
  number = await apply(asker, { ...ASKED, amount: '90' });
  const clerk = await staff('yunhe-dongguang-bm1');
  await accept(clerk, number);
  await begin(clerk, '开始尽调');
  await look(clerk);
  await refused(clerk, '下一步，核对');
  await field(clerk, '联系记录').fill('已电话联系财务负责人，约定今天走访。');
  await check(clerk);
  await look(clerk);
  await confirm(clerk, '开始尽调', '已开始尽调');
  await begin(clerk, '尽调报告');
  await look(clerk);
  await field(clerk, '走访日期').fill(day());
  await field(clerk, '走访地点').fill('厂区和仓库');
  await confirm(clerk, '保存', '尽调报告已保存。');
  assert.match(await words(clerk), /提交审批前还需填写：/);
  assert.strictEqual(await link(clerk, '提交审批').count(), 0);
  await look(clerk);
  for (const [label, text] of Object.entries(REPORT)) await field(clerk, label).fill(text);
  await clerk.getByRole('group', { name: '首贷户核实' }).getByRole('radio').first().check();
  await clerk.getByRole('group', { name: '尽调结论' }).getByRole('radio').first().check();
  await confirm(clerk, '保存', '尽调报告已保存。');
  assert.match(await words(clerk), /报告已填写完整/);

  // A photo of the place.
  await refused(clerk, '上传照片');
  await look(clerk);
  await field(clerk, '照片').setInputFiles((await papers(browser(), enterprise())).back);
  await field(clerk, '照片说明').fill('厂区大门');
  await confirm(clerk, '上传照片', '照片已上传。');
  await look(clerk);
  await link(clerk, '厂区大门').click();
  await title(clerk, '厂区大门').waitFor();
  await clerk.getByRole('img', { name: /厂区大门/ }).waitFor();
  await look(clerk);

  await openCase(clerk, number);
  await begin(clerk, '提交审批');
  await look(clerk);
  await field(clerk, '建议金额').fill('80');
  await field(clerk, '额度有效期至').fill(day(120));
  await field(clerk, '经办意见').fill('经营稳定，建议授信 80 万元。');
  await check(clerk);
  await look(clerk);
  await confirm(clerk, '提交审批', '已提交审批。');
  await look(clerk);

  const approver = await staff('yunhe-dongguang-ba1');
  await approver.goto('/branch/approvals');
  await look(approver);
  await line(approver, number).getByRole('link', { name: number }).click();
  await caseTitle(approver, number).waitFor();
  await look(approver);
  // Not the last step: he agrees, he does not approve.
  assert.strictEqual(await link(approver, '通过').count(), 0);
  await begin(approver, '同意', { heading: '审批同意', proof: true });
  await look(approver);
  await refused(approver, '下一步，核对');
  await field(approver, '审批意见').fill('同意经办意见。');
  await check(approver);
  await look(approver);
  await confirm(approver, '同意', '已同意，转下一级审批。');
  assert.strictEqual(await link(approver, '同意').count(), 0);

  const chief = await staff('yunhe-hp1', '/hq');
  await chief.goto('/branch/approvals');
  assert.match(await line(chief, number).innerText(), /第 2 级，共 2 级/);
  await look(chief);
  await line(chief, number).getByRole('link', { name: number }).click();
  await caseTitle(chief, number).waitFor();
  await begin(chief, '通过', { heading: '审批通过', proof: true });
  await look(chief);
  await field(chief, '审核意见').fill('同意授信 80 万元，按约定用途使用。');
  await check(chief);
  await look(chief);
  await confirm(chief, '通过', '已审批通过');
  await look(chief);

  assert.deepStrictEqual((await row(asker, number)).slice(9), ['已接单', '通过', '同意授信 80 万元，按约定用途使用。']);
  await openOwn(asker, number);
  const read = await words(asker);
  assert.match(read, /80\.00 万元/);
  // What the bank says to itself stays there.
  for (const inner of [/负债率/, /建议授信/, /同意经办意见/, /电话联系/]) assert.doesNotMatch(read, inner);
  await look(asker);
});

// On the page 放款与还款, the card with this title.
const card = (page, name) => page.getByRole('main').locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });

walk('the money comes in two draws: the enterprise confirms one, doubts the other, and reads the answer', async () => {
  assert.ok(number, 'the walk before has brought an approved application');
  const clerk = await staff('yunhe-dongguang-bm1');
  const asker = await firm(FIRM);
  await openCase(clerk, number);
  await begin(clerk, '放款登记');
  await look(clerk);
  await refused(clerk, '下一步，核对');
  await look(clerk);
  // More than was approved never leaves the house.
  await fillDraw(clerk, '500', 'DG-2026-001');
  clerk.allowed.push('409');
  await button(clerk, '下一步，核对').click();
  await clerk.getByText('不能超过批准金额').first().waitFor();
  await look(clerk);
  await openCase(clerk, number);
  await draw(clerk, '50', 'DG-2026-001');
  await look(clerk);
  await confirm(clerk, '登记放款', '放款已登记');
  await openOwn(asker, number);
  assert.match(await words(asker), /部分放款/);
  await draw(clerk, '30', 'DG-2026-002');
  await confirm(clerk, '登记放款', '放款已登记');
  await look(clerk);

  await openOwn(asker, number);
  await link(asker, '放款与还款').click();
  await title(asker, '放款与还款').waitFor();
  await look(asker);
  await card(asker, '第 1 笔放款').getByRole('button', { name: '确认无误' }).click();
  await asker.getByRole('status').filter({ hasText: '已确认放款无误。' }).waitFor();
  await card(asker, '第 2 笔放款').getByRole('link', { name: '有异议' }).click();
  await title(asker, '提出异议').waitFor();
  await look(asker);
  await refused(asker, '提出异议');
  await field(asker, '异议内容').fill('到账金额为 28 万元，与登记的 30 万元不一致。');
  await confirm(asker, '提出异议', '已提出异议');
  assert.match(await card(asker, '第 1 笔放款').innerText(), /已确认无误/);
  assert.match(await card(asker, '第 2 笔放款').innerText(), /有异议，支行核实中/);
  await look(asker);

  await openCase(clerk, number);
  await look(clerk);
  await begin(clerk, '答复异议');
  assert.match(await words(clerk), /到账金额为 28 万元/);
  await look(clerk);
  await field(clerk, '核实情况').fill('另 2 万元为受托支付，已付至供货方。');
  await check(clerk);
  await confirm(clerk, '答复企业', '已答复，企业会收到通知。');
  await asker.reload();
  assert.match(await card(asker, '第 2 笔放款').innerText(), /受托支付/);
  await card(asker, '第 2 笔放款').getByRole('button', { name: '确认无误' }).click();
  await asker.getByRole('status').filter({ hasText: '已确认放款无误。' }).waitFor();
  await look(asker);
});

walk('the loan is paid back in two parts, and only then settled', async () => {
  assert.ok(number, 'the walks before have brought a loan');
  const clerk = await staff('yunhe-dongguang-bm1');
  const asker = await firm(FIRM);
  await openCase(clerk, number);
  await begin(clerk, '还款登记');
  await look(clerk);
  await field(clerk, '归还本金').fill('300000');
  await field(clerk, '还款日期').fill(day());
  await check(clerk);
  await look(clerk);
  await confirm(clerk, '登记还款', '还款已登记。');
  // Settled is only what is paid back whole.
  assert.strictEqual(await link(clerk, '结清登记').count(), 0);
  await begin(clerk, '还款登记');
  await field(clerk, '归还本金').fill('500000');
  await field(clerk, '还款日期').fill(day());
  await check(clerk);
  await confirm(clerk, '登记还款', '还款已登记。');
  await begin(clerk, '结清登记');
  await look(clerk);
  await check(clerk);
  await look(clerk);
  await confirm(clerk, '登记结清', '已登记结清');
  await look(clerk);
  assert.deepStrictEqual((await row(asker, number)).slice(9, 11), ['已接单', '通过']);
  await openOwn(asker, number);
  assert.match(await words(asker), /已结清/);
  await link(asker, '放款与还款').click();
  await title(asker, '放款与还款').waitFor();
  assert.match(await words(asker), /待还本金\s*0\.00 万元/);
  await look(asker);
});

walk('the enterprise asks for a call, and reads that the clerk called', async () => {
  const asker = await firm(FIRM);
  const asked = await apply(asker, { ...ASKED, amount: '30' });
  const clerk = await staff('yunhe-dongguang-bm1');
  await accept(clerk, asked);
  await openOwn(asker, asked);
  await link(asker, '沟通记录').click();
  await title(asker, '沟通记录').waitFor();
  await look(asker);
  await asker.getByRole('radio', { name: '请求回电' }).check();
  await field(asker, '内容').fill('请在下午 3 点后来电。');
  await confirm(asker, '发送', '已发送。');
  assert.match(await words(asker), /等待支行回电/);
  await look(asker);

  await openCase(clerk, asked);
  await clerk.getByRole('main').getByRole('link', { name: /^沟通记录/ }).click();
  await title(clerk, '沟通记录').waitFor();
  assert.match(await words(clerk), /请在下午 3 点后来电。/);
  await look(clerk);
  await link(clerk, '登记联系').click();
  await title(clerk, '登记联系结果').waitFor();
  await look(clerk);
  await field(clerk, '联系结果').fill('');
  await refused(clerk, '登记');
  await look(clerk);
  await field(clerk, '联系结果').fill('已说明所需材料，明天上午走访。');
  await confirm(clerk, '登记', '联系结果已登记。');
  await look(clerk);

  await asker.reload();
  assert.match(await words(asker), /已联系[\s\S]*明天上午走访/);
  assert.doesNotMatch(await words(asker), /等待支行回电/);
  await look(asker);
});
