'use strict';
// 人员与角色: a clerk is invited by a one-time link, binds a phone, signs in with its code, and is dismissed.

const assert = require('node:assert');
const { randomInt } = require('node:crypto');
const { look, person, walk } = require('./house/house');
const { button, confirm, line, link, proved, refused, staff, title, words } = require('./house/office');
const { phone } = require('./house/numbers');
const { captcha, field, prove } = require('./house/steps');
const { totp } = require('./house/totp');

const NAME = '苗听澜';
const PASSWORD = 'Walk-Neu-2026-yjr';

// The first half of a sign-in, up to the code.
async function password(page, account) {
  await page.goto('/staff/login');
  await captcha(page);
  await field(page, '账号').fill(account);
  await field(page, '密码').fill(PASSWORD);
  await button(page, '登录').click();
  await title(page, '动态验证').waitFor();
}

walk('the head of a branch invites a clerk, who binds a phone, signs in with it, and is dismissed', async () => {
  const account = `walk-${randomInt(10 ** 6)}-bm`;
  const head = await staff('yinghai-hejian-bh1');
  await head.goto('/branch/people');
  await title(head, '人员与角色').waitFor();
  await look(head);
  await link(head, '邀请人员').click();
  await proved(head, '邀请人员');
  await title(head, '邀请人员').waitFor();
  await look(head);
  await refused(head, '发出邀请');
  await look(head);
  await field(head, '所在单位').selectOption({ label: '瀛海村镇银行河间总部' });
  await field(head, '姓名').fill(NAME);
  await field(head, '手机号').fill(phone());
  await field(head, '登录账号').fill(account);
  await head.getByRole('checkbox', { name: '客户经理' }).check();
  await button(head, '发出邀请').click();
  await title(head, '邀请已发出').waitFor();
  await look(head);
  const address = /https?:\/\/\S+\/staff\/link\/[\w-]+/.exec(await words(head))[0];
  await link(head, '返回人员与角色').click();
  assert.match(await line(head, account).innerText(), /待激活/);

  const clerk = await person();
  await clerk.goto(address);
  await title(clerk, '设置登录密码').waitFor();
  assert.match(await words(clerk), new RegExp(`${NAME}[\\s\\S]*瀛海村镇银行河间总部[\\s\\S]*${account}`));
  await look(clerk);
  await refused(clerk, '设置密码并登录');
  await look(clerk);
  await field(clerk, '密码').fill(PASSWORD);
  await field(clerk, '确认密码').fill(PASSWORD);
  await button(clerk, '设置密码并登录').click();
  await clerk.getByRole('status').filter({ hasText: '密码已设置，您已登录。' }).waitFor();
  await look(clerk);

  // The link is spent.
  const thief = await person();
  thief.allowed.push('404', '409', '410', '403');
  assert.ok((await thief.goto(address)).status() >= 400);
  await look(thief);

  await clerk.goto('/branch/account/second');
  if (await title(clerk, '验证身份').count()) await prove(clerk, PASSWORD);
  await title(clerk, '绑定动态验证码').waitFor();
  await look(clerk);
  const secret = /密钥：\s*([A-Z2-7 ]+)/.exec(await words(clerk))[1];
  await field(clerk, '动态验证码').fill(totp(secret) === '000000' ? '111111' : '000000');
  await refused(clerk, '完成绑定');
  await look(clerk);
  await field(clerk, '动态验证码').fill(totp(secret));
  await button(clerk, '完成绑定').click();
  await title(clerk, '动态验证码已绑定').waitFor();
  await look(clerk);
  const codes = await clerk.getByRole('main').getByRole('list').getByRole('listitem').allInnerTexts();
  assert.strictEqual(new Set(codes).size, 10);
  await link(clerk, '我已保存，继续').click();
  await title(clerk, '账号安全').waitFor();
  assert.match(await words(clerk), /剩余 10 个恢复码/);
  for (const code of codes) assert.ok(!(await words(clerk)).includes(code));
  await look(clerk);

  // On another machine: a wrong code is told, the right one opens.
  const home = await person();
  await password(home, account);
  await look(home);
  await field(home, '动态验证码').fill('000000');
  await refused(home, '登录');
  await look(home);
  await field(home, '动态验证码').fill(totp(secret, 1));
  await button(home, '登录').click();
  await home.waitForURL('**/branch');
  await look(home);
  // Without the phone: one of the codes on paper, once.
  const travel = await person();
  await password(travel, account);
  await field(travel, '动态验证码').fill(codes[0]);
  await button(travel, '登录').click();
  await travel.waitForURL('**/branch');
  await travel.goto('/branch/account');
  assert.match(await words(travel), /剩余 9 个恢复码/);

  await head.goto('/branch/people');
  await line(head, account).getByRole('link', { name: NAME }).click();
  await title(head, NAME).waitFor();
  await look(head);
  await button(head, '停用账号').click();
  await title(head, '要停用这个账号吗？').waitFor();
  await look(head);
  await confirm(head, '停用账号', '账号已停用');
  assert.match(await words(head), /已停用/);
  await look(head);
  // The next click ends at the door.
  await home.getByRole('link', { name: '待接单', exact: true }).first().click();
  await home.waitForURL('**/staff/login**');
  await look(home);
  await captcha(home);
  await field(home, '账号').fill(account);
  await field(home, '密码').fill(PASSWORD);
  await refused(home, '登录');
  await look(home);
});
