// 识别营业执照: what the reader of this machine makes of a photo, once nobody else keeps the machine busy.

import assert from 'node:assert';
import { stranger, walk } from '../house/walk.mjs';

walk('a licence photo fills the form of 注册, and what was read is marked', async (open) => {
  const { firm, papers } = await stranger();
  const phone = await open({ open: '/pages/register/register' });
  await phone.title('用户注册');
  await phone.photo(papers.licence.buffer);
  const read = await phone.readUntil(/拍照或选择营业执照|换一张照片识别/, () => phone.page.evaluate(() => Boolean(window.host.data().values.company_name)), 4);
  assert.ok(read, 'the photo was read');
  await phone.sees('已按照片填写。请核对，没有识别的内容请手工填写。');
  // A reader may take one sign for another: what it read is marked, and corrected by hand.
  assert.match(await phone.field('企业全称').inputValue(), /^沧州/);
  assert.ok(await phone.page.getByText(/^(已识别|请核对)$/).count(), 'what was read is marked');
  await phone.look('register-read');
  await phone.fill('企业全称', firm.name);
  assert.strictEqual(await phone.field('企业全称').inputValue(), firm.name);
});
