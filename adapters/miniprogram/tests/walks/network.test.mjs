// A network that is slow, cut or answers nonsense; a server that fails; tokens that end, or were stolen.

import assert from 'node:assert';
import { toCheck } from '../house/request.mjs';
import { DEMO, walk } from '../house/walk.mjs';

const kept = (phone) => phone.page.evaluate(() => JSON.parse(localStorage.getItem('wx:yjr.tokens')));
const keep = (phone, tokens) => phone.page.evaluate((given) => localStorage.setItem('wx:yjr.tokens', JSON.stringify(given)), tokens);
const deviceOf = (phone) => phone.page.evaluate(() => JSON.parse(localStorage.getItem('wx:yjr.device')));

/** The numbers of everything that this account has sent, as the server tells them. */
async function applications(phone) {
  const headers = { 'X-Device-Id': await deviceOf(phone), Authorization: `Bearer ${(await kept(phone)).access}` };
  const numbers = [];
  for (let cursor = ''; cursor !== null;) {
    const { items, next_cursor: next } = await (await phone.context.request.get(`/api/v1/applications${cursor && `?cursor=${encodeURIComponent(cursor)}`}`, { headers })).json();
    numbers.push(...items.map(({ application_no }) => application_no));
    cursor = next ?? null;
  }
  return numbers;
}

const SERVER_FAILS = /服务暂时无法使用/;

walk('without a network the page says so, and fills when it is back', async (open) => {
  const phone = await open();
  await phone.sees('推荐产品');
  let asked = 0;
  await phone.context.route('**/api/v1/products*', (route) => { asked += 1; return route.abort('internetdisconnected'); });
  await phone.tab('金融超市');
  await phone.sees('网络不稳定，没有取到内容。请检查网络后重试。');
  assert.strictEqual(asked, 3, 'a read is tried three times');
  await phone.look('offline');
  await phone.context.unroute('**/api/v1/products*');
  await phone.tap('重试');
  await phone.sees(/共 \d+ 款产品/);
});

const NONSENSE = {
  'a 500 without a reason': { status: 500, body: 'oops', contentType: 'text/plain' },
  'a 502 of a gateway in HTML': { status: 502, body: '<html><body>Bad Gateway</body></html>', contentType: 'text/html' },
  'a 200 in HTML': { status: 200, body: '<html>login to the hotel network</html>', contentType: 'text/html' },
  'a 200 with nothing in it': { status: 200, body: '', contentType: 'application/json' },
};
for (const [name, answer] of Object.entries(NONSENSE)) {
  walk(`${name} is told in words and can be tried again`, async (open) => {
    const phone = await open();
    await phone.sees('推荐产品');
    await phone.context.route('**/api/v1/policies*', (route) => route.fulfill(answer));
    await phone.tab('惠企政策');
    await phone.sees(SERVER_FAILS);
    await phone.context.unroute('**/api/v1/policies*');
    await phone.tap('重试');
    await phone.page.locator('main').getByRole('link').locator('visible=true').first().waitFor();
  });
}

walk('a refusal of the server is told with its words and its number', async (open) => {
  const phone = await open();
  await phone.sees('推荐产品');
  const body = JSON.stringify({ type: 'x', title: 'x', status: 503, code: 'unavailable', detail: '服务繁忙，请稍后再试。', request_id: 'abc-123', errors: [] });
  await phone.context.route('**/api/v1/policies*', (route) => route.fulfill({ status: 503, body, contentType: 'application/problem+json' }));
  await phone.tab('惠企政策');
  await phone.sees('服务繁忙，请稍后再试。如需帮助请提供编号 abc-123。');
});

walk('an answer that was lost on the way: the second tap goes under the same key and makes one request, not two', async (open) => {
  const phone = await open();
  await phone.enter(DEMO.complete.phone, DEMO.password);
  await toCheck(phone);
  const before = await applications(phone);
  let lost = 0;
  await phone.context.route('**/api/v1/drafts/*/submission', async (route) => {
    lost += 1;
    if (lost > 1) return route.fallback();
    await route.fetch();
    return route.abort('connectionreset');
  });
  const again = phone.page.getByRole('checkbox', { name: '仍要提交' });
  if (await again.count()) await again.click();
  await phone.tap('立即申请');
  await phone.sees('网络不稳定，内容未提交。您填写的内容已保留，请重试。');
  await phone.look('answer-lost');
  await phone.tap('立即申请');
  await phone.title('提交成功');
  const keys = (await phone.requests()).filter(({ path }) => path.endsWith('/submission')).map(({ key }) => key);
  assert.strictEqual(keys.length, 2);
  assert.strictEqual(keys[0], keys[1]);
  const number = /PO\d{11,}/.exec(await phone.page.locator('main').innerText())[0];
  await phone.tap('查看进度');
  await phone.sees(number);
  assert.deepStrictEqual((await applications(phone)).filter((no) => !before.includes(no)), [number], 'one more than before');
});

walk('on a slow network two taps are one request, and the button says what it does', async (open) => {
  const phone = await open();
  await phone.enter('19900002148', DEMO.password);
  await toCheck(phone);
  await phone.context.route('**/api/v1/drafts/*/submission', async (route) => {
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    return route.fallback();
  });
  const again = phone.page.getByRole('checkbox', { name: '仍要提交' });
  if (await again.count()) await again.click();
  const button = phone.page.locator('main').getByRole('button', { name: '立即申请' }).locator('visible=true');
  await button.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await button.boundingBox();
  await phone.page.mouse.click(x + width / 2, y + height / 2);
  await phone.page.mouse.click(x + width / 2, y + height / 2);
  await phone.sees('正在提交…');
  await phone.title('提交成功');
  assert.strictEqual((await phone.requests()).filter(({ path }) => path.endsWith('/submission')).length, 1);
});

walk('an access token that ended is renewed without the person noticing, once for all requests', async (open) => {
  const phone = await open();
  await phone.enter('19900002185', DEMO.password);
  const tokens = await kept(phone);
  const ended = 'x'.repeat(43);
  await keep(phone, { ...tokens, access: ended });
  // The second request of the page is refused only after the first one has brought a new token.
  const renewed = phone.page.waitForResponse('**/api/v1/tokens/refresh');
  let refused = 0;
  await phone.context.route('**/api/v1/**', async (route) => {
    if ((route.request().headers().authorization || '').endsWith(ended)) {
      refused += 1;
      if (refused > 1) await renewed;
    }
    return route.fallback();
  });
  await phone.tap(/申请记录/, 'link');
  await phone.page.waitForFunction(() => window.host.data().read);
  const after = await kept(phone);
  assert.notStrictEqual(after.refresh, tokens.refresh);
  assert.ok(refused > 1);
  assert.strictEqual((await phone.requests()).filter(({ path }) => path.endsWith('/tokens/refresh')).length, 1);
});

walk('a refresh token that somebody else used ends the device: the person signs in again and finds the page', async (open) => {
  const phone = await open();
  await phone.enter('19900002222', DEMO.password);
  // WeChat would answer, perhaps for another account: it is not asked without a tap.
  await phone.set({ loginCode: 'demo-19800000001' });
  const tokens = await kept(phone);
  const device = await deviceOf(phone);
  const stolen = await phone.context.request.post('/api/v1/tokens/refresh', { headers: { 'X-Device-Id': device }, data: { refresh_token: tokens.refresh } });
  assert.strictEqual(stolen.status(), 200);
  const ended = 'x'.repeat(43);
  await keep(phone, { ...tokens, access: ended });
  // The second request of the page is refused only after the first one has brought a new token.
  const renewed = phone.page.waitForResponse('**/api/v1/tokens/refresh');
  let refused = 0;
  await phone.context.route('**/api/v1/**', async (route) => {
    if ((route.request().headers().authorization || '').endsWith(ended)) {
      refused += 1;
      if (refused > 1) await renewed;
    }
    return route.fallback();
  });
  await phone.tap(/申请记录/, 'link');
  await phone.sees('登录已失效，请重新登录。');
  assert.deepStrictEqual((await phone.requests()).filter(({ path }) => path.endsWith('/tokens/wechat')), []);
  await phone.look('signed-out');
  const thief = await phone.context.request.get('/api/v1/me', { headers: { 'X-Device-Id': device, Authorization: `Bearer ${(await stolen.json()).access_token}` } });
  assert.strictEqual(thief.status(), 401, 'what was stolen is dead as well');
  await phone.page.locator('main').getByRole('button', { name: '登录/注册' }).locator('visible=true').click();
  await phone.signIn('19900002222', DEMO.password);
  await phone.at('records');
  await phone.page.waitForFunction(() => window.host.data().read);
});

walk('what was typed stays while nobody can say whose phone it is, and goes with somebody else', async (open) => {
  const phone = await open();
  await phone.enter('19900002222', DEMO.password);
  const mark = () => phone.page.evaluate(() => localStorage.getItem('wx:yjr.draft.letter.walk'));
  const out = () => phone.page.evaluate(() => localStorage.removeItem('wx:yjr.tokens'));
  await phone.page.evaluate(() => localStorage.setItem('wx:yjr.draft.letter.walk', '{"body":"还没有写完"}'));
  await out();
  await phone.tab('首页');
  await phone.context.route('**/api/v1/me', (route) => route.abort('connectionreset'));
  await phone.tab('我的');
  await phone.tap(/点击登录/);
  await phone.signIn('19900002222', DEMO.password);
  await phone.at('mine');
  await phone.sees('网络不稳定，没有取到内容。请检查网络后重试。');
  assert.ok(await mark(), 'no answer is no reason to forget');
  await phone.context.unroute('**/api/v1/me');
  await phone.tap('重试');
  await phone.sees('申请记录');
  assert.ok(await mark(), 'the same person');
  await out();
  await phone.tab('首页');
  await phone.enter('19900002185', DEMO.password);
  assert.strictEqual(await mark(), null, 'somebody else');
});
