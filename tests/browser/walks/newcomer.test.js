'use strict';
// 另一座城市: a newcomer opens a third city by commands and clicks alone, from its first file to its first decided request.

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { browser, look, person, walk } = require('./house/house');
const { button, caseTitle, confirm, eventually, line, link, openCase, row, title, words } = require('./house/office');
const { enterprise, phone } = require('./house/numbers');
const { papers } = require('./house/papers');
const server = require('./house/server');
const steps = require('./house/steps');

const HOST = '127.0.0.3';
const PASSWORD = 'Walk-Neu-2026-yjr';
const NAME = '青禾市企业融资服务平台';
const PRODUCT = '青禾周转贷';
const BRANCH = '青禾银行城东支行';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'walks-city-'));
const catalog = path.join(folder, 'catalog');
const file = path.join(catalog, 'qinghe.toml');
let site;

test.after(async () => {
  await site?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

// `yijianrong city …` beside the running platform.
function city(verb, ...more) {
  return server.command('city', verb, ...more, '--catalog', catalog, '--data', site.data, '--listen', `${HOST}:${site.port}`);
}

function done(answer) {
  assert.strictEqual(answer.code, 0, answer.said);
  return answer.said;
}

const at = () => person({ baseURL: site.url });

// What a visitor of another city of the same process is answered.
const answered = (host) => new Promise((resolve, reject) => {
  const asked = { host: HOST, port: site.port, path: '/', headers: { host: `${host}:${site.port}` } };
  http.get(asked, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
});

// Whatever the vendor does to one city, the others serve.
async function othersServe() {
  for (const city of ['cangzhou', 'yunlan']) assert.strictEqual(await answered(`${city}.localhost`), 200, city);
}

// Whoever got a link sets a password and is in.
async function settle(address) {
  const page = await at();
  await page.goto(address);
  await title(page, '设置登录密码').waitFor();
  await steps.field(page, '密码').fill(PASSWORD);
  await steps.field(page, '确认密码').fill(PASSWORD);
  await button(page, '设置密码并登录').click();
  await page.getByRole('status').filter({ hasText: '密码已设置，您已登录。' }).waitFor();
  return page;
}

// What weighs asks who it is; here everybody has the same password.
async function proved(page, heading) {
  await title(page, heading).or(title(page, '验证身份')).waitFor();
  if (await title(page, '验证身份').count()) await steps.prove(page, PASSWORD);
  await title(page, heading).waitFor();
}

async function operator(name, account) {
  const said = done(city('operator', 'qinghe', '--name', name, '--phone', phone(), '--account', account));
  return settle(/https?:\/\/\S+\/staff\/link\/\S+/.exec(said)[0]);
}

// Invites somebody and answers the address of the link.
async function invite(page, people, { node, name, account, role }) {
  await page.goto(`${people}/invite`);
  await proved(page, '邀请人员');
  await steps.field(page, '所在单位').selectOption({ label: node });
  await steps.field(page, '姓名').fill(name);
  await steps.field(page, '手机号').fill(phone());
  await steps.field(page, '登录账号').fill(account);
  await page.getByRole('checkbox', { name: role }).check();
  await button(page, '发出邀请').click();
  await title(page, '邀请已发出').waitFor();
  return /https?:\/\/\S+\/staff\/link\/[\w-]+/.exec(await words(page))[0];
}

async function files() {
  fs.cpSync(path.join(server.root, 'tenants/catalog'), catalog, { recursive: true });
  site = await server.start({ host: HOST, catalog });
  const stranger = await at();
  stranger.allowed.push('404');
  assert.strictEqual((await stranger.goto('/')).status(), 404);

  const given = ['--name', NAME, '--short-name', '青禾融', '--mini-program', '青禾融', '--tagline', '青禾企业，融资有路', '--place', '青禾市',
    '--host', HOST, '--site', 'https://www.qinghe.example', '--hours', '工作日 9:00–17:00', '--icp', '冀ICP备00000001号',
    '--operator', '青禾市惠企服务有限公司', '--address', '青禾市惠企路 1 号', '--region', '130900', '--brand', '#7FB2FF', '--accent', '#8A3B12', '--sign', '禾'];
  done(city('new', 'qinghe', ...given));
  assert.match(city('new', 'qinghe', ...given).said, /already: nothing was written/);

  // The hotline was forgotten and the colour is too light: each is named with its line, and nothing is applied.
  const told = server.command('city', 'check', file, '--catalog', catalog);
  assert.strictEqual(told.code, 1);
  assert.match(told.said, /qinghe\.toml:\d+: still to be written: .*客服电话/);
  assert.match(told.said, /qinghe\.toml:\d+: colour brand #7FB2FF has contrast/);
  assert.strictEqual(city('apply', 'qinghe').code, 1);
  assert.strictEqual((await stranger.goto('/')).status(), 404);

  const replace = (name, from, to) => fs.writeFileSync(name, fs.readFileSync(name, 'utf8').replaceAll(from, to));
  for (const name of fs.readdirSync(catalog, { recursive: true }).filter((one) => /^qinghe.*\.(toml|md)$/.test(one))) {
    replace(path.join(catalog, name), '【待填写：客服电话】', '0317-1200300');
    replace(path.join(catalog, name), '【待填写：邮政编码】', '061000');
    replace(path.join(catalog, name), '【待填写：邮箱】', 'service@qinghe.example');
  }
  replace(file, '#7FB2FF', '#1B4D8C');
  assert.match(done(server.command('city', 'check', file, '--catalog', catalog)), /nothing is missing or wrong/);
  assert.match(done(city('apply', 'qinghe')), /process \d+@\S* follows/);
  const page = await at();
  await page.goto('/');
  assert.match(await page.title(), new RegExp(NAME));
  assert.match(await page.innerText('body'), /0317-1200300/);
  await look(page);
}

async function bank() {
  const [first, second] = [await operator('安知微', 'qh-op1'), await operator('柯慕云', 'qh-op2')];
  assert.notStrictEqual(city('operator', 'qinghe', '--name', '何人', '--phone', phone(), '--account', 'qh-op3').code, 0);
  await first.goto('/operator');
  await look(first);
  done(city('bank', 'qinghe', '--name', '青禾银行', '--short-name', '青禾银行', '--hotline', '0317-1200400', '--address', '青禾市惠企路 8 号'));
  const address = await invite(first, '/operator/people', { node: '青禾银行', name: '石清越', account: 'qh-ha1', role: '总行管理员' });
  // Who signed in before there was the bank sees it a breath later.
  await eventually(second, '/operator/people', button(second, '确认授权').first());
  await button(second, '确认授权').first().click();
  await title(second, '验证身份').or(second.getByRole('status').filter({ hasText: '授权' })).first().waitFor();
  if (await title(second, '验证身份').count()) {
    await steps.prove(second, PASSWORD);
    await second.goto('/operator/people');
    await button(second, '确认授权').first().click();
  }
  await second.getByRole('status').filter({ hasText: '授权' }).waitFor();
  return { head: await settle(address), operator: first };
}

async function branch(head) {
  await head.goto('/hq/tree/new');
  await title(head, '新增支行').waitFor();
  await steps.field(head, '上级机构').selectOption({ label: '青禾银行' });
  await steps.field(head, '名称').fill(BRANCH);
  await steps.field(head, '所在区县').selectOption({ label: '运河区' });
  await steps.field(head, '地址').fill('城东路 1 号');
  await steps.field(head, '联系电话').fill('0317-1200401');
  await steps.field(head, '营业时间').fill('工作日 9:00–17:00');
  await head.getByRole('main').getByRole('button', { name: '保存', exact: true }).click();
  await head.getByRole('status').waitFor();
  const staff = {};
  for (const [role, words, name] of [['bm', '客户经理', '白知行'], ['ba', '支行审批人', '黎见川']]) {
    const address = await invite(head, '/hq/people', { node: BRANCH, name, account: `qh-${role}1`, role: new RegExp(words) });
    staff[role] = await settle(address);
  }
  return staff;
}

async function product(head, operator) {
  const check = (role, group, name) => head.getByRole('group', { name: group }).getByRole(role, { name, exact: true }).check();
  await head.goto('/hq/products');
  await link(head, '新增产品').first().click();
  await title(head, '新增产品').waitFor();
  await steps.field(head, '产品名称').fill(PRODUCT);
  await steps.field(head, '融资类型').selectOption({ label: '流动资金贷款' });
  await steps.field(head, '担保方式').selectOption({ label: '信用' });
  await steps.field(head, '最低额度').fill('10');
  await steps.field(head, '最高额度').fill('200');
  await check('radio', '期限单位', '个月');
  await steps.field(head, '最短期限').fill('6');
  await steps.field(head, '最长期限').fill('24');
  await check('radio', '利率类型', '固定利率');
  await steps.field(head, '最低年利率').fill('3.95');
  await steps.field(head, '最高年利率').fill('3.95');
  await check('checkbox', '还款方式', '按月付息，到期还本');
  await check('radio', '是否另外收费', '除利息外不收取其他费用');
  await check('checkbox', '受理支行', BRANCH);
  await steps.field(head, '申请条件').fill('在青禾市登记并正常经营满 1 年');
  await button(head, '保存并提交发布').click();
  await title(head, `要提交“${PRODUCT}”，请平台审核发布吗？`).waitFor();
  await confirm(head, '提交发布', '已提交，请等待平台审核。', async () => {});
  await operator.goto('/operator/products');
  await link(operator, PRODUCT).click();
  await link(operator, '通过发布').click();
  await confirm(operator, '通过发布', '已发布，机构会收到通知。');
}

async function request(staff) {
  const page = await at();
  const firm = { ...enterprise(), name: '青禾市禾润机械有限公司' };
  await steps.register(page, firm);
  await page.getByRole('link', { name: '完善信息' }).first().click();
  await page.waitForURL(/\/enterprise\/profile/);
  await steps.fillProfile(page, firm, await papers(browser(), firm));
  await button(page, '保存并继续').click();
  await page.waitForURL(/\/enterprise\/face/);
  await steps.consentToFace(page);
  await steps.showFace(page, '通过');
  await page.getByRole('heading', { name: '注册成功' }).waitFor();
  await steps.openProduct(page, PRODUCT);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await steps.fillApplication(page, { amount: '60', term: '12', rate: '3.95', branch: BRANCH });
  await button(page, '提交申请').click();
  const number = await steps.submit(page);

  await openCase(staff.bm, number);
  await link(staff.bm, '接单').click();
  await button(staff.bm, '接单').click();
  await staff.bm.getByRole('status').filter({ hasText: `已接单：${number}` }).waitFor();
  await openCase(staff.ba, number);
  await link(staff.ba, '通过').click();
  await proved(staff.ba, '审核通过');
  await steps.field(staff.ba, '批准金额').fill('60');
  await steps.field(staff.ba, '批准利率').fill('3.95');
  await steps.field(staff.ba, '批准期限').fill('12');
  await steps.field(staff.ba, '额度有效期至').fill(`${new Date().getFullYear() + 1}-03-31`);
  await steps.field(staff.ba, '审核意见').fill('经营稳定，同意办理。');
  await button(staff.ba, '下一步，核对').click();
  await staff.ba.getByRole('main').locator('form[data-form]').getByRole('button').filter({ hasNotText: /返回|修改/ }).first().click();
  await caseTitle(staff.ba, number).waitFor();
  assert.deepStrictEqual((await row(page, number)).slice(9), ['已接单', '通过', '经营稳定，同意办理。']);
  return page;
}

// Suspended while people work in it: they are told, and find everything when it opens again.
async function pause(firm) {
  assert.match(done(city('suspend', 'qinghe', '--words', '系统升级，预计明早恢复')), /qinghe is suspended[\s\S]*1 requests are under way[\s\S]*follows/);
  firm.allowed.push('503');
  assert.strictEqual((await firm.goto('/enterprise/applications')).status(), 503);
  assert.match(await words(firm), /青禾市企业融资服务平台暂停服务[\s\S]*系统升级，预计明早恢复。[\s\S]*都已保存/);
  await look(firm);
  await othersServe();
  done(city('resume', 'qinghe'));
  await firm.goto('/enterprise/applications');
  assert.match(await words(firm), new RegExp(PRODUCT));

  // A file with a typo changes nothing for anybody.
  const right = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, right.replace('tagline =', 'tagine ='));
  assert.match(city('apply', 'qinghe').said, /unknown key tagine; did you mean tagline\?/);
  await firm.goto('/');
  assert.match(await firm.innerText('body'), /青禾企业，融资有路/);
  fs.writeFileSync(file, right.replace('青禾企业，融资有路', '青禾企业，融资更近'));
  done(city('apply', 'qinghe'));
  await firm.goto('/');
  assert.match(await firm.innerText('body'), /青禾企业，融资更近/);

  assert.match(done(city('remove', 'qinghe')), /qinghe is closed/);
  assert.strictEqual((await firm.goto('/enterprise')).status(), 503);
  assert.match(await words(firm), /已停止服务/);
  await othersServe();
}

walk('a third city is created, checked, applied, peopled, and decides its first request', async () => {
  await files();
  const { head, operator } = await bank();
  const staff = await branch(head);
  await product(head, operator);
  await pause(await request(staff));
}, 10 * 60000);
