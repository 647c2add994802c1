'use strict';
// 企业管理与代码核实: an operator finds an enterprise, two of them freeze its account and set it free, and admit a code that the rules refuse.

const assert = require('node:assert');
const { browser, lookTwice, person, walk } = require('../walks/house/house');
const { begin, button, confirm, heard, link, refused, room, staff, title, words } = require('../walks/house/office');
const { doubtful, enterprise } = require('../walks/house/numbers');
const { papers } = require('../walks/house/papers');
const steps = require('../walks/house/steps');

const { DEMO, field } = steps;
const OPERATOR = '平台工作台菜单';
const FIRM = { name: '沧州市渤沃宸化工新材料有限公司', phone: '19900002074' };
const PRODUCT = '科创成果转化贷';
const ASKED = { amount: '60', term: '2', rate: '4', branch: '运河惠融金控综合业务部' };
const PURPOSE = '电话核对疑似冒用的账户';

// 企业管理, and in it the enterprise with this name or code.
async function find(page, text, name) {
  await room(page, OPERATOR, '企业管理');
  await field(page, '企业名称或统一社会信用代码').fill(text);
  await button(page, '查询').click();
  await page.getByRole('table', { name: '企业', exact: true }).getByRole('link', { name, exact: true }).click();
  await title(page, name).waitFor();
}

walk('two operators freeze an account: its sign-in says so, nothing new is submitted, and two of them lift it', async () => {
  const first = await staff('city-op1', '/operator');
  await room(first, OPERATOR, '企业管理');
  await lookTwice(first);
  await first.goto(`/operator/enterprises?from=2026-02-30&q=${encodeURIComponent('没有这家企业')}`);
  assert.match(await words(first), /“注册日期起”没有用于查询[\s\S]*没有符合条件的企业/);
  await lookTwice(first);
  await find(first, FIRM.name, FIRM.name);
  const address = first.url();
  assert.doesNotMatch(await words(first), new RegExp(FIRM.phone));
  await lookTwice(first);

  // The whole data only for a reason, and the enterprise reads it.
  await begin(first, '查看完整信息', { heading: '查看完整企业信息' });
  await refused(first, '查看完整');
  await lookTwice(first);
  await field(first, '查看原因').fill(PURPOSE);
  await button(first, '查看完整').click();
  await title(first, '完整企业信息').waitFor();
  assert.match(await words(first), new RegExp(FIRM.phone));
  await lookTwice(first);
  await link(first, '返回企业').click();
  await title(first, FIRM.name).waitFor();

  await begin(first, '申请冻结账户', { heading: `要申请冻结“${FIRM.name}”的账户吗？`, proof: true });
  await refused(first, '申请冻结账户');
  await lookTwice(first);
  await field(first, '原因').fill('预留手机号机主来电，疑似冒用。');
  await confirm(first, '申请冻结账户', '已提交，请另一位平台运营人员确认。');
  // Who asked cannot confirm.
  assert.match(await words(first), /申请人自己不能确认/);
  assert.strictEqual(await link(first, '确认冻结').count(), 0);
  await lookTwice(first);

  const second = await staff('city-op2', '/operator');
  await heard(second, new RegExp(`申请冻结${FIRM.name}的账户`), '/branch/messages');
  await room(second, OPERATOR, '企业管理');
  await second.getByRole('table', { name: '等待第二人确认的账户冻结申请' }).getByRole('link', { name: FIRM.name }).click();
  await title(second, FIRM.name).waitFor();
  await lookTwice(second);
  await begin(second, '确认冻结', { heading: `要确认冻结“${FIRM.name}”的账户吗？`, proof: true });
  await lookTwice(second);
  await confirm(second, '确认冻结', '账户已冻结，企业会收到通知。');
  await lookTwice(second);

  const asker = await person();
  await steps.signIn(asker, FIRM.phone, DEMO.password);
  assert.strictEqual(new URL(asker.url()).pathname, '/enterprise');
  assert.match(await words(asker), /企业账户已冻结\s+暂不能提交新的融资需求；/);
  assert.doesNotMatch(await words(asker), /疑似冒用/);
  await lookTwice(asker);
  await heard(asker, '企业账户已冻结');
  await asker.goto('/enterprise/consents/looks');
  assert.match(await words(asker), new RegExp(PURPOSE));
  await lookTwice(asker);
  await steps.openProduct(asker, PRODUCT);
  await title(asker, '提交融资需求').waitFor();
  const told = asker.getByText(/企业账户已被冻结，暂不能提交新的融资需求.*解除冻结后可以继续/);
  await told.waitFor();
  await steps.fillApplication(asker, ASKED);
  await button(asker, '提交申请').click();
  await asker.getByRole('heading', { name: '核对信息' }).waitFor();
  const again = asker.getByRole('checkbox', { name: /仍要提交/ });
  if (await again.count()) await again.check();
  await button(asker, '确认提交').click();
  await told.waitFor();
  await lookTwice(asker);

  // Lifted by two as well; a no changes nothing.
  await begin(second, '申请解除冻结', { heading: `要申请解除“${FIRM.name}”的账户冻结吗？`, proof: true });
  await field(second, '原因').fill('已核实为本企业经办人。');
  await confirm(second, '申请解除冻结', '已提交');
  await first.goto(address);
  await begin(first, '不同意', { heading: `不同意对“${FIRM.name}”账户的申请吗？`, proof: true });
  await lookTwice(first);
  await confirm(first, '不同意', '已记录为不同意，账户保持原来的状态。');
  await second.goto(address);
  await begin(second, '申请解除冻结', { heading: `要申请解除“${FIRM.name}”的账户冻结吗？`, proof: true });
  await field(second, '原因').fill('营业执照和授权书原件已核对。');
  await confirm(second, '申请解除冻结', '已提交');
  await first.goto(address);
  await begin(first, '确认解除冻结', { heading: `要确认解除“${FIRM.name}”的账户冻结吗？`, proof: true });
  await confirm(first, '确认解除冻结', '账户已解除冻结，企业会收到通知。');
  const history = await first.getByRole('table', { name: '账户冻结记录' }).innerText();
  assert.match(history, /路遥知[\s\S]*宋知远已确认[\s\S]*路遥知[\s\S]*宋知远未同意[\s\S]*宋知远[\s\S]*路遥知已确认/);
  await lookTwice(first);

  // What was typed has waited.
  await asker.goto('/enterprise');
  assert.doesNotMatch(await words(asker), /暂不能提交新的融资需求；/);
  await steps.openProduct(asker, PRODUCT);
  await title(asker, '提交融资需求').waitFor();
  assert.strictEqual(await field(asker, '期望融资金额:').inputValue(), ASKED.amount);
  await steps.fillApplication(asker, ASKED);
  await button(asker, '提交申请').click();
  await steps.submit(asker);
});

walk('a code that the rules refuse is declined once, then admitted by two, and its enterprise saves it', async () => {
  const asker = await person();
  const who = enterprise();
  const odd = doubtful(who.creditCode);
  await steps.register(asker, who);
  await asker.goto('/enterprise/profile');
  await steps.fillProfile(asker, { ...who, creditCode: odd }, await papers(browser(), who));
  await refused(asker, '保存并继续');
  assert.match(await words(asker), /校验码/);
  await lookTwice(asker);

  const propose = async (page, code, evidence) => {
    await room(page, OPERATOR, '代码核实', '统一社会信用代码核实');
    await field(page, '统一社会信用代码').fill(code);
    await field(page, '企业名称').fill(who.name);
    await field(page, '核对依据').selectOption({ label: evidence });
    await field(page, '核实情况').fill('已核对执照，公示系统可查。');
  };
  const first = await staff('city-op1', '/operator');
  // What is right needs nobody.
  await propose(first, who.creditCode, '国家企业信用信息公示系统');
  await refused(first, '提出登记');
  await lookTwice(first);
  await propose(first, odd, '国家企业信用信息公示系统');
  await confirm(first, '提出登记', '已提交，请另一位平台运营人员复核后登记。');
  const waiting = (page) => page.getByRole('table', { name: '等待复核的代码' }).getByRole('link', { name: odd });
  await waiting(first).click();
  await title(first, '代码登记复核').waitFor();
  assert.match(await words(first), /须由提出人以外的平台运营人员复核/);
  assert.strictEqual(await button(first, '同意登记').count(), 0);
  await lookTwice(first);

  const second = await staff('city-op2', '/operator');
  await heard(second, new RegExp(`为${who.name}提出登记`), '/branch/messages');
  await room(second, OPERATOR, '代码核实', '统一社会信用代码核实');
  await lookTwice(second);
  await waiting(second).click();
  await title(second, '代码登记复核').waitFor();
  await lookTwice(second);
  await confirm(second, '不同意登记', '已记录为不同意，这个代码没有登记。');
  assert.match(await second.getByRole('table', { name: '未同意的代码' }).innerText(), new RegExp(odd));
  await lookTwice(second);
  await propose(second, odd, '营业执照原件');
  await confirm(second, '提出登记', '已提交');
  await room(first, OPERATOR, '代码核实', '统一社会信用代码核实');
  await waiting(first).click();
  await confirm(first, '同意登记', '已登记。企业现在可以用这个代码保存企业信息。');
  assert.match(await first.getByRole('table', { name: '已核实的代码' }).getByRole('row').filter({ hasText: odd }).innerText(), /宋知远/);
  await lookTwice(first);

  await field(asker, '密码').fill(who.password);
  await field(asker, '确认密码').fill(who.password);
  await button(asker, '保存并继续').click();
  await asker.waitForURL(/\/enterprise\/face/);
  // Whoever looks at the enterprise later reads who admitted it.
  await find(second, odd, who.name);
  assert.match(await words(second), /不符合公开校验规则，路遥知提出、宋知远核实登记/);
  await lookTwice(second);
});
