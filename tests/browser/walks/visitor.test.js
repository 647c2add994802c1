'use strict';
// 访客: somebody who only looks around.

const assert = require('node:assert');
const { look, person, printed, walk } = require('./house/house');

const SECTIONS = [
  ['首页', '/'],
  ['金融超市', '/market'],
  ['金融机构', '/institutions'],
  ['金控产品', '/holdings'],
  ['惠企政策', '/policies'],
  ['新闻资讯', '/news'],
  ['关于我们', '/about'],
];

walk('a visitor finds the seven sections, each with its own content', async () => {
  const page = await person();
  await page.goto('/');
  const nav = page.getByRole('navigation', { name: '主导航' });
  assert.deepStrictEqual((await nav.getByRole('listitem').allInnerTexts()).slice(0, SECTIONS.length), SECTIONS.map(([name]) => name));
  for (const [name, path] of SECTIONS) {
    await nav.getByRole('link', { name, exact: true }).click();
    await page.waitForURL((url) => url.pathname === path);
    assert.strictEqual(await nav.getByRole('link', { name, exact: true }).getAttribute('aria-current'), 'page');
    assert.ok((await page.getByRole('main').innerText()).length > 200, `${name} is nearly empty`);
    await look(page);
  }
  const foot = page.getByRole('contentinfo');
  assert.match(await foot.innerText(), /0317-5669898/);
  assert.match(await foot.innerText(), /ICP备案: 冀ICP备20016432/);
  assert.match(await foot.innerText(), /微信搜索“一键融服务”/);
  assert.match(await page.title(), /沧州市中小企业智慧金融服务平台/);
});

walk('a visitor searches the market, filters, sorts and turns the page', async () => {
  const page = await person();
  await page.goto('/market');
  const total = async () => Number((await page.getByText(/^共 \d+ 款符合条件$/).innerText()).replace(/\D/g, ''));
  const all = await total();
  assert.ok(all >= 40, `${all} products`);
  await page.getByRole('link', { name: '下一页' }).first().click();
  await page.waitForURL(/page=2/);
  await look(page);

  await page.getByRole('link', { name: /^抵押（\d+）$/ }).click();
  await page.waitForURL((url) => !/page=2/.test(url.search));
  const mortgaged = await total();
  assert.ok(mortgaged > 0 && mortgaged < all);
  await look(page);
  await page.getByRole('link', { name: '利率低到高' }).click();
  await page.waitForURL(/sort=/);
  assert.strictEqual(await total(), mortgaged);

  await page.getByRole('main').getByRole('textbox', { name: '搜索金融产品' }).fill('惠民 抵押');
  await page.getByRole('button', { name: '搜索产品' }).click();
  await page.getByRole('heading', { name: '惠民抵押贷' }).waitFor();
  await look(page);

  await page.goto('/market?q=' + encodeURIComponent('不存在的产品名称'));
  await page.getByText('没有符合条件的产品').waitFor();
  await look(page);
  await page.getByRole('link', { name: '清空条件' }).first().click();
  await page.waitForURL((url) => url.pathname === '/market');
  assert.strictEqual(await total(), all);
});

walk('a visitor who names an amount sees only products that can lend it, and a wrong amount is explained', async () => {
  const page = await person();
  await page.goto('/market');
  await page.getByLabel('我需要').fill('800');
  await page.getByRole('button', { name: '查找可贷产品' }).click();
  await page.getByText(/^共 \d+ 款符合条件$/).waitFor();
  await look(page);
  await page.getByLabel('我需要').fill('很多钱');
  page.allowed.push('422', '400');
  await page.getByRole('button', { name: '查找可贷产品' }).click();
  await page.getByRole('alert').waitFor();
  assert.strictEqual(await page.getByLabel('我需要').inputValue(), '很多钱');
  await look(page);
});

walk('a visitor reads a product and 立即申请 at its end leads to sign-in', async () => {
  const page = await person();
  await page.goto('/');
  await page.getByRole('link', { name: /^查看详情\+/ }).first().click();
  await page.waitForURL(/\/market\/.+/);
  await look(page);
  for (const part of ['产品要素', '费用', '申请条件', '所需材料', '受理支行']) {
    assert.ok(await page.getByRole('heading', { name: part, exact: true }).isVisible(), part);
  }
  const name = await page.getByRole('heading', { level: 1 }).innerText();
  await page.getByRole('main').getByRole('link', { name: '立即申请' }).first().click();
  await page.waitForURL(/\/login/);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await look(page);
  await page.goBack();
  assert.strictEqual(await page.getByRole('heading', { level: 1 }).innerText(), name);
});

walk('a visitor estimates the repayments of a product', async () => {
  const page = await person();
  await page.goto('/market?q=' + encodeURIComponent('惠民抵押贷'));
  await page.getByRole('link', { name: /^查看详情\+/ }).first().click();
  await page.waitForURL(/\/market\/.+/);
  await page.getByLabel(/金额/).first().fill('0');
  page.allowed.push('422');
  await page.getByRole('button', { name: '计算还款' }).click();
  await page.getByRole('alert').waitFor();
  await look(page);
  await page.getByLabel(/金额/).first().fill('100');
  await page.getByRole('button', { name: '计算还款' }).click();
  await page.getByRole('status').filter({ hasText: '利息' }).waitFor();
  await look(page);
});

walk('a visitor tries what a product comes to, on a desktop and on a phone', async () => {
  for (const phone of [false, true]) {
    const page = await person({ phone });
    await page.goto('/market?q=' + encodeURIComponent('专精特新信用贷'));
    await page.getByRole('link', { name: /^额度试算/ }).first().click();
    await page.getByRole('heading', { level: 1, name: '额度试算' }).waitFor();
    await look(page);
    page.allowed.push('422');
    await page.getByRole('button', { name: '开始试算' }).click();
    await page.getByRole('alert').waitFor();
    await look(page);
    await page.getByLabel(/期望融资金额/).fill('300');
    await page.getByLabel(/期望融资期限/).fill('2');
    await page.getByLabel(/上一年度营业收入/).fill('500');
    await page.getByRole('button', { name: '开始试算' }).click();
    await page.getByText('试算结果仅供参考，不构成授信承诺').waitFor();
    await page.getByText('10–150 万元').waitFor();
    await look(page);
  }
});

walk('a visitor reads institutions, a policy, a news item and what the sitemap names', async () => {
  const page = await person();
  for (const [list, link] of [['/institutions', /^查看机构/], ['/policies', null], ['/news', null]]) {
    await page.goto(list);
    const main = page.getByRole('main');
    const first = link ? main.getByRole('link', { name: link }).first() : main.locator(`a[href^="${list}/"]`).first();
    await first.click();
    await page.waitForURL((url) => url.pathname.startsWith(`${list}/`));
    await look(page);
  }
  for (const path of ['/sitemap', '/accessibility', '/search', '/search?q=' + encodeURIComponent('抵押')]) {
    await page.goto(path);
    await look(page);
  }
});

walk('every link of the portal leads somewhere', async () => {
  const page = await person();
  const seen = new Set();
  const queue = [{ path: '/' }, { path: '/sitemap' }];
  const dead = [];
  // What others have taken off since the page with its link was read is not on it any more.
  const stands = async ({ path, on }) => !on || (await (await page.request.get(on)).text()).includes(`href="${path.replace(/&/g, '&amp;')}`);
  while (queue.length) {
    const { path, on } = queue.shift();
    const answer = await page.request.get(path);
    if (answer.status() >= 400) {
      if (await stands({ path, on })) dead.push(`${path} on ${on}: ${answer.status()}`);
      continue;
    }
    if (!/text\/html/.test(answer.headers()['content-type'] || '')) continue;
    // One page of a kind is followed; all links on it are asked.
    for (const [, found] of (await answer.text()).matchAll(/<a\b[^>]*\bhref="(\/[^"#]*)/g)) {
      const next = found.replace(/&amp;/g, '&');
      const kind = next.replace(/\?.*/, '').replace(/[0-9a-f-]{32,36}/, '*');
      if (next.startsWith('/large-type') || seen.has(next)) continue;
      if (next.includes('?') && seen.has(`?${kind}`)) continue;
      seen.add(next);
      if (next.includes('?')) seen.add(`?${kind}`);
      queue.push({ path: next, on: path });
    }
  }
  assert.deepStrictEqual(dead, []);
  assert.ok(seen.size > 60, `${seen.size} addresses`);
});

walk('the agreements can be read in full, with version and date', async () => {
  const page = await person();
  await page.goto('/register');
  const links = await page.getByRole('link', { name: /协议|授权书/ }).evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href')));
  const texts = [...new Set(links.filter((href) => href.startsWith('/agreements/')))];
  assert.ok(texts.length >= 3, texts.join(' '));
  for (const href of texts) {
    await page.goto(href);
    assert.match(await page.getByRole('main').innerText(), /版本/);
    await look(page);
    await printed(page, '版本');
  }
});

walk('an address that leads nowhere says so and shows ways on', async () => {
  const page = await person();
  page.allowed.push('404');
  for (const path of ['/nowhere', '/market/00000000-0000-0000-0000-000000000000', '/agreements/nothing', '/policies/x']) {
    const answer = await page.goto(path);
    assert.strictEqual(answer.status(), 404, path);
    await look(page);
    assert.ok(await page.getByRole('main').getByRole('link').first().isVisible());
  }
});

walk('large type is kept from page to page and can be left again', async () => {
  const page = await person();
  await page.goto('/about');
  const size = () => page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('main p')).fontSize));
  const before = await size();
  await page.getByRole('link', { name: '大字版' }).click();
  await page.waitForURL('**/about');
  assert.ok((await size()) > before);
  await look(page);
  for (const path of ['/', '/market', '/login', '/register']) {
    await page.goto(path);
    await look(page);
  }
  await page.getByRole('link', { name: '标准字号' }).click();
  assert.ok(await page.getByRole('link', { name: '大字版' }).isVisible());
});

walk('on a phone the menu opens, and the QR code of the portal is a picture of an address', async () => {
  const page = await person({ phone: true });
  await page.goto('/');
  const nav = page.getByRole('navigation', { name: '主导航' });
  assert.strictEqual(await nav.getByRole('link', { name: '惠企政策' }).isVisible(), false);
  await look(page);
  await page.getByRole('link', { name: '菜单' }).click();
  await look(page);
  await nav.getByRole('link', { name: '惠企政策' }).click();
  await page.waitForURL('**/policies');
  await look(page);
  for (const [, path] of SECTIONS) {
    await page.goto(path);
    await look(page);
  }
  const code = await page.request.get('/qr/register.svg');
  assert.match(code.headers()['content-type'], /svg/);
});
