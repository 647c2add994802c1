// Whoever looks without an account: search, detail, policies, cards to share, large type.

import assert from 'node:assert';
import { DEMO, walk } from '../house/walk.mjs';

walk('a visitor finds a product by its name and is led to sign in and back to it', async (open) => {
  const phone = await open();
  await phone.sees('推荐产品');
  await phone.look('home');
  await phone.tap('我要融资');
  await phone.at('market');
  await phone.sees(/共 \d+ 款产品/);
  await phone.look('market');
  await phone.page.getByLabel('搜索产品').fill(DEMO.product);
  await phone.tap('搜索');
  await phone.sees(new RegExp(`“${DEMO.product}” 共 \\d+ 款产品`));
  await phone.tap(new RegExp(DEMO.product), 'link');
  await phone.title(DEMO.product);
  await phone.sees('受理支行');
  await phone.look('product');
  // 还款试算: within the figures of the product.
  await phone.fill('融资金额', '99999');
  await phone.tap('计算还款');
  await phone.sees(/融资金额应在 .* 万元之间/);
  await phone.fill('融资金额', '100');
  await phone.tap('计算还款');
  await phone.sees('利息合计');
  await phone.look('product-repayment');
  const card = await phone.page.evaluate(() => window.host.share());
  assert.match(card.path, /^\/pages\/product\/product\?id=[0-9a-f-]{36}$/);
  assert.match(card.title, new RegExp(DEMO.product));
  await phone.tap('立即申请');
  await phone.title('登录/注册');
  await phone.look('enter');
  await phone.signIn(DEMO.second.phone, DEMO.password);
  await phone.at('product');
  await phone.title(DEMO.product);
});

walk('a search that finds nothing says so and can be cleared', async (open) => {
  const phone = await open();
  await phone.tab('金融超市');
  await phone.page.getByLabel('搜索产品').fill('没有这样的产品');
  await phone.tap('搜索');
  await phone.sees('没有符合条件的产品。可以换一个词，或清空条件。');
  await phone.look('market-empty');
  await phone.tap('清空条件');
  await phone.sees(/共 \d{2,} 款产品/);
  await phone.tap('抵押');
  await phone.sees('抵押');
  await phone.tap('利率低');
  await phone.page.waitForFunction(() => window.host.data().products.length > 0);
  const wanted = await phone.page.evaluate(() => window.host.data().products.every(({ guarantee }) => guarantee.code === 'mortgage'));
  assert.ok(wanted, 'only mortgages');
});

walk('the list is narrowed on a sheet that tells how many products each choice leaves', async (open) => {
  const phone = await open();
  await phone.tab('金融超市');
  await phone.sees(/共 \d+ 款产品/);
  const all = await phone.page.evaluate(() => window.host.data().total);
  await phone.tap('筛选条件');
  const sheet = phone.page.getByRole('dialog', { name: '筛选条件' });
  const band = sheet.getByRole('group', { name: '额度' }).getByRole('button').filter({ hasText: '50–200 万元' });
  await band.waitFor();
  for (const name of ['期限', '利率']) await sheet.getByRole('group', { name, exact: true }).waitFor();
  await phone.look('market-filters');
  await band.click();
  await phone.page.waitForFunction(() => window.host.data().fitting >= 0);
  const fitting = await phone.page.evaluate(() => window.host.data().fitting);
  assert.ok(fitting > 0 && fitting <= all);
  await sheet.getByRole('button', { name: `查看 ${fitting} 款产品` }).click();
  await phone.sees(`共 ${fitting} 款产品`);
  await phone.sees('额度：50–200 万元');
  await phone.sees('筛选条件（已选 1 项）');
  await phone.look('market-narrowed');
  await phone.tap('清空条件');
  await phone.sees(`共 ${all} 款产品`);
});

walk('the list of products goes on when its end is reached, without gap or repeat', async (open) => {
  const phone = await open();
  await phone.tab('金融超市');
  await phone.sees(/共 \d+ 款产品/);
  const total = await phone.page.evaluate(() => window.host.data().total);
  assert.ok(total > 20, 'more than a page');
  await phone.page.waitForFunction((all) => {
    window.scrollTo(0, document.documentElement.scrollHeight);
    return window.host.data().products.length === all;
  }, total, { polling: 100 });
  const ids = await phone.page.evaluate(() => window.host.data().products.map(({ id }) => id));
  assert.strictEqual(new Set(ids).size, total);
});

walk('policies and news are read in full', async (open) => {
  const phone = await open();
  await phone.tab('惠企政策');
  const first = phone.page.locator('main').getByRole('link').locator('visible=true').first();
  await first.waitFor();
  await phone.look('policies');
  await first.click();
  await phone.at('article');
  await phone.page.getByRole('heading', { level: 1 }).locator('visible=true').waitFor();
  await phone.look('article');
  await phone.back();
  await phone.tap('新闻资讯');
  await phone.page.waitForFunction(() => window.host.data().kind === 'news' && window.host.data().items.length > 0);
});

walk('an answer that comes after a newer question is not shown', async (open) => {
  const phone = await open();
  await phone.sees('推荐产品');
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await phone.context.route('**/api/v1/policies*', async (route) => { await held; return route.fallback(); });
  await phone.tab('惠企政策');
  await phone.tap('新闻资讯');
  await phone.page.waitForFunction(() => window.host.data().items.length > 0);
  const ids = () => phone.page.evaluate(() => window.host.data().items.map(({ id }) => id));
  const news = await ids();
  const late = phone.page.waitForResponse('**/api/v1/policies*');
  release();
  await (await late).finished();
  // Whatever was answered before this is in the page by now.
  await phone.page.evaluate(() => fetch('/api/v1/city').then((answer) => answer.text()));
  assert.deepStrictEqual(await ids(), news);
});

walk('large type enlarges every page and stays', async (open) => {
  const phone = await open();
  await phone.tab('我的');
  await phone.sees('点击登录/注册');
  await phone.look('mine-out');
  const size = () => phone.page.getByText('客服电话').locator('visible=true').first().evaluate((node) => parseFloat(getComputedStyle(node).fontSize));
  const before = await size();
  await phone.tap(/设置/, 'link');
  await phone.tap(/大字版/, 'switch');
  await phone.sees('关于我们');
  await phone.look('settings-large');
  await phone.back();
  assert.ok((await size()) / before > 1.2, 'a quarter larger');
  await phone.tab('金融超市');
  await phone.sees(/共 \d+ 款产品/);
  await phone.look('market-large');
});

walk('a scanned code opens the page of its product, of its branch, or the registration', async (open) => {
  const signs = (kind, id) => kind + BigInt(`0x${id.replace(/-/g, '')}`).toString(36).padStart(25, '0');
  const phone = await open();
  await phone.sees('推荐产品');
  const of = (path) => phone.context.request.get(path).then((answer) => answer.json());
  const [product] = (await of('/api/v1/products?limit=1')).items;
  const [branch] = (await of(`/api/v1/institutions/${product.institution.id}/branches`)).items;
  await phone.open(`/pages/product/product?scene=${signs('p', product.id)}`);
  await phone.title(product.name);
  await phone.back();
  await phone.open(`/pages/branch/branch?scene=${signs('b', branch.id)}`);
  await phone.title(branch.name);
  await phone.look('branch');
  await phone.back();
  await phone.open('/pages/branch/branch?scene=nothing');
  await phone.sees('没有这项内容，或者您不能查看。');
  await phone.back();
  await phone.open('/pages/register/register?scene=r');
  await phone.title('用户注册');
});
