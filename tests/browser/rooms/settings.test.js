'use strict';
// 工作日历与消息文案: two operators declare a day off and take it back, and word a message in the city's own way.

const assert = require('node:assert');
const { lookTwice, walk } = require('../walks/house/house');
const { button, confirm, heard, line, link, refused, room, staff, title, words } = require('../walks/house/office');
const { field } = require('../walks/house/steps');

const OPERATOR = '平台工作台菜单';
const RULE = '本市工作日历调整';
const PROPOSED = '已提交，请另一位平台运营人员复核后生效。';

// The last weekday of the year that has not come; the published year has no holiday so late.
function lateDay() {
  const day = new Date(Date.UTC(new Date().getUTCFullYear(), 11, 31));
  while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

const choose = (page, name) => page.getByRole('group', { name: '当天安排' }).getByRole('radio', { name: new RegExp(name) }).check();

walk('a message is worded by two operators, looked at before, and back as it was by two', async () => {
  const NAME = '企业账户已解除冻结';
  const OWN = '贵公司账户已恢复使用';
  const first = await staff('city-op1', '/operator');
  await room(first, OPERATOR, '消息文案');
  await lookTwice(first);
  await link(first, '短信').click();
  assert.match(await words(first), /不能在页面上修改[\s\S]*验证码 \{验证码\}/);
  await lookTwice(first);
  await link(first, '发给企业').click();
  await link(first, NAME).click();
  await title(first, NAME).waitFor();
  await lookTwice(first);
  await field(first, '标题').fill(OWN);
  await field(first, '正文').fill('账户已恢复，{密码} 可用。');
  await refused(first, '预览');
  assert.match(await words(first), /这条消息不能自动填写“密码”/);
  await lookTwice(first);
  await field(first, '正文').fill('贵公司账户已恢复，可以继续提交融资需求。');
  await Promise.all([first.waitForEvent('load'), button(first, '预览').click()]);
  assert.match(await words(first), new RegExp(`预览\\s*${OWN}`));
  await lookTwice(first);
  await field(first, '变更原因').fill('与市里的称呼一致。');
  await confirm(first, '提出变更', PROPOSED);

  const second = await staff('city-op2', '/operator');
  await room(second, OPERATOR, '消息文案');
  assert.match(await line(second, NAME).innerText(), /有变更待复核/);
  await link(second, NAME).click();
  assert.match(await words(second), new RegExp(`变更后\\s*${OWN}[\\s\\S]*变更后的示例`));
  await lookTwice(second);
  await confirm(second, '同意变更', '变更已生效。');
  assert.match(await words(second), new RegExp(`标题\\s*${OWN}[\\s\\S]*宋知远提出，路遥知复核`));
  await field(second, '变更原因').fill('恢复全国一致的说法。');
  await confirm(second, '恢复默认文案', PROPOSED);
  await first.reload();
  await confirm(first, '同意变更', '变更已生效。');
  assert.match(await words(first), /标题\s*企业账户已解除冻结[\s\S]*变更记录[\s\S]*贵公司账户已恢复使用/);
  await lookTwice(first);
});

// Both have proved who they are in the walk before.
walk('two operators declare a day off, everybody of the city reads who and why, and they take it back', async () => {
  const day = lateDay();
  const first = await staff('city-op1', '/operator');
  await room(first, OPERATOR, '工作日历');
  assert.match(await words(first), /国家安排：元旦放假[\s\S]*只有明天及以后的日期可以调整/);
  await lookTwice(first);
  await link(first, '调整日期').click();
  await title(first, RULE).waitFor();
  await lookTwice(first);
  await field(first, '开始日期').fill('2026-01-05');
  await refused(first, '提出变更');
  assert.match(await words(first), /只能调整明天及以后的日期[\s\S]*请填写变更原因/);
  await lookTwice(first);
  await field(first, '开始日期').fill(day);
  await choose(first, '放假');
  await field(first, '变更原因').fill('全市承办大型活动，机关和银行网点放假一天。');
  await confirm(first, '提出变更', PROPOSED);
  for (const name of ['同意变更', '提出变更']) assert.strictEqual(await button(first, name).count(), 0);
  await lookTwice(first);

  const second = await staff('city-op2', '/operator');
  await heard(second, new RegExp(`提出变更“${RULE}”`), '/branch/messages');
  await room(second, OPERATOR, '工作日历');
  await link(second, '查看待复核的调整').click();
  await title(second, RULE).waitFor();
  assert.match(await words(second), new RegExp(`${day}（周.）放假[\\s\\S]*大型活动[\\s\\S]*宋知远`));
  await lookTwice(second);
  await confirm(second, '同意变更', '变更已生效。');
  await link(second, '查看工作日历').click();
  await title(second, '工作日历').waitFor();
  assert.match(await line(second, day).innerText(), /放假[\s\S]*本市调整：全市承办大型活动[\s\S]*宋知远提出，路遥知复核/);
  await lookTwice(second);

  // The day brings itself along to be taken back.
  await line(second, day).getByRole('link', { name: '取消调整' }).click();
  await title(second, RULE).waitFor();
  assert.strictEqual(await field(second, '开始日期').inputValue(), day);
  await field(second, '变更原因').fill('活动改期。');
  await confirm(second, '提出变更', PROPOSED);
  await first.reload();
  await confirm(first, '同意变更', '变更已生效。');
  await room(first, OPERATOR, '工作日历');
  assert.strictEqual(await line(first, day).count(), 0);
});
