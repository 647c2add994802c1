'use strict';
// The real Chromium 49 over the public pages, registration, information, the face step and application.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { browser, url, walk } = require('./house/house');
const { enterprise } = require('./house/numbers');
const { drive, run, until, whole } = require('./house/old');
const { papers } = require('./house/papers');
const steps = require('./house/steps');

const { DEMO } = steps;
const PUBLIC = ['/', '/market', '/institutions', '/holdings', '/policies', '/news', '/about', '/search', '/sitemap', '/accessibility', '/login', '/register', '/forgot'];
const SIZES = [[1280, 900], [375, 800]];

const at = (pathname) => ({ open: url() + pathname, wait: 300 });
const fill = (label, text) => run(`hands.fill(${JSON.stringify(label)}, ${JSON.stringify(text)})`, { expect: true });
const press = (label) => until(`hands.can(${JSON.stringify(label)}) && hands.press(${JSON.stringify(label)})`);
const sees = (words) => until(`hands.sees(${JSON.stringify(words)})`);
const levels = (legend, values) => values.map((value, level) => until(`hands.level(${JSON.stringify(legend)}, ${level}, ${JSON.stringify(value)})`));

// The question in words, answered; `code` then arrives on the page of the demonstration.
const answer = () => [
  press('看不清图片'),
  sees('请回答：'),
  run('hands.answer()', { expect: true }),
];
const askCode = (phone, label) => [
  press('获取验证码'),
  sees('验证码已发送至'),
  until(`hands.code('${phone}')`),
  run(`hands.fill(${JSON.stringify(label)}, hands.code('${phone}'))`, { expect: true }),
];

// Every agreement opens in a window of its own and is read to its end there.
const agree = (count) =>
  Array.from({ length: count }, (_, index) => [
    { click: `document.querySelectorAll('[data-agreement-link]')[${index}]` },
    until("location.pathname.indexOf('/agreements/') === 0 && (window.scrollTo(0, document.body.scrollHeight), true)", { in: 'window' }),
    until(`!document.querySelectorAll('[data-agreement] input')[${index}].disabled`),
    { close: 'window' },
    { click: `document.querySelectorAll('[data-agreement] input')[${index}]` },
  ]).flat();

// The first one that a list leads to.
const firstOf = async (list) => {
  const page = await (await fetch(url() + list)).text();
  const hit = new RegExp(`href="(${list}/[0-9a-f-]{36})"`).exec(page);
  assert.ok(hit, `${list} leads somewhere`);
  return hit[1];
};

walk('Chromium 49 shows every public page without an error and without sideways scroll', async () => {
  const details = await Promise.all(['/institutions', '/policies', '/news'].map(firstOf));
  const plan = [];
  for (const size of SIZES) {
    plan.push({ resize: size });
    for (const pathname of [...PUBLIC, ...details, '/agreements/register']) plan.push(at(pathname), whole());
    plan.push(at('/market'), press('查看详情+'), until("hands.path() !== '/market'"), whole(), { shot: `product-${size[0]}.png` });
  }
  const done = await drive(plan);
  assert.match(done.engine, /Chrome\/49\./);
  assert.ok(done.ok, done.problem);
});

walk('in Chromium 49 an enterprise registers, completes its information, shows its face by the old camera interface, and applies', async () => {
  const firm = enterprise();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'walks-papers-'));
  const drawn = await papers(browser(), firm);
  const files = Object.fromEntries(Object.entries(drawn).map(([name, one]) => [name, path.join(folder, one.name)]));
  for (const [name, file] of Object.entries(files)) fs.writeFileSync(file, drawn[name].buffer);
  const upload = (name) => [
    { files: [files[name]] },
    { click: `document.querySelectorAll('[data-upload-name] .file-label')[${Object.keys(steps.PAPERS).indexOf(name)}]` },
    sees(`${steps.PAPERS[name]}已上传`),
  ];
  const plan = [
    at('/register'),
    ...answer(),
    fill('企业全称', firm.name),
    fill('法人姓名', firm.representative),
    ...levels('注册地址', steps.HOME),
    fill('手机号', firm.phone),
    ...askCode(firm.phone, '短信验证码'),
    fill('密码', firm.password),
    fill('确认密码', firm.password),
    ...agree(3),
    whole(),
    { shot: 'register.png' },
    press('立即注册'),
    until("hands.path() === '/register/done'"),
    whole(),
    at('/enterprise'),
    whole(),
    at('/enterprise/profile'),
    whole(),
    ...answer(),
    ...['licence', 'front', 'back'].flatMap(upload),
    fill('企业名称', firm.name),
    fill('统一社会信用代码', firm.creditCode),
    fill('法定代表人姓名', firm.representative),
    fill('法定代表人身份证号', firm.idNumber),
    fill('法定代表人联系电话', firm.phone),
    ...levels('注册区县', steps.HOME),
    ...levels('所属行业', steps.TRADE),
    fill('详细地址', firm.address),
    { shot: 'profile.png' },
    // One phone gets one code a minute.
    { run: '1', wait: 55000 },
    run('hands.answer()', { expect: true }),
    ...askCode(firm.phone, '手机验证码'),
    fill('密码', firm.password),
    fill('确认密码', firm.password),
    press('保存并继续'),
    until("hands.path() === '/enterprise/face'"),
    whole(),
    ...agree(1),
    press('同意并继续'),
    sees('用本机摄像头核验'),
    whole(),
    press('开始核验'),
    until("document.querySelector('video').videoWidth > 0"),
    run("document.querySelector('[data-camera]').getAttribute('data-camera-branch')", { expect: 'legacy' }),
    press('拍照'),
    { shot: 'face.png' },
    press('使用这张照片核验'),
    sees('注册成功'),
    whole(),
    at(`/market?q=${encodeURIComponent(DEMO.product)}`),
    press('查看详情+'),
    sees('还款试算'),
    press('立即申请'),
    sees('期望融资金额'),
    whole(),
    fill('期望融资金额:', '66'),
    fill('期望融资期限:', '2'),
    fill('期望融资利率:', '3.75'),
    run("hands.pick('选择受理支行:')", { expect: true }),
    ...agree(2),
    { shot: 'apply.png' },
    press('提交申请'),
    sees('核对信息'),
    whole(),
    press('确认提交'),
    sees('融资需求已提交'),
    whole(),
    at('/enterprise/applications'),
    whole(),
    { shot: 'applications.png' },
    { resize: [375, 800] },
    whole(),
  ];
  const done = await drive(plan);
  fs.rmSync(folder, { recursive: true, force: true });
  assert.ok(done.ok, `${done.problem}`);
});
