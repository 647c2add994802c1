'use strict';
// 两座城市: operator, supervisor and regulator with the sites of both cities open in one browser; nothing of one is found in the other.

const assert = require('node:assert');
const { look, person, url, walk } = require('../walks/house/house');
const { button, caseTitle, confirm, eventually, firm, link, refused, room, title, words } = require('../walks/house/office');
const demo = require('../walks/house/demo');
const { DEMO, field, signIn } = require('../walks/house/steps');

const OPERATOR = '平台工作台菜单';
const NAMES = { cangzhou: '沧州市中小企业智慧金融服务平台', yunlan: '云澜市企业融资服务平台' };
const FIRMS = { cangzhou: '东光县箱语坊纸品包装有限公司', yunlan: '云澜市竹云居家具有限公司' };
const CITIES = Object.keys(NAMES);

// The site of a city, by its own host name.
const site = (city) => `http://${city}.localhost:${new URL(url()).port}`;

async function enter(page, city, account) {
  page.account = `${city} ${account}`;
  await page.goto(`${site(city)}/staff/login`);
  await signIn(page, account, DEMO.password, { staff: true });
  assert.ok((await page.title()).endsWith(NAMES[city]), await page.title());
  return page;
}

// Signed in to both cities under one sign-in name, in two windows of one browser.
async function both(account) {
  const first = await person({ baseURL: site('cangzhou') });
  const second = await first.context().newPage();
  return { cangzhou: await enter(first, 'cangzhou', account), yunlan: await enter(second, 'yunlan', account) };
}

// What the site of a city answers to this address.
async function status(page, city, path) {
  page.allowed.push('404');
  return (await page.goto(`${site(city)}${path}`)).status();
}

walk('a supervisor watches two cities side by side, and a request of one is not there at the other', async () => {
  const pages = await both('city-os1');
  const found = {};
  for (const city of CITIES) {
    const page = pages[city];
    await look(page);
    await room(page, OPERATOR, '融资需求总览');
    await look(page);
    const request = page.getByRole('main').getByRole('table').getByRole('link', { name: /PO\d+/ }).first();
    const [number] = /PO\d+/.exec(await request.innerText());
    await request.click();
    await caseTitle(page, number).waitFor();
    await look(page);
    // A supervisor neither decides nor freezes.
    for (const deed of ['接单', '通过', '不通过', '改派', '申请冻结']) assert.strictEqual(await link(page, deed).count(), 0, deed);
    found[city] = new URL(page.url()).pathname;
  }
  assert.strictEqual(await status(pages.cangzhou, 'cangzhou', found.yunlan), 404);
  assert.strictEqual(await status(pages.yunlan, 'yunlan', found.cangzhou), 404);
  assert.strictEqual(await status(pages.yunlan, 'yunlan', found.yunlan), 200);
});

walk('a regulator reads totals in two cities, and opens one enterprise of the own city for a written reason', async () => {
  const REASON = '信访件核查第 27 号';
  const pages = await both('city-rg1');
  for (const city of CITIES) {
    const page = pages[city];
    const [own, foreign] = [city, CITIES.find((one) => one !== city)].map((one) => demo.creditCode(FIRMS[one], one));
    await title(page, '统计分析').waitFor();
    await look(page);
    assert.strictEqual(await page.getByRole('main').locator('a[href*="/operator/applications"]').count(), 0);
    assert.strictEqual(await page.getByRole('navigation', { name: OPERATOR }).getByRole('link', { name: '融资需求总览' }).count(), 0);
    for (const path of ['/operator/applications', '/operator/enterprises', '/operator/audit', '/operator/settings']) {
      assert.strictEqual(await status(page, city, path), 404, path);
    }
    assert.strictEqual(await status(page, city, '/operator/statistics'), 200);
    await room(page, OPERATOR, '监管查看');
    await look(page);
    await refused(page, '查看融资需求');
    assert.match(await words(page), /请写明查看原因/);
    await look(page);
    // An enterprise of the other city is nobody here, whatever the reason.
    await field(page, '统一社会信用代码').fill(foreign);
    await field(page, '查看原因').fill(REASON);
    await refused(page, '查看融资需求');
    assert.match(await words(page), /没有找到这家企业/);
    await field(page, '统一社会信用代码').fill(own);
    await button(page, '查看融资需求').click();
    await title(page, FIRMS[city]).waitFor();
    assert.match(await words(page), new RegExp(`本次查看已记录，原因：${REASON}`));
    assert.doesNotMatch(await words(page), /万元/);
    await look(page);
  }
  const looked = await firm(demo.phone(FIRMS.cangzhou));
  await looked.goto('/enterprise/consents/looks');
  await title(looked, '查看记录').waitFor();
  assert.match(await words(looked), new RegExp(REASON));
  await look(looked);
});

walk('an operator writes for one city, a second one publishes it, and the other city shows nothing of it', async () => {
  const TITLE = '企业服务中心周五下午接待咨询';
  const pages = await both('city-op1');
  const writer = pages.yunlan;
  await room(writer, OPERATOR, '内容管理');
  await look(writer);
  await link(writer, '新增新闻资讯').click();
  await title(writer, '新增新闻资讯').waitFor();
  await look(writer);
  const typed = { 标题: TITLE, 栏目: '平台动态', 来源: '澜桥金服', 正文: '企业可在周五下午到服务中心咨询。\n\n## 时间\n\n每周五 14:00–17:00。' };
  for (const [label, text] of Object.entries(typed)) await field(writer, label).fill(text);
  await button(writer, '保存并提交复核').click();
  await title(writer, `要提交“${TITLE}”，请另一位运营人员复核吗？`).waitFor();
  await look(writer);
  await confirm(writer, '提交复核', '已提交，请另一位运营人员复核。');
  const page = new URL(writer.url()).pathname;
  const shown = page.replace('/operator/content', '/news');
  // Whoever wrote it does not publish it, and nobody reads it before.
  assert.strictEqual(await link(writer, '通过发布').count(), 0);
  const visitor = await person({ baseURL: site('yunlan') });
  assert.strictEqual(await status(visitor, 'yunlan', shown), 404);

  const second = await enter(await person({ baseURL: site('yunlan') }), 'yunlan', 'city-op2');
  await second.goto(page);
  await look(second);
  await link(second, '通过发布').click();
  await title(second, `要发布“${TITLE}”吗？`).waitFor();
  await look(second);
  await confirm(second, '通过发布', '已发布，到展示时间自动生效。');
  await eventually(visitor, shown, title(visitor, TITLE));
  assert.match(await words(visitor), /每周五 14:00–17:00/);
  await look(visitor);
  assert.strictEqual(await status(visitor, 'cangzhou', shown), 404);
  assert.strictEqual(await status(pages.cangzhou, 'cangzhou', page), 404);
});
