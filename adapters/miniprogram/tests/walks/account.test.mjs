// 我的: records with their states, letters, messages, consents, safety, and the answer to 退回补充.

import assert from 'node:assert';
import { createRequire } from 'node:module';
import { whoIsAsked } from '../house/asked.mjs';
import { DEMO, ownerOf, stranger, walk } from '../house/walk.mjs';
const { signIn } = createRequire(import.meta.url)('../../../../tests/browser/walks/house/steps.js');

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
  await phone.tap(/企业划型/, 'link');
  await phone.sees(/各档含下限、不含上限/);
  await phone.look('size-empty');
  await phone.tap('提交企业划型');
  await phone.sees('请输入从业人员');
  await phone.look('size-errors');
  await phone.fill('从业人员', '48');
  await phone.fill('上一年度营业收入', '1200.50');
  await phone.tap('提交企业划型');
  await phone.sees('按工业标准：从业人员 20–300 人且营业收入 300–2,000 万元为小型企业。');
  await phone.look('size');
  await phone.back();
  await phone.tap(/授权记录/, 'link');
  await phone.page.waitForFunction(() => window.host.data().read);
  await phone.look('consents');
  await phone.page.locator('main').getByRole('button', { name: /^撤回授权：/ }).locator('visible=true').first().click();
  await phone.page.getByRole('dialog').getByRole('button', { name: '撤回授权' }).click();
  await phone.sees('授权已撤回。');
  await phone.sees('已撤回');
  await phone.look('consent-withdrawn');
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
  const shown = await phone.page.evaluate(() => window.host.data().records.length);
  await phone.page.locator('main').getByRole('link').filter({ hasText: '退回补充' }).first().click();
  await phone.at('record');
  await phone.sees(/受理支行请您补充 \d 项材料/);
  await phone.look('record-supplement');
  await phone.tap('去补充');
  await phone.title('补充材料');
  await phone.look('supplement');
  const items = await phone.page.evaluate(() => window.host.data().task.items);
  const kept = (id, count) => phone.page.waitForFunction((want) => window.host.data().task.items.some((one) => one.id === want.id && one.files.length === want.count), { id, count });
  for (const { id, label } of items) {
    await phone.photo(papers.licence.buffer, papers.back.buffer);
    await phone.page.getByRole('button', { name: `拍照或选择${label}：照片` }).click();
    await phone.fill(`${label}：文字说明`, '见照片。');
    await kept(id, 2);
  }
  await phone.look('supplement-photos');
  const [{ id: first, label }] = items;
  await phone.page.getByRole('button', { name: `删除${label}：照片第 2 个` }).click();
  await kept(first, 1);
  await phone.tap('暂存');
  await phone.sees('已暂存，可以稍后继续。');
  await phone.tap('补充提交');
  await phone.at('record');
  await phone.page.waitForFunction(() => window.host.data().record.review_status.code !== 'supplement_asked');
  assert.strictEqual(await phone.page.getByText(/受理支行请您补充/).locator('visible=true').count(), 0);
  const id = await phone.page.evaluate(() => window.host.data().id);
  await phone.back();
  await phone.page.waitForFunction((before) => {
    const { records } = window.host.data();
    const changed = records.some((one) => one.id === before.id && one.review_status.code !== 'supplement_asked');
    return changed && records.length >= before.shown;
  }, { id, shown });
});

walk('one phone is signed out from another, then a web page, then all that are left', async (open) => {
  const number = '19900002333';
  const phone = await open();
  await phone.enter(number, DEMO.password);
  const lost = await open();
  await lost.enter(number, DEMO.password);
  const web = await phone.web();
  await signIn(web, number, DEMO.password);

  await phone.tap(/账号安全/, 'link');
  await phone.sees('其他设备');
  await phone.sees('网页登录');
  await phone.look('safety-others');
  const end = async (name, answer) => {
    await phone.page.locator('main').getByRole('button', { name }).locator('visible=true').first().click();
    await phone.page.getByRole('dialog').getByRole('button', { name: answer }).click();
  };
  // The newest stands first, behind it those of other walks.
  const devices = () => phone.page.evaluate(() => window.host.data().devices.length);
  const before = await devices();
  await end(/^退出 .* 使用的设备$/, '暂不退出');
  assert.strictEqual(await devices(), before);
  await end(/^退出 .* 使用的设备$/, '退出登录');
  await phone.sees('那里的登录已退出。');
  await phone.page.waitForFunction((left) => window.host.data().devices.length === left, before - 1);
  await lost.tap(/^消息/, 'link');
  await lost.sees('登录已失效，请重新登录。');

  const sessions = await phone.page.evaluate(() => window.host.data().sessions.length);
  await end(/^退出 .* 使用的网页$/, '退出登录');
  await phone.page.waitForFunction((more) => window.host.data().sessions.length < more, sessions);
  await web.goto('/enterprise');
  await web.getByRole('button', { name: '登录', exact: true }).waitFor();

  const again = await open();
  await again.enter(number, DEMO.password);
  await end('其他设备和网页全部退出', '全部退出');
  await phone.sees(/已退出 \d 处登录。/);
  await phone.page.waitForFunction(() => window.host.data().devices.length === 1);
  await again.tap(/^消息/, 'link');
  await again.sees('登录已失效，请重新登录。');
});

walk('a password is set anew by a message; every phone of the account is signed out', async (open) => {
  const number = '19900002333';
  const other = await open();
  await other.enter(number, DEMO.password);
  const phone = await open();
  await phone.tab('我的');
  await phone.tap(/点击登录/);
  await phone.tap('忘记密码', 'link');
  await phone.title('找回密码');
  await phone.look('recover');
  await phone.tap('设置新密码');
  await phone.sees(/需要修改/);
  await phone.fill('手机号', number);
  await phone.code(number);
  // The same as before is taken: the branch's questions to this enterprise are answered in another walk.
  await phone.fill('新密码', DEMO.password);
  await phone.fill('确认密码', DEMO.password);
  await phone.tap('设置新密码');
  await phone.sees('新密码已生效，请用新密码登录。');
  await phone.look('recovered');
  await phone.tap('去登录');
  await phone.signIn(number, DEMO.password);
  await phone.at('mine');
  await phone.sees('申请记录');
  await other.tap(/^消息/, 'link');
  await other.sees('登录已失效，请重新登录。');
});

walk('a password is changed after a proof by message, which is asked for again when it is over; then the phone number', async (open) => {
  const number = ownerOf('沧县枣璟园食品有限公司');
  const phone = await open();
  await phone.enter(number, DEMO.password);
  const other = await open();
  await other.enter(number, DEMO.password);
  await phone.tap(/账号安全/, 'link');
  await phone.sees('登录记录');
  // The proof was fresh when the page was opened, and is not when it is saved.
  await phone.context.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...(await answer.json()), freshly_proved: true } });
  });
  await phone.tap(/修改密码/, 'link');
  await phone.title('修改密码');
  await phone.fill('当前密码', DEMO.password);
  await phone.fill('新密码', 'Walk-2026-Changed');
  await phone.fill('确认密码', 'Walk-2026-Changed');
  await phone.context.unroute('**/api/v1/me');
  await phone.tap('保存新密码');
  await phone.sees('为保护账号安全，请先验证身份。');
  await phone.look('password-proof');
  await phone.code(number);
  await phone.tap('验证并继续');
  await phone.fill('新密码', 'short');
  await phone.fill('确认密码', 'short');
  await phone.tap('保存新密码');
  await phone.sees(/需要修改/);
  await phone.look('password-wrong');
  await phone.fill('新密码', 'Walk-2026-Changed');
  await phone.fill('确认密码', 'Walk-2026-Changed');
  await phone.tap('保存新密码');
  await phone.sees('新密码已生效，其他设备和网页上的登录已退出，微信绑定已解除。');
  await other.tap(/^消息/, 'link');
  await other.sees('登录已失效，请重新登录。');

  const { firm } = await stranger();
  await phone.tap('返回');
  await phone.tap(/更换手机号/, 'link');
  await phone.title('更换手机号');
  await phone.fill('新手机号', firm.phone);
  await phone.look('phone');
  await phone.code(firm.phone);
  await phone.tap('更换手机号');
  await phone.sees('手机号已更换，以后用新手机号登录，微信绑定已解除。');
  await other.page.locator('main').getByRole('button', { name: '登录/注册' }).locator('visible=true').click();
  await other.signIn(firm.phone, 'Walk-2026-Changed');
  await other.at('messages');
});
