// 短信登录: by a message code instead of the password.

import assert from 'node:assert';
import { DEMO, walk } from '../house/walk.mjs';

walk('a message code opens the account and leads back to the product; a wrong one is told', async (open) => {
  const number = DEMO.second.phone;
  const phone = await open();
  await phone.tab('金融超市');
  await phone.page.getByLabel('搜索产品').fill(DEMO.product);
  await phone.tap('搜索');
  await phone.tap(new RegExp(DEMO.product), 'link');
  await phone.title(DEMO.product);
  await phone.tap('立即申请');
  await phone.title('登录/注册');
  await phone.tap('短信登录');
  const enter = () => phone.page.locator('main').getByRole('button', { name: '登录', exact: true }).click();
  await enter();
  await phone.sees('有 2 处需要修改');
  await phone.look('enter-sms-empty');

  // Where the code cannot go is told at the number.
  await phone.fill('手机号', '1381234');
  await phone.captcha();
  // One look at the answer: another question follows.
  await Promise.all([phone.page.waitForResponse(/\/captchas$/), phone.tap('获取验证码')]);
  await phone.sees('手机号应为 11 位数字');
  await phone.look('enter-sms-number');
  await phone.fill('手机号', number);
  await phone.code(number);
  await phone.sees(/\d+ 秒后重新获取/);
  const right = await phone.field('短信验证码').inputValue();
  await phone.fill('短信验证码', right === '000000' ? '111111' : '000000');
  await enter();
  await phone.sees('短信验证码不正确，请核对后重新输入');
  await phone.look('enter-sms-wrong');
  await phone.fill('短信验证码', right);
  await enter();
  await phone.at('product');
  await phone.title(DEMO.product);
  await phone.toTab('我的');
  await phone.sees(DEMO.second.name);

  // A code opens once.
  await phone.tap('退出登录');
  await phone.page.getByRole('dialog').getByRole('button', { name: '退出登录' }).click();
  await phone.tap(/点击登录/);
  await phone.tap('短信登录');
  await phone.fill('手机号', number);
  await phone.fill('短信验证码', right);
  await enter();
  await phone.sees(/短信验证码已使用过|请先获取短信验证码/);
  assert.strictEqual(await phone.page.evaluate(() => window.host.route()), 'pages/enter/enter');
});
