'use strict';
// 回访工单与机构考评: the city asks afterwards how it went, and tells each institution once a month how it did.

const assert = require('node:assert');
const { lookTwice, walk } = require('../walks/house/house');
const {
  accept, apply, begin, button, confirm, day, firm, line, link, proved, refused, reject, room, staff, title, words,
} = require('../walks/house/office');
const { field } = require('../walks/house/steps');

const OPERATOR = '平台工作台菜单';
const INSTITUTION = '沧州市运河惠融金融服务控股有限公司';

const choose = (page, group, name) => page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();

walk('an operator draws a sample, calls the enterprise, and what it says becomes a complaint', async () => {
  const asker = await firm('19900002185');
  const number = await apply(asker, { product: '惠企商业保理', amount: '50', term: '6', rate: '5', branch: '运河惠融金控沿海业务部' });
  await accept(await staff('huirong-yanhai-bm1'), number);
  await reject(await staff('huirong-yanhai-ba1'), number, '应收账款账龄过长。');

  const operator = await staff('city-op2', '/operator');
  await room(operator, OPERATOR, '回访工单');
  await lookTwice(operator);
  await link(operator, '抽取工单').first().click();
  await title(operator, '抽取回访工单').waitFor();
  await lookTwice(operator);
  await field(operator, '办结日期从').fill(day());
  await field(operator, '到').fill(day(-1));
  await field(operator, '件数或百分比').fill('101');
  await refused(operator, '抽取');
  assert.match(await words(operator), /结束日期应不早于开始日期[\s\S]*请输入 1 到 100 的整数/);
  await lookTwice(operator);
  await field(operator, '办结日期从').fill(day(-1));
  await field(operator, '到').fill(day());
  await field(operator, '机构（选填）').selectOption({ label: INSTITUTION });
  await field(operator, '件数或百分比').fill('100');
  await confirm(operator, '抽取', /已抽取 \d+ 件回访工单。/);
  const drawn = line(operator, number);
  assert.match(await drawn.innerText(), /黄骅\*\*有限公司[\s\S]*不通过[\s\S]*待回访/);
  assert.doesNotMatch(await words(operator), /海雍丰/);
  await lookTwice(operator);
  await drawn.getByRole('link', { name: number }).click();
  await title(operator, `回访 ${number}`).waitFor();
  const order = operator.url();
  await lookTwice(operator);

  // The number is shown once, and the enterprise reads that it was.
  assert.doesNotMatch(await words(operator), /19900002185/);
  await button(operator, '查看联系电话').click();
  await operator.getByText('联系电话：').waitFor();
  assert.match(await words(operator), /联系电话：1\d{10}/);
  await lookTwice(operator);
  await operator.goto(order);
  assert.doesNotMatch(await words(operator), /联系电话：/);
  await asker.goto('/enterprise/consents/looks');
  assert.match(await words(asker), /办结后电话回访/);
  await lookTwice(asker);

  await begin(operator, '登记通话');
  await lookTwice(operator);
  await refused(operator, '保存');
  assert.match(await words(operator), /请选择是否接通/);
  await lookTwice(operator);
  await choose(operator, '是否接通', '未接通');
  await confirm(operator, '保存', '已登记为未接通，可以再次拨打。');
  assert.match(await words(operator), /还可以拨打 2 次/);
  assert.strictEqual(await link(operator, '转为投诉').count(), 0);
  await begin(operator, '登记通话');
  await choose(operator, '是否接通', '已接通');
  await choose(operator, '是否真实放款', '不适用');
  await choose(operator, '放款金额是否与平台记录一致', '不适用');
  await choose(operator, '是否收取额外费用', '是');
  await choose(operator, '满意度', '2 分，不满意');
  await field(operator, '记录（选填）').fill('企业称交过 800 元资料费。');
  await confirm(operator, '保存', '回访已登记。如需处理，可以转为投诉。');
  assert.match(await words(operator), /是否收取额外费用：是[\s\S]*800 元资料费/);
  assert.strictEqual(await link(operator, '登记通话').count(), 0);
  await lookTwice(operator);

  await begin(operator, '转为投诉');
  await refused(operator, '登记投诉');
  await lookTwice(operator);
  await choose(operator, '投诉类型', '违规收费');
  await field(operator, '投诉内容').fill('办理时被要求交 800 元资料费，产品页面没有写明。');
  await confirm(operator, '登记投诉', '已登记投诉，企业会收到通知。');
  const complaint = /TS\d{11,}/.exec(await words(operator))[0];
  await lookTwice(operator);
  await operator.goto(order);
  assert.strictEqual(await link(operator, '转为投诉').count(), 0);
  await link(operator, '查看投诉').click();
  await title(operator, `投诉 ${complaint}`).waitFor();

  await room(asker, '企业管理菜单', '投诉');
  await line(asker, complaint).getByRole('link', { name: complaint }).click();
  await title(asker, `投诉 ${complaint}`).waitFor();
  assert.match(await words(asker), /平台（回访登记）/);
  await lookTwice(asker);
});

walk('a month of marks is put forward by one operator, published by another, and read by the institution', async () => {
  const first = await staff('city-op1', '/operator');
  const head = await staff('tieshi-ha1', '/hq');
  const monthOf = async (page) => /20\d\d 年 \d+ 月/.exec(await page.getByRole('heading', { level: 1 }).innerText())[0];
  await first.getByRole('navigation', { name: OPERATOR }).getByRole('link', { name: '机构考评' }).click();
  await first.getByRole('heading', { level: 1, name: /机构考评$/ }).waitFor();
  const month = await monthOf(first);
  const page = first.url();
  assert.match(await words(first), /未提交[\s\S]*铁狮融资租赁有限公司[\s\S]*计分办法/);
  await lookTwice(first);
  await link(first, '提交考评').click();
  await first.getByRole('heading', { level: 1, name: /提交/ }).waitFor();
  await lookTwice(first);
  await confirm(first, '提交考评', '已提交，请另一位平台运营人员发布。');
  // Nobody publishes what they put forward.
  assert.strictEqual(await link(first, '发布').count(), 0);
  assert.match(await words(first), /待发布[\s\S]*宋知远 于 .*由另一位平台运营人员发布/);
  await lookTwice(first);

  await room(head, '机构工作台菜单', '机构考评', /机构考评$/);
  assert.notStrictEqual(await monthOf(head), month);
  await lookTwice(head);

  const second = await staff('city-op2', '/operator');
  await second.goto(page);
  assert.strictEqual(await monthOf(second), month);
  await link(second, '发布').click();
  await proved(second, /发布/);
  await lookTwice(second);
  await confirm(second, '发布', '已发布，各机构可以看到本机构的考评。');
  assert.match(await words(second), /宋知远[\s\S]*路遥知/);
  await lookTwice(second);

  await room(head, '机构工作台菜单', '机构考评', /机构考评$/);
  assert.strictEqual(await monthOf(head), month);
  assert.match(await words(head), /铁狮融资租赁有限公司/);
  assert.doesNotMatch(await words(head), /沧海惠民|狮城商业银行/);
  await lookTwice(head);
  // What is published is not taken back.
  await first.goto(page);
  for (const name of ['提交考评', '发布', '收回']) assert.strictEqual(await link(first, name).count(), 0);
});
