'use strict';
// 产品管理: headquarters writes, the city's operator checks, a visitor finds it, and it leaves the shelf again.

const assert = require('node:assert');
const { look, person, walk } = require('../walks/house/house');
const { button, confirm, line, link, refused, staff, title, words } = require('../walks/house/office');
const { field } = require('../walks/house/steps');

const NAME = `运河渔光贷${String(Date.now()).slice(-6)}`;

const choose = (page, role, group, name) => page.getByRole('group', { name: group }).getByRole(role, { name, exact: true }).check();

async function fill(page) {
  await field(page, '融资类型').selectOption({ label: '流动资金贷款' });
  await field(page, '担保方式').selectOption({ label: '信用' });
  await field(page, '最低额度').fill('10');
  await field(page, '最高额度').fill('200');
  await choose(page, 'radio', '期限单位', '个月');
  await field(page, '最短期限').fill('6');
  await field(page, '最长期限').fill('24');
  await choose(page, 'radio', '利率类型', '固定利率');
  await field(page, '最低年利率').fill('3.95');
  await field(page, '最高年利率').fill('3.95');
  await choose(page, 'checkbox', '还款方式', '按月付息，到期还本');
  await choose(page, 'radio', '是否另外收费', '除利息外不收取其他费用');
  await choose(page, 'checkbox', '受理支行', '运河农商行海兴支行');
}

// What a visitor finds under the name.
async function find(page) {
  await page.goto(`/market?q=${encodeURIComponent(NAME)}`);
  await title(page, '金融超市').waitFor();
  return page.getByRole('link', { name: new RegExp(`^查看详情\\+\\s*：${NAME}$`) });
}

walk('a product is written, returned, mended, published, found by a visitor and taken off the shelf', async () => {
  const head = await staff('yunhe-ha1', '/hq');
  await head.getByRole('navigation', { name: '机构工作台菜单' }).getByRole('link', { name: '产品管理' }).click();
  await title(head, '产品管理').waitFor();
  await look(head);
  await link(head, '新增产品').click();
  await title(head, '新增产品').waitFor();
  await look(head);

  // A draft needs a name and no contradictions; what is missing is asked for only at the submission.
  await refused(head, '保存草稿');
  assert.match(await words(head), /请输入产品名称/);
  await field(head, '产品名称').fill(NAME);
  await fill(head);
  await field(head, '最高额度').fill('5');
  await refused(head, '保存草稿');
  assert.match(await words(head), /最高额度应不小于最低额度/);
  await look(head);
  await field(head, '最高额度').fill('200');
  await button(head, '保存并提交发布').click();
  const missing = head.getByRole('alert').getByRole('link');
  await head.getByRole('alert').filter({ hasText: '有 1 处需要修改' }).waitFor();
  assert.deepStrictEqual(await missing.allInnerTexts(), ['请填写申请条件，至少一条']);
  await look(head);
  await field(head, '申请条件').fill('在沿海县区从事水产养殖');
  await button(head, '保存并提交发布').click();
  await title(head, `要提交“${NAME}”，请平台审核发布吗？`).waitFor();
  await look(head);
  await confirm(head, '提交发布', '已提交，请等待平台审核。');
  await look(head);
  const visitor = await person();
  assert.strictEqual(await (await find(visitor)).count(), 0);

  const operator = await staff('city-op1', '/operator');
  await look(operator);
  await operator.goto('/operator/products');
  await look(operator);
  await link(operator, NAME).click();
  await title(operator, NAME).waitFor();
  await look(operator);
  await link(operator, '退回修改稿').click();
  await title(operator, `要退回“${NAME}”吗？`).waitFor();
  await refused(operator, '退回修改稿');
  await look(operator);
  await field(operator, '退回原因').fill('申请条件请写明养殖年限。');
  await confirm(operator, '退回修改稿', '已退回，机构会收到通知。');

  await head.goto('/hq/products');
  await line(head, NAME).getByRole('link').first().click();
  await title(head, NAME).waitFor();
  assert.match(await words(head), /平台已退回修改稿[\s\S]*申请条件请写明养殖年限。/);
  await look(head);
  await link(head, '继续修改').click();
  await title(head, `修改产品：${NAME}`).waitFor();
  await look(head);
  await field(head, '申请条件').fill('在沿海县区从事水产养殖满 2 年');
  await button(head, '保存并提交发布').click();
  await confirm(head, '提交发布', '已提交，请等待平台审核。');

  await operator.goto('/operator/products');
  await link(operator, NAME).click();
  await link(operator, '通过发布').click();
  await title(operator, `要发布“${NAME}”吗？`).waitFor();
  await look(operator);
  await confirm(operator, '通过发布', '已发布，机构会收到通知。');

  await (await find(visitor)).click();
  await title(visitor, NAME).waitFor();
  assert.match(await words(visitor), /水产养殖满 2 年/);
  await look(visitor);
  const address = visitor.url();

  await head.goto('/hq/products');
  await line(head, NAME).getByRole('link').first().click();
  await look(head);
  await link(head, '下架产品').click();
  await title(head, `要下架“${NAME}”吗？`).waitFor();
  await refused(head, '下架产品');
  await look(head);
  await field(head, '下架原因').fill('额度已用完。');
  await confirm(head, '下架产品', '产品已下架，企业不能再申请这款产品。');
  await look(head);

  assert.strictEqual(await (await find(visitor)).count(), 0);
  await look(visitor);
  visitor.allowed.push('410');
  await visitor.goto(address);
  await title(visitor, '该产品已下架').waitFor();
  assert.strictEqual(await visitor.getByRole('link', { name: '立即申请' }).count(), 0);
  await look(visitor);
});
