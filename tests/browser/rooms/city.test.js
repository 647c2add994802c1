'use strict';
// 城市平台: it urges and freezes, it reads its calendar and registers odd codes; it never moves an application.

const assert = require('node:assert');
const { look, walk } = require('../walks/house/house');
const { apply, begin, button, caseTitle, confirm, firm, link, openCase, openOwn, refused, row, staff, title, words } = require('../walks/house/office');
const demo = require('../walks/house/demo');
const { doubtful, enterprise } = require('../walks/house/numbers');
const { field } = require('../walks/house/steps');

walk('the supervisor urges what is overdue, the branch reads it, and no column of the enterprise changes', async () => {
  const supervisor = await staff('city-os1', '/operator');
  await look(supervisor);
  await supervisor.getByRole('navigation', { name: '平台工作台菜单' }).getByRole('link', { name: '融资需求总览' }).click();
  await title(supervisor, '融资需求总览').waitFor();
  await look(supervisor);
  await supervisor.goto('/operator/applications?list=overdue');
  await look(supervisor);
  // One that a branch works on and nobody has urged yet; the branch of the printed sign-ins is left to its own walk.
  const late = supervisor.getByRole('main').getByRole('row').filter({ hasText: /PO\d+/ }).filter({ hasText: /\b0 次/ })
    .filter({ hasNotText: /运河支行|待接单|待改派/ }).first();
  const said = await late.innerText();
  const number = /PO\d+/.exec(said)[0];
  const asker = await firm(demo.phone(said));
  const before = await row(asker, number);
  await late.getByRole('link', { name: number }).click();
  await caseTitle(supervisor, number).waitFor();
  // The supervisor urges; to freeze is the operators'.
  assert.strictEqual(await link(supervisor, '申请冻结').count(), 0);
  await look(supervisor);
  await link(supervisor, '发出督办').click();
  await title(supervisor, `对融资需求 ${number} 发出督办`).waitFor();
  await refused(supervisor, '发出督办');
  await look(supervisor);
  await field(supervisor, '督办内容').fill('请在明天 17:00 前完成首次联系。');
  await confirm(supervisor, '发出督办', '督办已发出');
  assert.match(await supervisor.getByRole('table', { name: '督办记录' }).innerText(), /明天 17:00 前[\s\S]*未阅/);
  await look(supervisor);

  const clerk = await staff(`${demo.branch(said)}-bm1`);
  assert.match(await words(clerk), new RegExp(`平台督办[\\s\\S]*${number}`));
  await look(clerk);
  await openCase(clerk, number);
  assert.match(await words(clerk), /明天 17:00 前完成首次联系/);
  await look(clerk);
  await confirm(clerk, '已阅', '已记录阅读时间');
  assert.strictEqual(await button(clerk, '已阅').count(), 0);
  await supervisor.reload();
  assert.match(await supervisor.getByRole('table', { name: '督办记录' }).innerText(), /已阅/);
  await look(supervisor);
  assert.deepStrictEqual(await row(asker, number), before);
});

walk('two operators freeze an application and set it free again; meanwhile the branch cannot work on it', async () => {
  const asker = await firm('19900002259');
  const number = await apply(asker, { product: '乡镇小微贷', amount: '40', term: '12', rate: '5', branch: '瀛海村镇银行肃宁支行' });
  const clerk = await staff('yinghai-suning-bm1');
  await openCase(clerk, number);
  const id = clerk.url().split('/').pop();

  const first = await staff('city-op1', '/operator');
  await first.goto(`/operator/applications/${id}`);
  await caseTitle(first, number).waitFor();
  await look(first);
  await begin(first, '申请冻结', { heading: `要申请冻结融资需求 ${number} 吗？`, proof: true });
  await refused(first, '申请冻结');
  await look(first);
  await field(first, '原因').fill('收到举报，材料疑似冒用。');
  await confirm(first, '申请冻结', '已提交，请另一位平台运营人员确认。');
  // Who asked cannot confirm.
  assert.strictEqual(await link(first, '确认冻结').count(), 0);
  await look(first);

  const second = await staff('city-op2', '/operator');
  await look(second);
  await second.getByRole('table', { name: '等待第二人确认的冻结申请' }).getByRole('link', { name: number }).click();
  await caseTitle(second, number).waitFor();
  await begin(second, '确认冻结', { heading: `要确认冻结融资需求 ${number} 吗？`, proof: true });
  await look(second);
  await confirm(second, '确认冻结', '已冻结');
  await look(second);

  // The clerk still has the button on his open page.
  clerk.allowed.push('409');
  await link(clerk, '接单').click();
  await title(clerk, '操作没有生效').waitFor();
  assert.match(await words(clerk), /冻结/);
  await look(clerk);
  await openCase(clerk, number);
  assert.strictEqual(await link(clerk, '接单').count(), 0);
  await look(clerk);
  await openOwn(asker, number);
  assert.match(await words(asker), /该融资需求已冻结/);
  assert.doesNotMatch(await words(asker), /疑似冒用/);
  await look(asker);
  assert.deepStrictEqual((await row(asker, number)).slice(9, 11), ['待接单', '待审核']);

  await begin(second, '申请解除冻结', { heading: `要申请解除冻结融资需求 ${number} 吗？`, proof: true });
  await field(second, '原因').fill('已核实，举报不属实。');
  await confirm(second, '申请解除冻结', '已提交');
  await first.reload();
  await begin(first, '确认解除冻结', { heading: `要确认解除冻结融资需求 ${number} 吗？`, proof: true });
  await confirm(first, '确认解除冻结', '已解除冻结');
  await look(first);
  await openCase(clerk, number);
  await link(clerk, '接单').click();
  await confirm(clerk, '接单', `已接单：${number}`);
});

walk('the operator reads the working calendar and registers a code that the rules would refuse', async () => {
  const operator = await staff('city-op1', '/operator');
  await operator.goto('/operator/calendar');
  await title(operator, '工作日历').waitFor();
  assert.match(await operator.getByRole('table', { name: '已有的工作日历' }).innerText(), /20\d\d 年\s+2\d\d 天/);
  await look(operator);

  await operator.goto('/operator/codes');
  await title(operator, '统一社会信用代码核实').waitFor();
  await look(operator);
  await refused(operator, '提出登记');
  await look(operator);
  // A right code needs no registration; the same with another check sign does.
  const { creditCode, name } = enterprise();
  const odd = doubtful(creditCode);
  await field(operator, '统一社会信用代码').fill(odd);
  await field(operator, '企业名称').fill(name);
  await field(operator, '核对依据').selectOption({ label: '营业执照原件' });
  await field(operator, '核实情况').fill('已核对营业执照原件和公示系统。');
  await confirm(operator, '提出登记', '另一位平台运营人员复核');
  // Another one admits it.
  const second = await staff('city-op2', '/operator');
  await second.goto('/operator/codes');
  await link(second, odd).click();
  await look(second);
  await confirm(second, '同意登记', '已登记。');
  await operator.goto('/operator/codes');
  assert.match(await operator.getByRole('table', { name: '已核实的代码' }).innerText(), new RegExp(`${odd}[\\s\\S]*${name}[\\s\\S]*路遥知`));
  await look(operator);
});
