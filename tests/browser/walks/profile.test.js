'use strict';
// 完善信息与人脸核验: uploads, camera, hand-over to a phone, the counter.

const assert = require('node:assert');
const { browser, look, person, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const { papers } = require('./house/papers');
const steps = require('./house/steps');

const { DEMO } = steps;

walk('an enterprise completes its information and hands the face check over to a phone', async () => {
  const page = await person();
  await steps.signIn(page, DEMO.fresh.phone, DEMO.password);
  await page.getByRole('link', { name: '完善信息' }).first().click();
  await page.waitForURL(/\/enterprise\/profile/);
  await look(page);

  // What may not be uploaded says why, at its field.
  await steps.field(page, '营业执照照片').setInputFiles({ name: '执照.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await page.getByText('文件格式不正确，请按上方要求的格式重新选择。').waitFor();
  page.allowed.push('422');
  await steps.field(page, '营业执照照片').setInputFiles({ name: '程序.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('MZ not a picture at all') });
  await page.getByRole('status').filter({ hasText: /图片|照片|格式|文件/ }).first().waitFor();
  await look(page);

  // Saved with nothing filled in: every starred field is named.
  await page.getByRole('button', { name: '保存并继续' }).click();
  const summary = page.getByRole('alert').filter({ hasText: /有 \d+ 处需要修改/ });
  await summary.waitFor();
  await look(page);

  const firm = { ...enterprise(), name: DEMO.fresh.name, representative: DEMO.fresh.person, phone: DEMO.fresh.phone };
  await steps.fillProfile(page, firm, await papers(browser(), firm));
  await look(page);

  // A wrong check digit is explained, and everything but the passwords is kept.
  const right = firm.creditCode;
  await steps.field(page, '统一社会信用代码').fill(right.slice(0, 17) + (right.endsWith('A') ? 'B' : 'A'));
  await page.getByRole('button', { name: '保存并继续' }).click();
  await summary.waitFor();
  assert.match(await summary.innerText(), /校验码/);
  await look(page);
  assert.strictEqual(await steps.field(page, '详细地址').inputValue(), firm.address);
  await steps.field(page, '统一社会信用代码').fill(right);
  await steps.field(page, '密码').fill(firm.password);
  await steps.field(page, '确认密码').fill(firm.password);
  await page.getByRole('button', { name: '保存并继续' }).click();
  await page.waitForURL(/\/enterprise\/face/);
  await look(page);

  assert.ok(await page.getByRole('button', { name: '同意并继续' }).isDisabled());
  await steps.consentToFace(page);
  await look(page);

  // The phone that scans the code is another browser, with nothing but the link.
  await page.getByRole('button', { name: '显示手机核验二维码' }).click();
  await page.getByRole('img', { name: '手机核验二维码' }).waitFor();
  await look(page);
  const link = await page.getByRole('link', { name: /\/m\// }).getAttribute('href');
  const phone = await person({ phone: true });
  await phone.goto(new URL(link).pathname);
  await look(phone);
  await phone.getByRole('button', { name: '开始核验' }).click();
  await phone.getByRole('button', { name: '开始核验' }).and(phone.locator('[type=button]')).waitFor();
  await look(phone);
  await steps.showFace(phone, '通过');
  await phone.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(phone);

  // The desktop hears of it by itself.
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await look(page);

  // A second phone finds the link used.
  const thief = await person({ phone: true });
  thief.allowed.push('404', '410');
  await thief.goto(new URL(link).pathname);
  assert.strictEqual(await thief.getByText(DEMO.fresh.name).count(), 0);
  await look(thief);
});

walk('an enterprise without a camera asks for the counter, and the branch checks the person there', async () => {
  const page = await person();
  await steps.signIn(page, DEMO.unverified.phone, DEMO.password);
  await page.goto('/enterprise/face');
  await page.getByRole('link', { name: '不同意，改用人工核验' }).click();
  await page.getByRole('heading', { name: '人工核验', level: 1 }).waitFor();
  await look(page);
  await page.getByRole('radio', { name: new RegExp(DEMO.branch) }).check();
  await page.getByRole('button', { name: '提交人工核验申请' }).click();
  await page.getByRole('heading', { name: '人工核验申请' }).waitFor();
  await look(page);

  const clerk = await person();
  await steps.signIn(clerk, DEMO.clerk, DEMO.password, { staff: true });
  await clerk.goto('/branch/counter');
  await look(clerk);
  await clerk.getByRole('table').getByRole('link').first().click();
  await clerk.waitForURL(/\/branch\/counter\/.+/);
  await look(clerk);
  clerk.allowed.push('422');
  await clerk.getByRole('button', { name: '核验通过' }).click();
  await clerk.getByRole('alert').first().waitFor();
  await look(clerk);
  await steps.field(clerk, '法定代表人身份证号').fill(DEMO.unverified.id);
  for (const box of await clerk.getByRole('checkbox').all()) await box.check();
  await clerk.getByRole('button', { name: '核验通过' }).click();
  await clerk.getByRole('status').first().waitFor();
  await look(clerk);

  // The city's worker carries the branch's answer over; the person looks again until it is there.
  const passed = page.getByText('核验已通过').first();
  for (let looks = 0; looks < 60; looks += 1) {
    await page.goto('/enterprise/face');
    if (await passed.waitFor({ timeout: 1000 }).then(() => true, () => false)) break;
  }
  await passed.waitFor({ timeout: 1000 });
  await look(page);
});
