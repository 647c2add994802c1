'use strict';
// 数据大屏与操作日志: the wall keeps itself fresh, and the city reads in its log what its regulator opened and was refused.

const assert = require('node:assert');
const { look, lookTwice, person, walk } = require('../walks/house/house');
const { button, eventually, link, room, staff, title, words } = require('../walks/house/office');
const demo = require('../walks/house/demo');
const { field } = require('../walks/house/steps');

const OPERATOR = '平台工作台菜单';
const CITY = '沧州市中小企业智慧金融服务平台';
const FIGURES = /年累计[\s\S]*融资需求\s*[1-9]\d*\s*笔[\s\S]*已确认放款[\s\S]*今日提交[\s\S]*最近动态/;
const EVERY = 15000;

const told = (page) => page.getByText(/^数据更新于 /).innerText();

walk('the wall shows figures and no request, keeps them fresh with script and without, and says when they are old', async () => {
  const page = await staff('city-os1', '/operator');
  // Without script the page itself comes again: it is looked for at the end, when its time has come.
  const plain = await person({ script: false, storageState: await page.context().storageState() });
  await eventually(plain, '/screen', plain.getByRole('listitem').filter({ hasText: /^融资需求\s*[1-9]/ }));
  const first = await told(plain);
  assert.match(await words(plain), FIGURES);
  const again = plain.waitForEvent('load');
  again.catch(() => {});
  await look(plain);

  await page.clock.install();
  await room(page, OPERATOR, '数据大屏', CITY);
  assert.match(await words(page), FIGURES);
  assert.doesNotMatch(await words(page), /PO\d/);
  await lookTwice(page);
  const fetched = () => Promise.all([page.waitForResponse(/\/screen\/data$/), page.clock.fastForward(EVERY)]);
  const before = await told(page);
  await fetched();
  await page.getByText(before, { exact: true }).waitFor({ state: 'detached' });
  assert.match(await words(page), FIGURES);

  // The line is down: what was there stays, and is not taken for new.
  const old = page.getByRole('status').filter({ hasText: '暂时没有更新到最新数据，稍后自动重试。' });
  page.allowed.push('ERR_FAILED');
  await page.route('**/screen/data', (route) => route.abort());
  await page.clock.fastForward(EVERY);
  await old.waitFor();
  assert.match(await words(page), FIGURES);
  await look(page);
  await page.unroute('**/screen/data');
  await fetched();
  await old.waitFor({ state: 'detached' });

  await again;
  assert.notStrictEqual(await told(plain), first);
});

walk('the log of the city names what its regulator opened and was refused, by enterprise, person and kind, page by page', async () => {
  const FIRM = '东光县箱语坊纸品包装有限公司';
  const REASON = '信访件核查第 31 号';
  const PERSON = '虞静姝';
  const LOG = '操作日志';
  const regulator = await staff('city-rg1', '/operator/statistics');
  assert.strictEqual(await regulator.getByRole('navigation', { name: OPERATOR }).getByRole('link', { name: LOG }).count(), 0);
  await room(regulator, OPERATOR, '监管查看');
  await field(regulator, '统一社会信用代码').fill(demo.creditCode(FIRM));
  await field(regulator, '查看原因').fill(REASON);
  await button(regulator, '查看融资需求').click();
  await title(regulator, FIRM).waitFor();
  // The log itself is not there for who is in it; more refusals than a page of it holds.
  for (let asked = 0; asked < 51; asked += 1) {
    assert.strictEqual((await regulator.request.get('/operator/audit')).status(), 404);
  }

  const operator = await staff('city-op1', '/operator');
  await room(operator, OPERATOR, LOG);
  assert.match(await words(operator), /日志只能新增，不能修改和删除/);
  await lookTwice(operator);
  const rows = () => operator.getByRole('table', { name: LOG, exact: true }).getByRole('row').filter({ has: operator.getByRole('cell') });
  const find = async (kind, asked) => {
    await operator.goto('/operator/audit');
    for (const [label, text] of Object.entries(asked)) await field(operator, label).fill(text);
    await field(operator, '操作').selectOption({ label: kind });
    await Promise.all([operator.waitForEvent('load'), button(operator, '查询').click()]);
    return rows().allInnerTexts();
  };
  const opened = await find('监管查看', { 企业名称: FIRM });
  assert.ok(opened.length > 0 && opened.every((row) => row.includes('监管查看') && row.includes(FIRM)), opened.join('\n'));
  assert.match(opened[0], new RegExp(`${PERSON}[\\s\\S]*监管查看企业[\\s\\S]*成功[\\s\\S]*原因：${REASON}`));
  assert.doesNotMatch(await words(operator), new RegExp(demo.phone(FIRM)));
  await look(operator);

  const refused = await find('被拒绝的操作', { 人员姓名: PERSON });
  assert.strictEqual(refused.length, 50);
  assert.ok(refused.every((row) => row.includes(PERSON) && row.includes('操作被拒绝') && row.includes('未生效')), refused[0]);
  assert.strictEqual(await link(operator, '上一页').count(), 0);
  const turn = (way) => Promise.all([operator.waitForEvent('load'), link(operator, way).click()]);
  await turn('下一页');
  const older = await rows().allInnerTexts();
  assert.ok(older.length > 0 && older.every((row) => row.includes(PERSON)), older.join('\n'));
  await look(operator);
  await turn('上一页');
  // Meanwhile the worker may have linked some of them: the last column.
  const done = (lines) => lines.map((line) => line.split('\t').slice(0, -1).join('\t'));
  assert.deepStrictEqual(done(await rows().allInnerTexts()), done(refused));

  // A day that is none narrows nothing, and nothing found says so.
  await operator.goto(`/operator/audit?from=2026-02-30&enterprise=${encodeURIComponent('没有这家企业')}`);
  assert.match(await words(operator), /起始日期请按“2026-01-31”填写[\s\S]*没有符合条件的操作日志/);
  await look(operator);
});
