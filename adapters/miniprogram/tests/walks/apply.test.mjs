// 立即申请 (F-6, F-7, F-9): form, 服务及授权协议, 立即申请, the face step where it is owed, 申请记录.

import assert from 'node:assert';
import { fill, toForm } from '../house/request.mjs';
import { DEMO, stranger, walk } from '../house/walk.mjs';

walk('never verified: 立即申请 leads to the face step, and 提交成功 comes after it; the next request needs none', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.unverified.phone, DEMO.password);
  await toForm(phone);
  await phone.look('apply');
  await phone.tap('下一步：核对信息');
  await phone.sees('有 4 处需要修改');
  await phone.look('apply-wrong');
  await fill(phone, { amount: '99999' });
  assert.strictEqual(await phone.agree(), 2);
  await phone.tap('下一步：核对信息');
  await phone.sees(/期望融资金额应在|融资金额.*之间/);
  await phone.fill('期望融资金额', '120');
  await phone.tap('下一步：核对信息');
  await phone.title('核对信息');
  await phone.sees('120 万元');
  await phone.look('check');
  await phone.tap('立即申请');

  await phone.at('face');
  await phone.sees('融资需求已保存，等待核验。核验通过后即提交成功。');
  await phone.look('face');

  // 柜面核验 instead, and back.
  await phone.tap('改为柜面核验');
  await phone.page.locator('main').getByRole('button', { name: /^办理支行/ }).locator('visible=true').click();
  await phone.page.getByRole('dialog').getByRole('button').filter({ hasText: '支行' }).first().click();
  await phone.tap('申请柜面核验');
  await phone.sees('核验编号');
  await phone.look('face-counter');
  await phone.tap('取消柜面核验');
  await phone.page.getByRole('button', { name: '改为柜面核验' }).or(phone.page.getByRole('button', { name: '申请柜面核验' })).first().waitFor();

  await phone.tap('同意并继续');
  await phone.sees('请阅读并勾选《人脸核验单独同意书》。');
  // What the page asks on the way back from the text is answered last, as it was before the consent: nobody waits for it, nobody shows it.
  const cut = [];
  phone.page.on('requestfailed', (one) => cut.push(one.url()));
  let late;
  const held = new Promise((resolve) => { late = resolve; });
  await phone.context.route('**/api/v1/face', async (route) => late({ route, response: await route.fetch() }), { times: 1 });
  assert.strictEqual(await phone.agree(), 1);
  await phone.tap('同意并继续');
  await phone.sees('没有通过');
  assert.deepStrictEqual(cut, []);
  const landed = phone.page.waitForEvent('requestfinished', (one) => one.url().endsWith('/api/v1/face'));
  const { route, response } = await held;
  await route.fulfill({ response });
  await landed;
  await phone.tap('没有通过');
  await phone.tap('开始核验');
  await phone.page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
  await phone.picture('face-camera');
  await phone.tap('拍照');
  // The answer is lost on the way: what it was is asked, before another photo goes out.
  await phone.context.route('**/api/v1/face/checks', async (route) => {
    await route.fetch();
    return route.abort('connectionreset');
  });
  await phone.tap('使用这张照片核验');
  await phone.sees(/照片已送达，核验结果：未通过。.*今天还可以核验 \d 次/);
  assert.strictEqual(await phone.page.getByRole('button', { name: '使用这张照片核验' }).locator('visible=true').count(), 0);
  await phone.look('face-lost');
  await phone.context.unroute('**/api/v1/face/checks');
  await phone.tap('没有通过');
  await phone.tap('开始核验');
  await phone.page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
  await phone.tap('拍照');
  await phone.tap('使用这张照片核验');
  await phone.page.getByRole('alert').filter({ hasText: /今天还可以核验 \d 次/ }).waitFor();
  await phone.look('face-failed');
  await phone.tap('通过');
  await phone.tap('开始核验');
  await phone.page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
  await phone.tap('拍照');
  await phone.tap('使用这张照片核验');
  await phone.title('提交成功');
  const number = /PO\d{11,}/.exec(await phone.page.locator('main').innerText())[0];
  await phone.look('done');
  await phone.tap('查看进度');
  await phone.at('record');
  await phone.sees(number);
  await phone.sees('待接单');
  await phone.sees('待审核');
  await phone.look('record');

  // 沟通记录: a photo that was chosen goes with its letter, not with a request for a call, and with one letter only.
  const { papers } = await stranger();
  const attached = () => phone.page.locator('main').getByText('已上传', { exact: true }).locator('visible=true').count();
  await phone.tap(/沟通记录/, 'link');
  await phone.at('letters');
  await phone.fill('给受理支行留言', '请在上午联系。');
  await phone.photo(papers.licence.buffer);
  await phone.tap('拍照或选择照片');
  await phone.page.getByRole('button', { name: '重新拍照或选择照片' }).waitFor();
  await phone.page.waitForFunction(() => window.host.data().upload);
  await phone.tap('请求回电');
  await phone.sees('已请支行回电。');
  assert.strictEqual(await attached(), 1, 'the photo is still there');
  await phone.fill('给受理支行留言', '补充一张照片。');
  await phone.tap('发送');
  await phone.sees('已发送。');
  assert.strictEqual(await attached(), 0, 'the photo is gone with its letter');
  assert.strictEqual(await phone.page.locator('main').getByRole('button', { name: '重新拍照或选择照片' }).locator('visible=true').count(), 0);
  await phone.look('letters-sent');
  await phone.tap('查看文件');
  await phone.page.waitForFunction(() => window.host.state.done.some(({ name }) => name === 'previewImage'));
  await phone.back();

  // Verified now: the second one is submitted at once; that there is another one is asked about.
  await toForm(phone);
  await fill(phone);
  await phone.agree();
  await phone.tap('下一步：核对信息');
  await phone.title('核对信息');
  await phone.tap('立即申请');
  await phone.sees(/请先勾选“仍要提交”/);
  await phone.tap('仍要提交', 'checkbox');
  await phone.tap('立即申请');
  await phone.title('提交成功');
  await phone.set({ accepts: ['*'] });

  // 重新授权: what was taken back of a request under way is granted anew, without another request.
  await phone.toTab('我的');
  await phone.tap(/授权记录/, 'link');
  await phone.at('consents');
  await phone.page.waitForFunction(() => window.host.data().read);
  await phone.tap(/^撤回授权：/);
  await phone.page.getByRole('dialog').getByRole('button', { name: '撤回授权' }).click();
  await phone.sees('授权已撤回。');
  await phone.tap(/^重新授权：/, 'link');
  await phone.at('renew');
  await phone.title('重新授权');
  await phone.look('renew');
  await phone.tap('重新授权');
  await phone.sees(/请(阅读并勾选同意|先打开)《/);
  assert.strictEqual(await phone.agree(), 1);
  await phone.tap('重新授权');
  await phone.sees('已重新授权，受理支行可以继续办理。');
  await phone.look('renewed');
  await phone.tap('返回');
  await phone.at('consents');
  await phone.page.waitForFunction(() => !window.host.data().rows.some(({ renew }) => renew));

  await phone.toTab('我的');
  await phone.tap(/申请记录/, 'link');
  await phone.sees(number);
  await phone.look('records');
  await phone.tap(new RegExp(number), 'link');
  await phone.tap('撤回申请');
  await phone.page.getByRole('dialog').waitFor();
  await phone.look('withdraw');
  await phone.page.getByRole('dialog').getByRole('button', { name: '撤回申请' }).click();
  await phone.sees('申请已撤回。');
  await phone.sees('已撤回');
});

walk('an enterprise whose account is frozen reads so above the form, before it fills anything in', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.second.phone, DEMO.password);
  // As the platform answers for a frozen account; the demonstration's own are not frozen, for others sign in with them.
  await phone.context.route('**/application-form*', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), frozen: true } });
  });
  await toForm(phone);
  await phone.sees(/企业账户已被冻结，暂不能提交新的融资需求/);
  await phone.look('apply-frozen');
});
