// 注册 (F-3): from 我的 by the photo of the licence to an account that is signed in.

import assert from 'node:assert';
import { stranger, walk } from '../house/walk.mjs';

const PLACE = /^注册(地址|区县)，请选择县区/;

walk('a licence photo fills the form, the agreements are read, 立即注册 makes an account', async (open) => {
  const { firm, papers } = await stranger();
  const phone = await open();
  await phone.set({ privacyAsked: true, phoneCode: `demo-${firm.phone}` });
  await phone.tab('我的');
  await phone.tap(/点击登录\/注册/);
  await phone.tap('立即注册');
  await phone.title('用户注册');
  await phone.look('register');

  // The privacy guideline comes before the album; refusing it leaves the manual way.
  await phone.photo(papers.licence.buffer);
  await phone.tap('拍照或选择营业执照');
  await phone.page.getByRole('dialog').waitFor();
  await phone.look('privacy');
  await phone.tap('不同意，换一种方式');
  await phone.sees(/您没有同意使用相机和相册/);
  await phone.tap('拍照或选择营业执照');
  await phone.tap('同意并继续');
  await phone.idle();
  await phone.sees(/已按照片填写|识别暂时不可用|识别的人较多/);
  await phone.fill('企业全称', firm.name);

  // What was not read is typed; what was read can be changed.
  await phone.fill('法定代表人/经营者姓名', firm.representative);
  await phone.choose(['运河区', '南湖街道'], PLACE);
  await phone.tap('使用微信手机号');
  await phone.page.waitForFunction((number) => window.host.data().values.phone === number, firm.phone);
  // 立即注册 opens with the last tick (M-115).
  const register = phone.page.locator('main').getByRole('button', { name: '立即注册', exact: true }).locator('visible=true');
  assert.ok(await register.isDisabled());
  assert.strictEqual(await phone.agree({ look: 'agreement' }), 3);
  const last = phone.page.locator('main').getByRole('checkbox', { name: /个人社会信用信息查询授权书/ }).locator('visible=true');
  await last.click();
  assert.ok(await register.isDisabled(), 'two of three are not all');
  await last.click();
  await phone.tap('立即注册');
  await phone.sees(/有 \d 处需要修改/);
  await phone.look('register-wrong');
  await phone.code(firm.phone);
  await phone.fill('密码', firm.password);
  await phone.fill('确认密码', firm.password);
  await phone.look('register-ready');
  await phone.tap('立即注册');
  await phone.title('注册成功');
  await phone.look('registered');
  await phone.tap('返回');
  await phone.at('mine');
  await phone.sees(firm.name);
  await phone.sees('！');
  await phone.look('mine-incomplete');
});

walk('a form that was left is there again, without its secrets', async (open) => {
  const { firm } = await stranger();
  const phone = await open({ open: '/pages/register/register' });
  await phone.title('用户注册');
  await phone.fill('企业全称', firm.name);
  await phone.fill('密码', firm.password);
  await phone.choose(['运河区', '南湖街道'], PLACE);
  await phone.page.reload();
  await phone.title('用户注册');
  assert.strictEqual(await phone.field('企业全称').inputValue(), firm.name);
  assert.strictEqual(await phone.field('密码').inputValue(), '');
  await phone.sees('南湖街道');
  const kept = await phone.page.evaluate(() => JSON.stringify(localStorage));
  assert.ok(!kept.includes(firm.password), 'no password on the phone');
});

walk('a photo that is no licence costs nothing that was typed', async (open) => {
  const { firm, papers } = await stranger();
  const phone = await open({ open: '/pages/register/register' });
  await phone.title('用户注册');
  await phone.fill('企业全称', firm.name);
  await phone.photo(papers.back.buffer);
  await phone.tap('拍照或选择营业执照');
  await phone.page.getByRole('alert').filter({ hasText: /手工填写/ }).waitFor();
  assert.strictEqual(await phone.field('企业全称').inputValue(), firm.name);
  await phone.set({ phoneCode: '' });
  await phone.tap('使用微信手机号');
  await phone.sees('没有取得微信手机号，请手工填写手机号。');
});

walk('WeChat opens the account once it is bound, and no longer once it is unbound', async (open) => {
  const { firm } = await stranger();
  const phone = await open();
  await phone.set({ loginCode: `demo-${firm.phone}` });
  await phone.tab('我的');
  await phone.tap(/点击登录\/注册/);
  await phone.tap('微信一键登录');
  await phone.sees('这个微信还没有绑定账号。请用账号登录，或立即注册。');
  await phone.tap('登录后绑定微信，下次一键登录', 'checkbox');
  await phone.signIn('19900002074', 'Demo-2026-yjr');
  await phone.at('mine');
  await phone.sees('申请记录');
  await phone.tap('退出登录');
  await phone.page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click();
  await phone.tap(/点击登录\/注册/);
  await phone.set({ loginCode: `demo-${firm.phone}` });
  await phone.tap('微信一键登录');
  await phone.at('mine');
  await phone.sees('申请记录');
  await phone.tap(/账号安全/, 'link');
  await phone.sees('登录记录');
  await phone.look('safety');
  await phone.tap('解除微信绑定');
  await phone.page.getByRole('dialog').getByRole('button', { name: '解除绑定' }).click();
  await phone.sees('已解除微信绑定。');
});

walk('who registers from a scanned code is never led back to signing in; what the licence said fills empty fields only', async (open) => {
  const { firm } = await stranger();
  const read = { unified_social_credit_code: firm.creditCode, address: firm.address };
  const phone = await open({ open: '/pages/register/register', storage: { 'draft.licence': read } });
  await phone.title('用户注册');
  await phone.fill('企业全称', firm.name);
  await phone.fill('法定代表人/经营者姓名', firm.representative);
  await phone.choose(['运河区', '南湖街道'], PLACE);
  await phone.fill('手机号', firm.phone);
  await phone.code(firm.phone);
  await phone.fill('密码', firm.password);
  await phone.fill('确认密码', firm.password);
  await phone.agree();
  await phone.tap('立即注册');
  await phone.title('注册成功');
  await phone.tap('返回');
  await phone.at('mine');
  await phone.sees(firm.name);
  await phone.tap(/我的企业/, 'link');
  await phone.title('完善信息');
  assert.strictEqual(await phone.field('统一社会信用代码').inputValue(), firm.creditCode);
  assert.strictEqual(await phone.field('企业名称').inputValue(), firm.name);

  // The only page there is, and one above the page of signing in: from both 返回 leads to 我的.
  const savedAndBack = async () => {
    await phone.at('profile');
    await phone.title('完善信息');
    await phone.page.evaluate(() => getCurrentPages().pop().setData({ saved: true }));
    await phone.sees('企业信息已保存，状态为已完善。');
    await phone.tap('返回');
    await phone.at('mine');
  };
  await phone.page.evaluate(() => wx.reLaunch({ url: '/pages/done/done?what=register' }));
  await phone.title('注册成功');
  await phone.tap('完善信息');
  await savedAndBack();
  await phone.open('/pages/enter/enter');
  await phone.open('/pages/done/done?what=register');
  await phone.title('注册成功');
  await phone.tap('完善信息');
  await savedAndBack();
  await phone.open('/pages/enter/enter');
  await phone.open('/pages/done/done?what=register');
  await phone.title('注册成功');
  await phone.tap('返回上一页');
  await phone.at('mine');
});
