'use strict';
// 机构总部: what a branch gives back is sent on, what was refused is looked at again, and how the bank works is set by two people.

const assert = require('node:assert');
const { look, walk } = require('./house/house');
const { accept, apply, begin, button, caseTitle, check, confirm, firm, line, link, openCase, openOwn, proved, refused, reject, row, staff, title, words } = require('./house/office');
const { field } = require('./house/steps');

const PRODUCT = '狮城信易贷';
const GIVER = '狮城商业银行沧县支行';
const TAKER = '狮城商业银行青县支行';
const ASKED = { product: PRODUCT, term: '12', rate: '4.5' };

walk('a clerk hands a request back, headquarters sends it to another branch, and only the new one has it', async () => {
  const asker = await firm('19900002370');
  const number = await apply(asker, { ...ASKED, amount: '80', branch: GIVER });

  const giver = await staff('shicheng-cangxian-bm1');
  await openCase(giver, number);
  const address = giver.url();
  await begin(giver, '拒单');
  await look(giver);
  await refused(giver, '下一步，核对');
  await look(giver);
  await giver.getByRole('group', { name: '拒单原因' }).getByRole('checkbox', { name: '本支行近期受理能力不足' }).check();
  await field(giver, '拒单说明').fill('两位客户经理外出培训，本周不能走访。');
  await check(giver);
  await look(giver);
  await confirm(giver, '拒单', '已拒单，由机构总部改派。');
  assert.deepStrictEqual((await row(asker, number)).slice(9, 11), ['待接单', '待审核']);

  const head = await staff('shicheng-ha1', '/hq');
  await look(head);
  await head.getByRole('navigation', { name: '机构工作台菜单' }).getByRole('link', { name: '待改派' }).click();
  await title(head, '待改派').waitFor();
  await look(head);
  const waiting = line(head, number);
  assert.match(await waiting.innerText(), new RegExp(GIVER));
  assert.match(await waiting.innerText(), /本周不能走访/);
  await waiting.getByRole('link', { name: '改派', exact: true }).click();
  await title(head, '改派').waitFor();
  await look(head);
  await refused(head, '下一步，核对');
  await look(head);
  await head.getByRole('radio', { name: TAKER }).check();
  await field(head, '转派原因').fill('沧县支行近期人手不足，由青县支行就近受理。');
  await check(head);
  await look(head);
  await confirm(head, '改派', '已转派，新支行和企业会收到通知。');
  assert.strictEqual(await line(head, number).count(), 0);

  const taker = await staff('shicheng-qingxian-bm1');
  await taker.goto('/branch/queue');
  await line(taker, number).waitFor();
  await accept(taker, number);
  await look(taker);

  giver.allowed.push('404');
  assert.strictEqual((await giver.goto(address)).status(), 404);
  await look(giver);
  await giver.goto(`/branch/applications?q=${number}`);
  assert.doesNotMatch(await giver.getByRole('main').innerText(), /枣璟园/);
  await look(giver);

  await openOwn(asker, number);
  const read = await words(asker);
  assert.match(read, new RegExp(TAKER));
  assert.match(read, /由青县支行就近受理/);
  assert.doesNotMatch(read, /外出培训/);
  await look(asker);
  assert.deepStrictEqual((await row(asker, number)).slice(9, 11), ['已接单', '待审核']);
  await asker.goto('/enterprise/messages');
  assert.match(await words(asker), new RegExp(number));
});

walk('after a refusal the enterprise asks for a second look, and the approver of headquarters takes it up', async () => {
  const asker = await firm('19900002296');
  const number = await apply(asker, { ...ASKED, amount: '60', branch: TAKER });
  await accept(await staff('shicheng-qingxian-bm1'), number);

  await reject(await staff('shicheng-qingxian-ba1'), number, '近 12 个月流水不足以覆盖还款。');
  assert.deepStrictEqual((await row(asker, number)).slice(9, 11), ['已接单', '不通过']);

  await openOwn(asker, number);
  await asker.getByRole('link', { name: '申请复议' }).click();
  await title(asker, '申请复议').waitFor();
  await look(asker);
  await refused(asker, '申请复议');
  await look(asker);
  await field(asker, '新情况说明').fill('新签两份蔬菜供货合同，全年订单 480 万元。');
  await confirm(asker, '申请复议', '复议申请已提交');
  await look(asker);

  // The administrator may read it; to settle it is the approver's.
  const head = await staff('shicheng-ha1', '/hq');
  await head.goto('/hq/appeals');
  assert.match(await line(head, number).innerText(), /全年订单 480 万元/);
  await look(head);
  await head.getByText('复议申请由总行审批人处理，您可以查看融资需求。').waitFor();
  await line(head, number).getByRole('link', { name: number }).click();
  await caseTitle(head, number).waitFor();
  assert.strictEqual(await head.getByRole('radio').count(), 0);
  await look(head);

  const chief = await staff('shicheng-hp1', '/hq');
  await chief.goto('/hq/appeals');
  await line(chief, number).getByRole('link', { name: number }).click();
  await proved(chief, '处理复议申请');
  await title(chief, '处理复议申请').waitFor();
  await look(chief);
  await refused(chief, '下一步，核对');
  await look(chief);
  await chief.getByRole('radio', { name: '受理，重新进入审批' }).check();
  await check(chief);
  await look(chief);
  await confirm(chief, '受理复议', '已受理复议');
  await look(chief);

  assert.deepStrictEqual((await row(asker, number)).slice(9, 11), ['已接单', '待审核']);
  await openOwn(asker, number);
  assert.strictEqual(await link(asker, '申请复议').count(), 0);
  await look(asker);
});

walk('headquarters reads its board, and a rule of dispatch is tried without moving anything', async () => {
  const number = await apply(await firm('19900002370'), { ...ASKED, amount: '40', branch: GIVER });
  const first = await staff('shicheng-ha1', '/hq');
  await first.goto('/hq/board');
  await title(first, '时效看板').waitFor();
  assert.match(await first.getByRole('table', { name: '各支行办理情况' }).innerText(), /狮城商业银行高新区支行/);
  assert.doesNotMatch(await words(first), /沧海惠民/);
  await look(first);

  await first.goto('/hq/rules');
  await title(first, '派单规则').waitFor();
  await look(first);
  await refused(first, '添加规则');
  await look(first);
  await field(first, '待办上限').fill('200');
  await field(first, '派往支行').selectOption({ label: '狮城商业银行献县支行' });
  await confirm(first, '添加规则', '已添加规则');
  await look(first);
  const rule = first.getByRole('table', { name: '现有规则', exact: true }).getByRole('row').filter({ hasText: '狮城商业银行献县支行' });
  assert.match(await rule.innerText(), /不限[\s\S]*少于 200 笔/);
  const trial = first.getByRole('table', { name: '按现有规则试算' }).getByRole('row').filter({ hasText: number });
  assert.match(await trial.innerText(), /狮城商业银行沧县支行[\s\S]*狮城商业银行献县支行[\s\S]*第 1 条规则/);
  // A trial moves nothing.
  await first.goto(`/branch/applications?q=${number}`);
  assert.match(await line(first, number).innerText(), /沧县支行/);
  await first.goto('/hq/rules');
  await rule.getByRole('button', { name: '删除' }).click();
  await first.getByRole('status').filter({ hasText: '已删除规则' }).waitFor();
});

walk('one administrator proposes how the bank approves, and another one agrees', async () => {
  const first = await staff('shicheng-ha1', '/hq');
  await first.goto('/hq/settings');
  await title(first, '审批设置').waitFor();
  await look(first);
  await field(first, '第一级').selectOption({ label: '支行审批人' });
  await field(first, '第二级').selectOption({ label: '总行审批人' });
  await field(first, '单级审批限额').fill('320');
  await confirm(first, '提出变更', '已提交，请本机构另一位人员复核后生效。', look);
  await look(first);
  assert.strictEqual(await button(first, '同意变更').count(), 0);
  assert.match(await words(first), /须由提出人以外的人员复核/);

  const second = await staff('shicheng-ha2', '/hq');
  await second.goto('/hq/settings');
  await look(second);
  assert.match(await words(second), /320 万元以内[\s\S]*简书越/);
  await confirm(second, '同意变更', '新的审批设置已生效');
  await look(second);
  assert.match(await second.getByRole('table', { name: '设置变更记录' }).getByRole('row').nth(1).innerText(), /简书越[\s\S]*滕语薇/);
});
