// 再次申请 and 订阅: what follows a request that was withdrawn, and how its progress is told.

import assert from 'node:assert';
import { toCheck } from '../house/request.mjs';
import { DEMO, stranger, walk } from '../house/walk.mjs';

/** Submits what is on the page 核对信息, whatever else is open; answers the number. */
async function submit(phone) {
  const twin = phone.page.getByRole('checkbox', { name: '仍要提交' }).locator('visible=true');
  if (await twin.count()) await twin.click();
  await phone.tap('立即申请');
  await phone.title('提交成功');
  return /PO\d{11,}/.exec(await phone.page.locator('main').innerText())[0];
}

walk('a withdrawn request is asked for again from its record, with what was typed before', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.second.phone, DEMO.password);
  await toCheck(phone);
  const number = await submit(phone);
  await phone.tap('查看进度');
  await phone.sees(number);
  // What is under way is withdrawn, not asked for again.
  assert.strictEqual(await phone.button('再次申请').locator('visible=true').count(), 0);
  await phone.tap('撤回申请');
  await phone.page.getByRole('dialog').getByRole('button', { name: '撤回申请' }).click();
  await phone.sees('申请已撤回。');
  await phone.look('record-withdrawn');

  await phone.tap('再次申请');
  await phone.at('apply');
  await phone.title(DEMO.product);
  const typed = {};
  for (const label of ['期望融资金额', '期望融资期限', '期望融资利率']) typed[label] = Number(await phone.field(label).inputValue());
  assert.deepStrictEqual(typed, { 期望融资金额: 120, 期望融资期限: 3, 期望融资利率: 3.75 });
  await phone.page.locator('main').getByRole('button', { name: /^选择受理支行，必填：(?!请选择)/ }).locator('visible=true').waitFor();
  await phone.look('apply-again');
  await phone.fill('期望融资金额', '95');
  await phone.agree();
  await phone.tap('下一步：核对信息');
  await phone.title('核对信息');
  await phone.sees('95 万元');
  const next = await submit(phone);
  assert.notStrictEqual(next, number);
  await phone.tap('查看进度');
  await phone.sees(next);
  await phone.sees('待接单');
  await phone.sees('95 万元');
});

walk('messages about the progress are offered after a request: refused, not bound, and at last agreed to', async (open) => {
  const { firm } = await stranger();
  const phone = await open();
  await phone.enter(DEMO.second.phone, DEMO.password);
  await toCheck(phone);
  const number = await submit(phone);
  await phone.look('done-offer');
  const offer = phone.button('进度变化时通知我').locator('visible=true');
  await offer.click();
  await phone.sees('没有订阅。进度仍会在“消息”中告知。');
  await phone.set({ accepts: ['*'] });
  await offer.click();
  await phone.sees(/账号还没有绑定微信/);
  await phone.look('done-unbound');

  await phone.toTab('我的');
  await phone.tap(/账号安全/, 'link');
  await phone.sees('登录记录');
  await phone.set({ loginCode: `demo-${firm.phone}` });
  await phone.tap('绑定这个微信');
  await phone.sees(/已绑定/);
  await phone.open(`/pages/done/done?what=apply&no=${number}`);
  await phone.title('提交成功');
  await offer.click();
  await phone.sees('已订阅，进度变化时微信会通知您。');
  await offer.waitFor({ state: 'detached' });
  await phone.look('done-subscribed');
  const sent = (await phone.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/subscriptions'));
  assert.strictEqual(new Set(sent.map(({ key }) => key)).size, sent.length, 'each wish has its own key');
  const tokens = await phone.page.evaluate(() => JSON.parse(localStorage.getItem('wx:yjr.tokens')));
  const device = await phone.page.evaluate(() => JSON.parse(localStorage.getItem('wx:yjr.device')));
  const headers = { 'X-Device-Id': device, Authorization: `Bearer ${tokens.access}` };
  const { items } = await (await phone.context.request.get('/api/v1/subscriptions', { headers })).json();
  assert.strictEqual(items.filter(({ left }) => left === 1).length, 3, 'one message of each kind that was asked for');
});
