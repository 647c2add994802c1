// 立即申请 (F-6, F-7, F-9): form, 服务及授权协议, 立即申请, the face step where it is owed, 申请记录.

import assert from 'node:assert';
import { fill, toForm } from '../house/request.mjs';
import { DEMO, walk } from '../house/walk.mjs';

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
  await phone.tap('同意并继续');
  await phone.sees('请阅读并勾选《人脸核验单独同意书》。');
  assert.strictEqual(await phone.agree(), 1);
  await phone.tap('同意并继续');
  await phone.tap('没有通过');
  await phone.tap('开始核验');
  await phone.page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0);
  await phone.picture('face-camera');
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
