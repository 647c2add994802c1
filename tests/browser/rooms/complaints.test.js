'use strict';
// 投诉与企业评价: what an enterprise says about a branch, what the city and the institution answer, and who reads it.

const assert = require('node:assert');
const { lookTwice, person, walk } = require('../walks/house/house');
const {
  accept, apply, button, confirm, eventually, firm, heard, line, link, openOwn, refused, reject, room, staff, title, words,
} = require('../walks/house/office');
const { enterprise } = require('../walks/house/numbers');
const { field, register } = require('../walks/house/steps');

const OPERATOR = '平台工作台菜单';
const BRANCH = '运河惠融金控南部业务部';
const INSTITUTION = '沧州市运河惠融金融服务控股有限公司';

const choose = (page, group, name) => page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();

// The option of a list with these words in it.
async function select(page, label, text) {
  const list = field(page, label);
  await list.selectOption({ label: (await list.locator('option').allInnerTexts()).find((option) => option.includes(text)) });
}

// A complaint found by its number, as an operator finds it.
async function find(page, number) {
  await room(page, OPERATOR, '投诉处理');
  await page.getByRole('textbox', { name: '投诉编号、企业名称或机构名称' }).fill(number);
  await button(page, '查询').click();
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await title(page, `投诉 ${number}`).waitFor();
}

// One rating of the list, by its words.
async function open(page, text) {
  await line(page, text).getByRole('link').click();
  await page.waitForURL(/\/ratings\/[0-9a-f-]{36}$/);
  await title(page, '企业评价').waitFor();
}

walk('an enterprise complains, the city hears the branch and answers, and answers once more when it is asked again', async () => {
  const asker = await person();
  const who = enterprise();
  await register(asker, who);
  await asker.goto('/enterprise');
  await room(asker, '企业管理菜单', '投诉');
  await lookTwice(asker);
  await link(asker, '提出投诉').first().click();
  await title(asker, '提出投诉').waitFor();
  await lookTwice(asker);
  await refused(asker, '提交投诉');
  assert.match(await words(asker), /请选择投诉对象[\s\S]*请选择投诉类型[\s\S]*请填写投诉内容/);
  await lookTwice(asker);
  await select(asker, '投诉对象', BRANCH);
  await choose(asker, '投诉类型', '办理超时、推诿');
  await field(asker, '投诉内容').fill('接单后两周没有联系。\n希望安排尽调并说明时间。');
  await confirm(asker, '提交投诉', '投诉已提交，平台会在承诺的时限内答复。');
  const number = /TS\d{11,}/.exec(await words(asker))[0];
  assert.match(await words(asker), /待受理[\s\S]*平台会在 20\d\d-\d\d-\d\d \d\d:\d\d 前答复/);
  const page = asker.url();
  await lookTwice(asker);

  const operator = await staff('city-op1', '/operator');
  await room(operator, OPERATOR, '投诉处理');
  await lookTwice(operator);
  await find(operator, number);
  // Nothing is answered that nobody has taken up.
  assert.strictEqual(await link(operator, '答复企业').count(), 0);
  await lookTwice(operator);
  await link(operator, '受理').click();
  await title(operator, '要受理这件投诉吗？').waitFor();
  await lookTwice(operator);
  await confirm(operator, '受理', '已受理，企业会收到通知。');
  await link(operator, '内部记录').click();
  await title(operator, '记录处理情况').waitFor();
  await refused(operator, '保存记录');
  await lookTwice(operator);
  await field(operator, '记录').fill('已致电企业，有通话录音。');
  await confirm(operator, '保存记录', '已记录。');

  await link(operator, '请机构说明').click();
  await title(operator, '请机构说明情况').waitFor();
  await refused(operator, '发出请求');
  assert.match(await words(operator), /请选择由哪个机构或支行说明[\s\S]*请填写需要说明的内容/);
  await lookTwice(operator);
  await operator.getByRole('radio', { name: BRANCH }).check();
  await field(operator, '请其说明的内容').fill('请说明两周未联系的原因，明天下班前回复。');
  await confirm(operator, '发出请求', '已发出，被请求的机构会收到通知。');
  assert.strictEqual(await link(operator, '请机构说明').count(), 0);
  await lookTwice(operator);

  const clerk = await staff('huirong-nanbu-bm1');
  await heard(clerk, '请说明投诉情况', '/branch/messages');
  await room(clerk, '支行工作台菜单', '投诉说明');
  assert.match(await line(clerk, number).innerText(), /等待说明/);
  await lookTwice(clerk);
  await line(clerk, number).getByRole('link', { name: number }).click();
  await title(clerk, `投诉 ${number}`).waitFor();
  assert.match(await words(clerk), /两周未联系的原因/);
  assert.doesNotMatch(await words(clerk), /通话录音/);
  const asked = clerk.url();
  await lookTwice(clerk);
  await link(clerk, '提交说明').click();
  await title(clerk, '说明情况').waitFor();
  await refused(clerk, '提交说明');
  await lookTwice(clerk);
  await field(clerk, '说明').fill('客户经理休假，已改由同事联系。');
  await confirm(clerk, '提交说明', '说明已提交，平台会收到通知。');
  // Said is said.
  assert.strictEqual(await link(clerk, '提交说明').count(), 0);
  await lookTwice(clerk);
  const neighbour = await staff('huirong-yanhai-bm1');
  neighbour.allowed.push('404');
  assert.strictEqual((await neighbour.goto(asked)).status(), 404);

  await operator.reload();
  assert.match(await words(operator), /已改由同事联系/);
  await link(operator, '答复企业').click();
  await title(operator, '答复企业').waitFor();
  await refused(operator, '发出答复');
  await lookTwice(operator);
  await field(operator, '答复内容').fill('经核实，支行已改由同事联系，三个工作日内上门尽调。');
  await confirm(operator, '发出答复', '已答复，企业会收到通知。');
  await lookTwice(operator);

  await heard(asker, '投诉已答复');
  await room(asker, '企业管理菜单', '投诉');
  assert.match(await line(asker, number).innerText(), /已答复/);
  await lookTwice(asker);
  await line(asker, number).getByRole('link', { name: number }).click();
  await title(asker, `投诉 ${number}`).waitFor();
  assert.match(await words(asker), /三个工作日内上门尽调/);
  // What city and branch say to each other, and who they are, stays with them.
  for (const inner of [/通话录音/, /客户经理休假/, /两周未联系的原因/, /宋知远/]) assert.doesNotMatch(await words(asker), inner);
  await lookTwice(asker);
  await link(asker, '不满意，再次提出').click();
  await title(asker, '再次提出投诉').waitFor();
  await refused(asker, '再次提出');
  await lookTwice(asker);
  await field(asker, '对答复不满意的原因').fill('三个工作日已过，仍然没有人上门。');
  await confirm(asker, '再次提出', '已再次提出，平台会在承诺的时限内答复。');
  assert.match(await words(asker), /仍然没有人上门/);
  await lookTwice(asker);

  const second = await staff('city-op2', '/operator');
  await find(second, number);
  assert.match(await words(second), /再次提出[\s\S]*仍然没有人上门/);
  await lookTwice(second);
  await link(second, '受理').click();
  await confirm(second, '受理', '已受理');
  await link(second, '答复企业').click();
  await field(second, '答复内容').fill('已督促支行今天 15:00 上门，请留意来电。');
  await confirm(second, '发出答复', '已答复');

  await asker.goto(page);
  assert.match(await words(asker), /今天 15:00 上门/);
  // Once more is once.
  assert.strictEqual(await link(asker, '不满意，再次提出').count(), 0);
  await lookTwice(asker);
  await link(asker, '满意，办结').click();
  await title(asker, '对答复满意，要办结这件投诉吗？').waitFor();
  await lookTwice(asker);
  await confirm(asker, '办结', '投诉已办结。');
  assert.strictEqual(await link(asker, '满意，办结').count(), 0);
  await lookTwice(asker);
});

walk('an enterprise rates a decided request, the institution replies, and an operator hides it with a reason', async () => {
  const SAID = '问了三次才知道进度，材料要了两遍。';
  const REPLY = '已改为每周主动告知进度，感谢监督。';
  const REASON = '内容与这笔融资需求无关。';
  const asker = await firm('19900002185');
  const number = await apply(asker, { product: '政采订单融资', amount: '40', term: '6', rate: '4.2', branch: '运河惠融金控沿海业务部' });
  const clerk = await staff('huirong-yanhai-bm1');
  await accept(clerk, number);
  await openOwn(asker, number);
  // What is not decided is not rated.
  assert.strictEqual(await link(asker, '评价受理支行').count(), 0);
  await reject(await staff('huirong-yanhai-ba1'), number, '订单回款周期较长。');

  await openOwn(asker, number);
  await link(asker, '评价受理支行').click();
  await title(asker, '评价受理支行').waitFor();
  await lookTwice(asker);
  await refused(asker, '提交评价');
  assert.match(await words(asker), /请为办理效率选择星级/);
  await lookTwice(asker);
  await choose(asker, '办理效率', '2 星，不满意');
  await choose(asker, '服务态度', '3 星，一般');
  await choose(asker, '费用与条件透明', '4 星，满意');
  await field(asker, '评价内容（选填）').fill(SAID);
  await confirm(asker, '提交评价', '感谢您的评价。');
  const rated = asker.url();
  assert.strictEqual(await button(asker, '提交评价').count(), 0);
  await lookTwice(asker);

  const visitor = await person();
  await visitor.goto('/institutions');
  await link(visitor, INSTITUTION).click();
  await title(visitor, INSTITUTION).waitFor();
  const shop = visitor.url();
  const shown = visitor.getByRole('main').getByText(SAID);
  await eventually(visitor, shop, shown);
  assert.match(await words(visitor), /黄骅\*\*有限公司/);
  assert.doesNotMatch(await words(visitor), /海雍丰/);
  await lookTwice(visitor);

  // A manager reads it; the head of the branch or headquarters replies.
  await room(clerk, '支行工作台菜单', '企业评价');
  await lookTwice(clerk);
  await open(clerk, SAID);
  assert.strictEqual(await link(clerk, '回复').count(), 0);
  assert.doesNotMatch(await words(clerk), /海雍丰/);
  const head = await staff('huirong-ha1', '/hq');
  await room(head, '机构工作台菜单', '企业评价');
  await open(head, SAID);
  await lookTwice(head);
  await link(head, '回复').click();
  await title(head, '回复企业评价').waitFor();
  await refused(head, '提交回复');
  await lookTwice(head);
  await field(head, '回复').fill(REPLY);
  await confirm(head, '提交回复', '已回复，企业会收到通知。');
  assert.strictEqual(await link(head, '回复').count(), 0);
  await lookTwice(head);
  await heard(asker, '机构回复了您的评价');
  await eventually(visitor, shop, visitor.getByRole('main').getByText(REPLY));

  const operator = await staff('city-op1', '/operator');
  await room(operator, OPERATOR, '企业评价');
  await lookTwice(operator);
  await open(operator, SAID);
  await lookTwice(operator);
  await link(operator, '隐藏').click();
  await title(operator, '隐藏这条评价').waitFor();
  await refused(operator, '隐藏');
  await lookTwice(operator);
  await field(operator, '原因').fill(REASON);
  await confirm(operator, '隐藏', '已隐藏，企业会收到原因。');
  await lookTwice(operator);

  await eventually(visitor, shop, shown, 'detached');
  await heard(asker, '您的评价已被隐藏');
  await asker.goto(rated);
  assert.match(await words(asker), new RegExp(`平台已隐藏这条评价[\\s\\S]*${REASON}`));
  await lookTwice(asker);

  await link(operator, '恢复展示').click();
  await title(operator, '要恢复展示这条评价吗？').waitFor();
  await lookTwice(operator);
  await confirm(operator, '恢复展示', '已恢复展示，企业会收到通知。');
  await eventually(visitor, shop, shown);
});
