// The way to a request: search, detail, 立即申请, the four fields.

import { DEMO } from './walk.mjs';

export async function toForm(phone) {
  await phone.toTab('金融超市');
  await phone.page.getByLabel('搜索产品').fill(DEMO.product);
  await phone.tap('搜索');
  await phone.tap(new RegExp(DEMO.product), 'link');
  await phone.title(DEMO.product);
  await phone.tap('立即申请');
  await phone.at('apply');
  await phone.title(DEMO.product);
}

export async function fill(phone, { amount = '120' } = {}) {
  await phone.fill('期望融资金额', amount);
  await phone.fill('期望融资期限', '3');
  await phone.fill('期望融资利率', '3.75');
  await phone.page.locator('main').getByRole('button', { name: /^选择受理支行/ }).locator('visible=true').click();
  await phone.page.getByRole('dialog').getByRole('button').filter({ hasText: '支行' }).first().click();
}

/** Filled, agreed, and on the page where it is checked. */
export async function toCheck(phone) {
  await toForm(phone);
  await fill(phone);
  await phone.agree();
  await phone.tap('下一步：核对信息');
  await phone.title('核对信息');
}
