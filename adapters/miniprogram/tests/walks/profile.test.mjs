// 完善信息 (F-10, A-31): the ！ and its reasons, photos over a network that breaks, what is read from them, the mark that goes.

import assert from 'node:assert';
import { randomBytes } from 'node:crypto';
import { fill, toForm } from '../house/request.mjs';
import { DEMO, stranger, walk } from '../house/walk.mjs';

const TRADE = ['第二产业', '通用设备制造业', '金属加工机械制造'];
const PIECE = 256 * 1024;

walk('a request waits as a draft while the information is completed; photos survive a network that breaks; the ！ goes without signing in again', async (open) => {
  const { firm: other, papers } = await stranger();
  const phone = await open();
  await phone.enter(DEMO.fresh.phone, DEMO.password);
  await phone.sees('！');
  await phone.sees(/还缺：.*营业执照/);
  await phone.look('mine-fresh');
  await toForm(phone);
  await fill(phone);
  await phone.agree();
  await phone.tap('下一步：核对信息');
  await phone.at('profile');
  await phone.title('完善信息');
  await phone.look('profile');

  // A second phone of the same account, where something is typed that will be out of date.
  const second = await open();
  await second.enter(DEMO.fresh.phone, DEMO.password);
  await second.tap(/我的企业/, 'link');
  await second.fill('详细地址', '早先填写的旧地址 1 号');
  await second.back();
  await second.tap(/我的企业/, 'link');
  await second.title('完善信息');
  assert.strictEqual(await second.field('详细地址').inputValue(), '早先填写的旧地址 1 号', 'a draft is there again');
  await second.back();

  // Every second piece is cut: the upload asks where it was, and goes on there.
  let pieces = 0;
  const sent = [];
  await phone.context.route('**/api/v1/uploads/*', async (route) => {
    if (route.request().method() !== 'PUT') return route.fallback();
    pieces += 1;
    sent.push(route.request().headers()['upload-offset']);
    return pieces % 2 === 0 ? route.abort('connectionreset') : route.fallback();
  });
  let confirmed = 0;
  await phone.context.route('**/api/v1/profile/photos/licence', (route) => {
    confirmed += 1;
    return confirmed === 1 ? route.abort('connectionreset') : route.fallback();
  });
  for (const [label, paper] of [['营业执照照片', papers.licence], ['法人身份证正面照片', papers.front], ['法人身份证反面照片', papers.back]]) {
    // As heavy as a photo of a phone: what follows the picture's end is nothing to whoever decodes it.
    await phone.photo(Buffer.concat([paper.buffer, randomBytes(3 * PIECE)]));
    await phone.tap(`拍照或选择${label}`);
    if (label === '营业执照照片') {
      // Whole, and the last word lost: the photo is not sent a second time.
      await phone.sees('网络不稳定，内容未提交。您填写的内容已保留，请重试。');
      await phone.look('photo-unconfirmed');
      const whole = sent.length;
      await phone.tap('继续上传');
      await phone.page.waitForFunction(() => window.host.data().kept.licence);
      assert.strictEqual(sent.length, whole);
      assert.strictEqual(await phone.page.getByRole('button', { name: '继续上传' }).count(), 0);
    }
    await phone.page.locator('main').getByRole('button', { name: `重新拍照或选择${label}` }).waitFor();
    await phone.page.waitForFunction((words) => window.host.data().kept[words], { 营业执照照片: 'licence', 法人身份证正面照片: 'id_front', 法人身份证反面照片: 'id_back' }[label]);
  }
  await phone.context.unroute('**/api/v1/uploads/*');
  assert.ok(sent.filter((offset) => offset === String(PIECE)).length >= 2, `a piece that was cut was sent again: ${sent}`);
  const read = await phone.readUntil('识别并填写', () => phone.page.evaluate(() => Boolean(window.host.data().values.unified_social_credit_code)));
  const { values, marks } = await phone.page.evaluate(() => ({ values: window.host.data().values, marks: window.host.data().marks }));
  assert.strictEqual(values.name, DEMO.fresh.name, 'what stood there stays');
  if (read) assert.ok(['已识别', '请核对'].includes(marks.unified_social_credit_code));
  await phone.look('profile-read');

  await phone.fill('统一社会信用代码', other.creditCode);
  await phone.fill('法定代表人身份证号', other.idNumber);
  await phone.fill('法定代表人联系电话', DEMO.fresh.phone);
  await phone.choose(['河北省', '沧州市', '运河区', '南湖街道'], /^注册区县，请选择省份/);
  await phone.choose(TRADE, /^所属行业，请选择第一产业/);
  await phone.fill('详细地址', other.address);
  await phone.fill('注册资本', '1000');
  await phone.fill('密码', 'Short1');
  await phone.fill('确认密码', 'Short1');
  await phone.fill('手机验证码', '000000');
  await phone.tap('保存');
  await phone.sees(/有 \d 处需要修改/);
  await phone.look('profile-wrong');
  await phone.fill('密码', other.password);
  await phone.fill('确认密码', other.password);
  await phone.code(DEMO.fresh.phone, '手机验证码');
  await phone.tap('保存');
  await phone.sees('企业信息已保存，状态为已完善。');
  await phone.look('profile-saved');

  // What was saved elsewhere meanwhile is not overwritten with what was typed before.
  await second.tab('首页');
  await second.enter(DEMO.fresh.phone, other.password);
  await second.tap(/我的企业/, 'link');
  await second.sees('内容已在别处更新，这里显示最新的内容。请核对后继续。');
  assert.strictEqual(await second.field('详细地址').inputValue(), other.address);
  assert.strictEqual(await phone.button('接着做人脸核验').locator('visible=true').count(), 0, 'the request comes first, the face check after it');
  await phone.tap('返回继续申请');
  await phone.at('apply');
  assert.strictEqual(await phone.field('期望融资金额').inputValue(), '120', 'the request is still there');
  await phone.back();
  await phone.back();
  await phone.tab('我的');
  await phone.sees('已完善');
  assert.strictEqual(await phone.page.getByText('！', { exact: true }).locator('visible=true').count(), 0, 'the mark is gone');
  await phone.look('mine-complete');
  await phone.tap(/申请记录/, 'link');
  await phone.sees('草稿');
  await phone.look('drafts');
  await phone.tap('继续填写');
  await phone.title(DEMO.product);
  assert.strictEqual(await phone.field('期望融资金额').inputValue(), '120');
});
