// 立即申请 (F-6, F-7, F-9): form, 服务及授权协议, 立即申请, the face step where it is owed, 申请记录.

import assert from 'node:assert';
import { fill, toForm } from '../house/request.mjs';
import { DEMO, stranger, walk } from '../house/walk.mjs';

walk('never verified: 立即申请 leads to the face step, and 提交成功 comes after it; the next request needs none', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.unverified.phone, DEMO.password);
  await toForm(phone);
  await phone.look('apply');
  // 申请条款 (M-314) are read from here, without a box.
  await phone.tap('《融资需求申请条款》', 'link');
  await phone.at('agreement');
  await phone.page.getByText('全文完').waitFor();
  await phone.look('terms');
  await phone.tap('返回');
  await phone.at('apply');
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
  await phone.sees('120 万元（人民币 1,200,000.00 元）');
  for (const row of ['期望融资金额', '期望融资期限', '期望融资利率', '受理支行']) await phone.button(`修改${row}`).locator('visible=true').waitFor();
  for (const text of ['注册服务协议', '企业社会信用信息查询授权书', '融资需求申请条款']) await phone.page.getByRole('link', { name: text }).locator('visible=true').waitFor();
  await phone.look('check');
  await phone.tap('立即申请');

  await phone.at('face');
  await phone.sees('融资需求已保存，等待核验。核验通过后即提交成功。');
  await phone.look('face');

  // 人工核验 instead, and back.
  await phone.sees(/携带居民身份证和营业执照原件/);
  await phone.tap('申请人工核验');
  await phone.page.locator('main').getByRole('button', { name: /^核验网点/ }).locator('visible=true').click();
  await phone.page.getByRole('dialog').getByRole('button').filter({ hasText: '支行' }).first().click();
  await phone.tap('提交人工核验申请');
  await phone.sees('受理编号');
  await phone.look('face-counter');
  await phone.tap('撤回人工核验申请');
  await phone.page.getByRole('button', { name: '申请人工核验' }).or(phone.page.getByRole('button', { name: '提交人工核验申请' })).first().waitFor();

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
  await phone.sees(/支行应在 .* 前接单（\d+ 个工作日内），\d+ 个工作日内与您联系，\d+ 个工作日内给出审核结果/);
  await phone.look('done');
  const card = await phone.page.evaluate(() => window.host.share());
  assert.deepStrictEqual([card.title.includes('待接单'), card.title.includes(number), card.path], [true, false, '/pages/home/home'], 'a card of the progress tells nobody whose it is');
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
  const shown = await phone.page.getByRole('link', { name: new RegExp(number) }).locator('visible=true').innerText();
  const labels = ['申请编号', '机构', '金融产品名称', '企业名称', '融资金额 (万)', '利率 (%)', '期限', '期限单位', '申请时间', '接单状态', '审核状态', '审核意见'];
  const told = shown.split('\n').map((line) => line.trim()).filter((line) => labels.includes(line));
  assert.deepStrictEqual(told, labels, 'the twelve values under the labels of the manual, in its order');
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

walk('who was refused lately reads until when, as on the web, and chooses another product', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.second.phone, DEMO.password);
  const message = '暂不能再次申请该金融产品，可在 2026-12-31 后申请。上次未通过原因：流水不足。您可以改选其他金融产品。';
  const cool_down = { until: '2026-12-31', reasons: ['流水不足'], message };
  // As the platform answers after a refusal; the demonstration's own product was not refused.
  for (const path of ['application-form', 'application-check']) {
    await phone.context.route(`**/${path}*`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), cool_down } });
    });
  }
  await toForm(phone);
  await phone.sees(message);
  await phone.look('apply-cooling');
  await fill(phone);
  await phone.agree();
  await phone.tap('下一步：核对信息');
  await phone.title('核对信息');
  await phone.sees(message);
  assert.ok(await phone.button('立即申请').locator('visible=true').isDisabled(), 'nothing that the platform would refuse');
  await phone.look('check-cooling');
  await phone.tap('改选其他金融产品');
  await phone.at('market');
});
