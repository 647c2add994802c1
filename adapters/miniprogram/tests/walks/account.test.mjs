// 我的: records with their states, letters, messages, consents, safety, and the answer to 退回补充.

import assert from 'node:assert';
import { whoIsAsked } from '../house/asked.mjs';
import { DEMO, ownerOf, stranger, walk } from '../house/walk.mjs';

walk('records, their timeline, messages and consents of an enterprise with a history', async (open) => {
  const phone = await open();
  await phone.enter('19900002259', DEMO.password);
  await phone.look('mine');
  await phone.tap(/申请记录/, 'link');
  await phone.page.waitForFunction(() => window.host.data().records.length > 0);
  await phone.sees('接单状态');
  await phone.sees('审核状态');
  await phone.look('records-many');
  await phone.page.locator('main').getByRole('link').locator('visible=true').first().click();
  await phone.at('record');
  await phone.sees('进度');
  await phone.look('record-history');
  await phone.tap(/沟通记录/, 'link');
  await phone.at('letters');
  await phone.page.waitForFunction(() => window.host.data().read);
  await phone.look('letters');
  await phone.back();
  await phone.back();
  await phone.back();
  await phone.tap(/^消息/, 'link');
  await phone.page.waitForFunction(() => window.host.data().read);
  await phone.look('messages');
  await phone.page.locator('main').getByRole('button', { expanded: false }).first().click();
  await phone.page.locator('main').getByRole('button', { expanded: true }).waitFor();
  await phone.look('message-open');
  await phone.back();
  await phone.tap(/授权记录/, 'link');
  await phone.page.waitForFunction(() => window.host.data().read);
  await phone.look('consents');
  await phone.back();
  await phone.tap(/人脸核验/, 'link');
  await phone.sees('核验通过后长期有效，以后提交融资需求不需要再核验。');
  await phone.look('face-passed');
});

walk('a record is pulled down and tells what changed elsewhere', async (open) => {
  const phone = await open();
  await phone.enter('19900002296', DEMO.password);
  const other = await open();
  await other.enter('19900002296', DEMO.password);
  await phone.tap(/^消息/, 'link');
  await phone.page.waitForFunction(() => window.host.data().read);
  await other.tap(/^消息/, 'link');
  await other.page.waitForFunction(() => window.host.data().read);
  if (await other.page.evaluate(() => window.host.data().unread)) await other.tap('全部标为已读');
  await other.page.waitForFunction(() => window.host.data().unread === 0);
  await phone.pull();
  await phone.page.waitForFunction(() => window.host.data().unread === 0);
});

walk('the answer to 退回补充 is kept, then sent, with a photo', async (open) => {
  const { papers } = await stranger();
  const phone = await open();
  await phone.enter(await whoIsAsked(), DEMO.password);
  await phone.tap(/申请记录/, 'link');
  await phone.page.waitForFunction(() => window.host.data().records.length > 0);
  await phone.page.waitForFunction(() => {
    window.scrollTo(0, document.documentElement.scrollHeight);
    return window.host.data().records.some(({ review_status }) => review_status.code === 'supplement_asked') || !window.host.data().next;
  }, undefined, { polling: 200 });
  await phone.page.locator('main').getByRole('link').filter({ hasText: '退回补充' }).first().click();
  await phone.at('record');
  await phone.sees(/受理支行请您补充 \d 项材料/);
  await phone.look('record-supplement');
  await phone.tap('去补充');
  await phone.title('补充材料');
  await phone.look('supplement');
  const items = await phone.page.evaluate(() => window.host.data().task.items);
  for (const { label } of items) {
    await phone.photo(papers.licence.buffer);
    await phone.page.getByRole('button', { name: `拍照或选择${label}：照片` }).click();
    await phone.page.getByRole('button', { name: `重新拍照或选择${label}：照片` }).waitFor();
    await phone.fill(`${label}：文字说明`, '见照片。');
  }
  await phone.page.waitForFunction(() => window.host.data().task.items.every(({ file }) => file));
  await phone.tap('暂存');
  await phone.sees('已暂存，可以稍后继续。');
  await phone.tap('补充提交');
  await phone.at('record');
  await phone.page.waitForFunction(() => window.host.data().record.review_status.code !== 'supplement_asked');
  assert.strictEqual(await phone.page.getByText(/受理支行请您补充/).locator('visible=true').count(), 0);
});

walk('a password is changed after a proof by message; another phone of the account is signed out', async (open) => {
  const number = ownerOf('沧县枣璟园食品有限公司');
  const phone = await open();
  await phone.enter(number, DEMO.password);
  const other = await open();
  await other.enter(number, DEMO.password);
  await phone.tap(/账号安全/, 'link');
  await phone.sees('登录记录');
  await phone.tap(/修改密码/, 'link');
  await phone.title('修改密码');
  await phone.code(number);
  await phone.tap('验证并继续');
  await phone.fill('当前密码', DEMO.password);
  await phone.fill('新密码', 'short');
  await phone.fill('确认密码', 'short');
  await phone.tap('保存新密码');
  await phone.sees(/需要修改/);
  await phone.look('password-wrong');
  await phone.fill('新密码', 'Walk-2026-Changed');
  await phone.fill('确认密码', 'Walk-2026-Changed');
  await phone.tap('保存新密码');
  await phone.sees('新密码已生效，其他设备和网页上的登录已退出。');
  await other.tap(/^消息/, 'link');
  await other.sees('登录已失效，请重新登录。');
});
