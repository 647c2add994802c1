'use strict';
// What members of staff do again and again in their consoles, and how an enterprise's request gets to them.

const { person } = require('./house');
const steps = require('./steps');

const { DEMO } = steps;

// Who has signed in once in this file comes back in a new window with the same cookies, as from a browser that was closed.
const known = new Map();

async function enter(account, home, more) {
  const page = await person({ storageState: known.get(account) });
  page.account = account;
  if (known.has(account)) await page.goto(home);
  if (new URL(page.url()).pathname !== home) await steps.signIn(page, account, DEMO.password, more);
  await remember(page);
  return page;
}

async function remember(page) {
  known.set(page.account, await page.context().storageState());
}

// A member of staff who has signed in, at the first page of the console.
const staff = (account, home = '/branch') => enter(account, home, { staff: true });

// An enterprise that has signed in.
const firm = (phone) => enter(phone, '/enterprise', {});

// Asks for the product at the branch; answers the number of the application.
async function apply(page, { product, ...asked }) {
  await steps.openProduct(page, product);
  await page.getByRole('heading', { name: '提交融资需求' }).waitFor();
  await steps.fillApplication(page, asked);
  await page.getByRole('button', { name: '提交申请' }).click();
  return steps.submit(page);
}

const caseTitle = (page, number) => page.getByRole('heading', { level: 1, name: new RegExp(number) });

// The detail of an application, found by its number as an officer does.
async function openCase(page, number) {
  await page.goto(`/branch/applications?q=${number}`);
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await caseTitle(page, number).waitFor();
}

// The detail as its enterprise reads it.
async function openOwn(page, number) {
  await page.goto(`/enterprise/applications?q=${number}`);
  await page.getByRole('table').getByRole('link', { name: number }).click();
  await caseTitle(page, number).waitFor();
}

// The twelve columns of 融资需求管理.
async function row(page, number) {
  await page.goto(`/enterprise/applications?q=${number}`);
  const cells = page.getByRole('main').getByRole('table').getByRole('row').filter({ hasText: number }).locator('th,td');
  return (await cells.allInnerTexts()).map((text) => text.trim());
}

const words = (page) => page.getByRole('main').innerText();
const link = (page, name) => page.getByRole('main').getByRole('link', { name, exact: true });
const button = (page, name) => page.getByRole('main').getByRole('button', { name, exact: true });
const title = (page, name) => page.getByRole('heading', { level: 1, name, exact: true });

// Opens the form of a deed from the detail; what weighs asks who it is first.
async function begin(page, label, { heading = label, proof = false } = {}) {
  await link(page, label).click();
  if (proof) await proved(page, heading);
  await title(page, heading).waitFor();
}

// Who has not proved within five minutes is asked before the page with this title comes.
async function proved(page, heading) {
  await title(page, heading).or(title(page, '验证身份')).waitFor();
  if (await title(page, '验证身份').count()) await prove(page, heading);
}

// A proof brings new cookies.
async function prove(page, next) {
  await steps.prove(page, DEMO.password);
  await title(page, next).waitFor();
  await remember(page);
}

// From the filled form to the page that asks once more.
async function check(page) {
  await button(page, '下一步，核对').click();
  await button(page, '返回修改').waitFor();
}

// The last word, and what is told when it is done. What was sent with too old a proof comes back whole after one.
async function confirm(page, label, told, each = async () => {}) {
  await button(page, label).click();
  const done = page.getByRole('status').filter({ hasText: told });
  await done.or(title(page, '验证身份')).waitFor();
  if (await title(page, '验证身份').count()) {
    await each(page);
    await prove(page, '身份已验证');
    await each(page);
    await button(page, '继续办理').click();
  }
  await done.waitFor();
}

// A form sent as it stands is refused, and the faults are named.
async function refused(page, label) {
  page.allowed.push('422');
  await Promise.all([page.waitForResponse((answer) => answer.status() === 422), button(page, label).click()]);
  await page.waitForLoadState();
  await page.getByRole('alert').first().waitFor();
}

async function accept(page, number) {
  await openCase(page, number);
  await link(page, '接单').click();
  await confirm(page, '接单', `已接单：${number}`);
}

// The approver says no to what a clerk has accepted.
async function reject(page, number, words) {
  await openCase(page, number);
  await begin(page, '不通过', { heading: '审核不通过', proof: true });
  await page.getByRole('group', { name: '不通过原因' }).getByRole('checkbox', { name: '还款能力不足' }).check();
  await steps.field(page, '审核意见').fill(words);
  await check(page);
  await page.getByRole('main').locator('form[data-form]').getByRole('button').filter({ hasNotText: /返回|修改/ }).first().click();
  await caseTitle(page, number).waitFor();
}

// A room by the menu of the console.
async function room(page, menu, name, heading = name) {
  const way = page.getByRole('navigation', { name: menu }).getByRole('link', { name, exact: true });
  await Promise.all([page.waitForEvent('load'), way.click()]);
  await title(page, heading).waitFor();
}

// What comes in its own time, as a message or a page of the portal: the person looks again until it is there, or gone.
async function eventually(page, address, there, state = 'visible') {
  const came = (timeout) => there.waitFor({ state, timeout });
  for (let looks = 0; looks < 60; looks += 1) {
    await page.goto(address);
    if (await came(1000).then(() => true, () => false)) return;
  }
  await came(1000);
}

// A message with these words.
async function heard(page, words, address = '/enterprise/messages') {
  await eventually(page, address, page.getByRole('main').getByText(words, { exact: true }).first());
}

// The first table row with these words.
const line = (page, text) => page.getByRole('main').getByRole('row').filter({ hasText: text }).first();

// The day so many days from now in China, as the forms want it.
function day(offset = 0) {
  return new Date(Date.now() + (offset * 24 + 8) * 3600000).toISOString().slice(0, 10);
}

module.exports = {
  accept, apply, begin, button, caseTitle, check, confirm, day, eventually, firm, heard, line, link, openCase, openOwn, proved, refused, reject, room,
  row, staff, title, words,
};
