'use strict';
// 机构管理与平台设置: an institution is taken in with its first administrator, paused and resumed by two people; so is a rule of the city.

const assert = require('node:assert');
const { randomInt } = require('node:crypto');
const { lookTwice, person, walk } = require('../walks/house/house');
const { begin, button, confirm, eventually, heard, line, link, refused, room, staff, title, words } = require('../walks/house/office');
const { phone } = require('../walks/house/numbers');
const { DEMO, field, prove } = require('../walks/house/steps');

const OPERATOR = '平台工作台菜单';
const PASSWORD = 'Walk-Neu-2026-yjr';
const ADMINISTRATOR = '程知夏';

// Gives the roles of somebody that wait for a second person.
async function grant(page, name) {
  const waiting = page.getByRole('listitem').filter({ hasText: name }).getByRole('button', { name: '确认授权' });
  const done = page.getByRole('status').filter({ hasText: '授权' });
  await room(page, OPERATOR, '人员与角色');
  await lookTwice(page);
  await waiting.click();
  await done.or(title(page, '验证身份')).first().waitFor();
  if (await title(page, '验证身份').count()) {
    await prove(page, DEMO.password);
    await room(page, OPERATOR, '人员与角色');
    await waiting.click();
  }
  await done.waitFor();
}

walk('an institution is taken in, seen by visitors, paused by two operators and resumed by two', async () => {
  const mark = String(randomInt(1000, 10000));
  const name = `沧州云屹${mark}村镇银行股份有限公司`;
  const first = await staff('city-op1', '/operator');
  await room(first, OPERATOR, '机构管理');
  await lookTwice(first);
  await begin(first, '办理机构入驻', { heading: '机构入驻', proof: true });
  await lookTwice(first);
  await refused(first, '办理入驻');
  assert.match(await words(first), /机构名称应为 4–60 个字[\s\S]*请选择机构类型/);
  await lookTwice(first);
  await field(first, '机构名称').fill(name);
  await field(first, '简称').fill(`云屹${mark}银行`);
  await field(first, '机构类型').selectOption({ label: '村镇银行' });
  await field(first, '许可证编号').fill(`S0012H31309${mark}`);
  await field(first, '客服电话').fill('0317-1900100');
  await field(first, '地址').fill('沧州市运河区御河路 9 号');
  await field(first, '简介').fill('服务县域和乡镇小微企业。');
  await field(first, '姓名').fill(ADMINISTRATOR);
  await field(first, '手机号').fill(phone());
  await field(first, '登录账号').fill(`walk-${mark}-ha1`);
  await button(first, '办理入驻').click();
  await title(first, '机构已入驻，邀请已发出').waitFor();
  await lookTwice(first);
  const invitation = /https?:\/\/\S+\/staff\/link\/[\w-]+/.exec(await words(first))[0];
  await link(first, '查看机构').click();
  await title(first, name).waitFor();
  const address = first.url();
  assert.match(await words(first), new RegExp(`正常受理[\\s\\S]*还没有开设支行[\\s\\S]*${ADMINISTRATOR}`));
  await lookTwice(first);

  const second = await staff('city-op2', '/operator');
  await grant(second, name);
  const administrator = await person();
  await administrator.goto(invitation);
  await title(administrator, '设置登录密码').waitFor();
  await field(administrator, '密码').fill(PASSWORD);
  await field(administrator, '确认密码').fill(PASSWORD);
  await button(administrator, '设置密码并登录').click();
  await administrator.getByRole('status').filter({ hasText: '密码已设置，您已登录。' }).waitFor();
  await administrator.goto('/hq');
  await title(administrator, '工作台').waitFor();
  await lookTwice(administrator);

  const visitor = await person();
  const card = link(visitor, name);
  await eventually(visitor, '/institutions', card);
  await card.click();
  await title(visitor, name).waitFor();
  const shop = visitor.url();
  assert.match(await words(visitor), /这家机构暂无在售产品/);
  await lookTwice(visitor);

  await begin(first, '申请暂停受理', { heading: `要申请让“${name}”暂停受理吗？`, proof: true });
  await refused(first, '申请暂停受理');
  await lookTwice(first);
  await field(first, '原因').fill('许可证正在换发。');
  await confirm(first, '申请暂停受理', '已提交，请另一位平台运营人员确认。');
  assert.strictEqual(await link(first, '确认暂停受理').count(), 0);
  await lookTwice(first);
  await room(second, OPERATOR, '机构管理');
  await lookTwice(second);
  await second.getByRole('table', { name: '等待第二人确认的申请' }).getByRole('link', { name }).click();
  await title(second, name).waitFor();
  await begin(second, '确认暂停受理', { heading: `要确认让“${name}”暂停受理吗？`, proof: true });
  await lookTwice(second);
  await confirm(second, '确认暂停受理', '已暂停受理，机构的管理员会收到通知。');
  assert.match(await words(second), /已暂停受理/);
  await lookTwice(second);

  await eventually(visitor, '/institutions', card, 'detached');
  visitor.allowed.push('404');
  assert.strictEqual((await visitor.goto(shop)).status(), 404);
  await lookTwice(visitor);
  await heard(administrator, '平台已暂停本机构受理新的融资需求', '/branch/messages');
  assert.match(await words(administrator), /原因：许可证正在换发。/);
  await lookTwice(administrator);

  // A no leaves it paused.
  const resume = async (reason) => {
    await second.goto(address);
    await begin(second, '申请恢复受理', { heading: `要申请让“${name}”恢复受理吗？`, proof: true });
    await field(second, '原因').fill(reason);
    await confirm(second, '申请恢复受理', '已提交');
    await first.goto(address);
  };
  await resume('机构来电说许可证已换发。');
  await begin(first, '不同意', { heading: `不同意对“${name}”的申请吗？`, proof: true });
  await lookTwice(first);
  await confirm(first, '不同意', '已记录为不同意，机构保持原来的状态。');
  assert.match(await words(first), /已暂停受理/);
  await resume('已核对新许可证原件。');
  await begin(first, '确认恢复受理', { heading: `要确认让“${name}”恢复受理吗？`, proof: true });
  await confirm(first, '确认恢复受理', '已恢复受理，机构的管理员会收到通知。');
  assert.match(await first.getByRole('table', { name: '暂停与恢复记录' }).innerText(), /宋知远已确认[\s\S]*宋知远未同意[\s\S]*路遥知已确认/);
  await lookTwice(first);
  await eventually(visitor, '/institutions', card);
  await heard(administrator, '本机构已恢复受理', '/branch/messages');
});

walk('one operator proposes quiet hours, another one agrees, and the page keeps who decided what', async () => {
  const NAME = '短信免打扰时段';
  const NIGHT = '22:00 至次日 07:00';
  const first = await staff('city-op1', '/operator');
  await room(first, OPERATOR, '平台设置');
  assert.match(await line(first, NAME).innerText(), /不设免打扰时段[\s\S]*城市配置文件[\s\S]*现行/);
  await lookTwice(first);
  await link(first, NAME).click();
  await title(first, NAME).waitFor();
  await lookTwice(first);
  await field(first, '开始时间').selectOption({ label: '22:00' });
  await refused(first, '提出变更');
  assert.match(await words(first), /请选择时间，或者两项都选“不设”[\s\S]*请填写变更原因/);
  await lookTwice(first);
  await field(first, '结束时间').selectOption({ label: '07:00' });
  await field(first, '变更原因').fill('企业反映夜里收到还款提醒。');
  await confirm(first, '提出变更', '已提交，请另一位平台运营人员复核后生效。');
  // Until then everything stays as it was, and there is one change at a time.
  assert.match(await words(first), /现行值\s*不设免打扰时段[\s\S]*待复核的变更[\s\S]*须由提出人以外的平台运营人员复核/);
  for (const name of ['同意变更', '提出变更']) assert.strictEqual(await button(first, name).count(), 0);
  await lookTwice(first);

  const second = await staff('city-op2', '/operator');
  await heard(second, new RegExp(`提出变更“${NAME}”`), '/branch/messages');
  await room(second, OPERATOR, '平台设置');
  assert.match(await line(second, NAME).innerText(), /有变更待复核/);
  await link(second, NAME).click();
  await title(second, NAME).waitFor();
  assert.match(await words(second), new RegExp(`变更后\\s*${NIGHT}[\\s\\S]*夜里收到还款提醒[\\s\\S]*宋知远`));
  await lookTwice(second);
  await confirm(second, '同意变更', '变更已生效。');
  assert.match(await words(second), new RegExp(`现行值\\s*${NIGHT}[\\s\\S]*宋知远提出，路遥知复核`));
  const kept = (page) => page.getByRole('table', { name: '变更记录' }).getByRole('row').nth(1);
  assert.match(await kept(second).innerText(), new RegExp(`宋知远[\\s\\S]*不设免打扰时段[\\s\\S]*${NIGHT}[\\s\\S]*路遥知[\\s\\S]*已生效`));
  await lookTwice(second);

  // Back again: the other one says no, and the night stays quiet.
  await field(second, '开始时间').selectOption({ label: '不设' });
  await field(second, '结束时间').selectOption({ label: '不设' });
  await field(second, '变更原因').fill('还款提醒应当当天送达。');
  await confirm(second, '提出变更', '已提交');
  await first.reload();
  await confirm(first, '不同意变更', '已答复不同意，原设置保持不变。');
  assert.match(await words(first), new RegExp(`现行值\\s*${NIGHT}`));
  assert.match(await kept(first).innerText(), new RegExp(`路遥知[\\s\\S]*${NIGHT}[\\s\\S]*不设免打扰时段[\\s\\S]*宋知远[\\s\\S]*未同意`));
  await lookTwice(first);

  // The supervisor reads, and decides nothing.
  const supervisor = await staff('city-os1', '/operator');
  await room(supervisor, OPERATOR, '平台设置');
  await link(supervisor, NAME).click();
  await title(supervisor, NAME).waitFor();
  assert.strictEqual(await button(supervisor, '提出变更').count(), 0);
  await lookTwice(supervisor);
});
