// 人脸核验 at a provider that compares on a page of its own. The demonstration has none: what such a provider makes our server answer is
// put in the place of its answers; everything else is the real server's.

import assert from 'node:assert';
import { DEMO, walk } from '../house/walk.mjs';

const PAGE = 'https://face.example/h5/session/7f3c';

const outcome = (result, more = {}) => ({ result, submitted: [], returned: [], ...more });

walk('a check on a page of the provider: the address is taken along, and nothing counts but what our server hears', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.second.phone, DEMO.password);
  const face = { verified: false, consented: true, profile_complete: true, way: 'away', demo: false, provider_name: '某某核验服务', latest: null, attempts_left: 5 };
  const answers = [];
  const asked = [];
  const { context } = phone;
  await context.route('**/api/v1/face', async (route) => {
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...(await answer.json()), ...face } });
  });
  for (const path of ['sessions', 'checks/latest/queries']) {
    await context.route(`**/api/v1/face/${path}`, (route) => {
      asked.push(path);
      return route.fulfill({ json: answers.shift() });
    });
  }

  await phone.tap(/人脸核验/, 'link');
  await phone.at('face');
  await phone.sees('核验在某某核验服务的页面上进行。');
  // There is nothing to photograph here.
  assert.strictEqual(await phone.button('用手机自带相机拍照').locator('visible=true').count(), 0);
  await phone.look('face-away');
  answers.push(outcome('away', { page: PAGE }));
  await phone.tap('开始核验');
  await phone.sees('请在核验服务的页面完成核验，然后回到这里查询结果。');
  await phone.sees(PAGE);
  await phone.look('face-away-page');
  await phone.tap('复制核验页面地址');
  await phone.page.waitForFunction((page) => window.host.state.done.some(({ name, options }) => name === 'setClipboardData' && options.data === page), PAGE);

  // Back too early, then refused there, then begun anew.
  answers.push(outcome('pending'));
  await phone.tap('我已完成，查询结果');
  await phone.sees('核验还没有完成。');
  face.attempts_left = 4;
  face.latest = { status: { code: 'failed', label: '未通过' }, at: '2026-11-26T10:00:00Z', reason: '人脸与身份证照片不一致' };
  answers.push(outcome('failed', { message: '人脸与身份证照片不一致，请本人重新核验。', attempts_left: 4 }));
  await phone.tap('我已完成，查询结果');
  await phone.sees('人脸与身份证照片不一致，请本人重新核验。 今天还可以核验 4 次。');
  await phone.sees('未核验');
  await phone.look('face-away-failed');
  answers.push(outcome('away', { page: PAGE }));
  await phone.tap('开始核验');
  await phone.sees(PAGE);
  answers.push(outcome('ended', { message: '核验已超时，请重新开始。' }));
  await phone.tap('我已完成，查询结果');
  await phone.sees('核验已超时，请重新开始。');
  answers.push(outcome('away', { page: PAGE }));
  await phone.tap('开始核验');
  await phone.sees(PAGE);
  // What is under way still reads how things stood.
  await phone.page.waitForFunction(() => !window.host.data().busy && !window.host.data().loading);
  Object.assign(face, { verified: true, latest: null });
  answers.push(outcome('passed'));
  await phone.tap('我已完成，查询结果');
  await phone.sees('人脸核验已通过。');
  await phone.sees('核验通过后长期有效，以后提交融资需求不需要再核验。');
  await phone.look('face-away-passed');
  const [session, query] = ['sessions', 'checks/latest/queries'];
  assert.deepStrictEqual(asked, [session, query, query, session, query, session, query]);
});

walk('where the provider works on no phone, the page names the other ways', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.second.phone, DEMO.password);
  await phone.context.route('**/api/v1/face', async (route) => {
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...(await answer.json()), verified: false, consented: true, way: 'nowhere', demo: false } });
  });
  await phone.tap(/人脸核验/, 'link');
  await phone.sees('请在网页版上完成人脸核验，或改用人工核验。');
  assert.strictEqual(await phone.button('开始核验').locator('visible=true').count(), 0);
  await phone.tap('申请人工核验');
  await phone.page.locator('main').getByRole('button', { name: /^核验网点/ }).locator('visible=true').waitFor();
  await phone.look('face-nowhere');
});
