'use strict';
// 省级监管: a province reads the sums of its city on a site of its own, small cells kept back, and finds no way to an enterprise.

const assert = require('node:assert');
const fs = require('node:fs');
const { look, lookTwice, person, url, walk } = require('../walks/house/house');
const { eventually, link, title, words } = require('../walks/house/office');
const { DEMO, signIn } = require('../walks/house/steps');

const ACCOUNT = 'hebei-pr1';

walk('somebody of the province reads totals, groups and no enterprise, and takes the sheet along', async () => {
  const site = `http://hebei.localhost:${new URL(url()).port}`;
  const page = await person({ baseURL: site });
  await page.goto('/staff/login');
  await signIn(page, ACCOUNT, DEMO.password, { staff: true });
  await title(page, '全省统计').waitFor();
  // The sums are told every few minutes, for the first time shortly after the start.
  await eventually(page, '/province', page.getByText('标有 * 的数不显示'));
  const table = (name) => page.getByRole('main').getByRole('table', { name });
  const kept = (name) => table(name).getByRole('cell', { name: '*', exact: true });
  await table(/^各城市/).getByRole('row').filter({ hasText: '沧州市' }).waitFor();
  assert.match(await words(page), /只统计已经结束的月份[\s\S]*需求笔数\s*[1-9]\d*\s*笔[\s\S]*涉及的企业少于 3 户/);
  assert.ok(await kept(/^全省按行业/).count() > 0, 'small cells of the industries are kept');
  await lookTwice(page);
  await link(page, '担保方式').click();
  await page.getByRole('heading', { level: 2, name: '全省按担保方式', exact: true }).waitFor();
  await link(page, '沧州市').click();
  await page.getByRole('heading', { level: 2, name: '沧州市按担保方式', exact: true }).waitFor();
  await look(page);

  // Neither by a link nor by an address.
  const said = await words(page);
  assert.doesNotMatch(said, /有限公司|PO\d|199\d{8}/);
  assert.doesNotMatch(said, /云澜/);
  const ways = await page.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href') || ''));
  assert.deepStrictEqual(ways.filter((way) => /^\/(operator|enterprise|market|hq|institutions|branch\/(?!account))/.test(way)), []);

  const [file] = await Promise.all([page.waitForEvent('download'), link(page, '下载表格').click()]);
  assert.match(file.suggestedFilename(), /^province-\d{4}-\d\d-\d\d\.xlsx$/);
  assert.strictEqual(fs.readFileSync(await file.path()).toString('latin1', 0, 2), 'PK');

  page.allowed.push('404');
  for (const path of ['/operator/enterprises', '/operator/oversight', '/branch/applications', '/market', '/province?of=yunlan']) {
    assert.strictEqual((await page.goto(path)).status(), 404, path);
  }
});
