'use strict';
// What is looked at on every page: accessibility rules, sideways scroll, what the console said.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const DESK = 1280;
const PHONE = 375;
const OUT = path.join(__dirname, '../../out/pictures');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// Errors of the console, of the page, of its policy, and answers of a broken server.
function watch(page) {
  page.problems = [];
  page.allowed = [];
  page.on('pageerror', (error) => page.problems.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' && !/Content Security Policy/.test(message.text())) return;
    page.problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) page.problems.push(`answer ${response.status()}: ${response.url()}`);
  });
}

// The browser itself logs every answer of 4xx as an error: a walk names those it asks for.
function problems(page) {
  return page.problems.filter((text) => !page.allowed.some((allowed) => text.includes(allowed)));
}

async function wide(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const all = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
    if (all <= width) return '';
    const out = Array.from(document.querySelectorAll('body *')).filter((node) => node.getBoundingClientRect().right > width + 1);
    return `${all} wide at ${width}: ${out.slice(0, 3).map((node) => node.outerHTML.slice(0, 120)).join(' | ')}`;
  });
}

// Style sheets whose rules for turned screens were read: they are the same on every page that has them.
const sheets = new Set();

// Half a megabyte is sent once to a page, not for every width, and by the debugger: the page's policy stays in force, and what the
// engine compiled for one page of a window is good for the next.
async function inject(page) {
  page.debugger ??= await page.context().newCDPSession(page);
  const { exceptionDetails } = await page.debugger.send('Runtime.evaluate', { expression: `${axe};0` });
  assert.strictEqual(exceptionDetails, undefined);
}

async function faults(page) {
  const { known, linked } = await page.evaluate(() => ({
    known: Boolean(window.axe),
    linked: Array.from(document.styleSheets).map((sheet) => sheet.href || sheet.ownerNode.textContent),
  }));
  if (!known) await inject(page);
  const preload = linked.some((sheet) => !sheets.has(sheet));
  for (const sheet of linked) sheets.add(sheet);
  return page.evaluate(async (fetched) => {
    // A colour on its way to another one is neither.
    const changes = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.all(changes.map((one) => one.finished.catch(() => {})));
    const found = await window.axe.run(document, { resultTypes: ['violations'], selectors: false, preload: fetched });
    return found.violations.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.html.slice(0, 200)).slice(0, 3).join(' | ')}`);
  }, preload);
}

// At 320 px, the narrowest width that we promise.
async function narrow(page, where) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: size.height });
  const found = await wide(page);
  await page.setViewportSize(size);
  assert.strictEqual(found, '', where);
}

// The whole look at the page as it stands.
async function look(page) {
  const where = await seen(page);
  await narrow(page, where);
  assert.deepStrictEqual(problems(page), [], where);
}

async function seen(page) {
  const where = `${new URL(page.url()).pathname} (${await page.title()}) at ${page.viewportSize().width}`;
  await picture(page);
  assert.strictEqual(await wide(page), '', where);
  // A dialogue over the page brings its own.
  const titles = page.getByRole('heading', { level: 1 });
  const over = page.getByRole('dialog').getByRole('heading', { level: 1 });
  assert.strictEqual((await titles.count()) - (await over.count()) || (await over.count()), 1, `one h1 on ${where}`);
  // Without script the rules cannot run either: they need timers.
  if (page.scripted) assert.deepStrictEqual(await faults(page), [], where);
  return where;
}

let taken = 0;

// A picture of every page that is looked at, where somebody wants to see them: WALKS_PICTURES=1.
async function picture(page) {
  if (!process.env.WALKS_PICTURES) return;
  fs.mkdirSync(OUT, { recursive: true });
  taken += 1;
  const title = (await page.title()).replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 40);
  const name = [process.pid, String(taken).padStart(3, '0'), page.viewportSize().width, title].join('-');
  await page.screenshot({ path: path.join(OUT, `${name}.png`), fullPage: true });
}

// The same page at a desk and on a phone.
async function lookTwice(page) {
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, width: DESK });
  await seen(page);
  await page.setViewportSize({ ...size, width: PHONE });
  await look(page);
  await page.setViewportSize(size);
}

// The page on paper: what leads elsewhere is left out, and what it is about is there.
async function printed(page, words) {
  await page.emulateMedia({ media: 'print' });
  const left = await page.evaluate(() =>
    Array.from(document.querySelectorAll('.nav, .side, .foot, .breadcrumb, .demo-bar, .actions, .btn'))
      .filter((node) => node.getClientRects().length > 0)
      .map((node) => node.outerHTML.slice(0, 120)));
  const text = await page.getByRole('main').innerText();
  await page.emulateMedia({ media: null });
  assert.deepStrictEqual(left, [], `printed ${page.url()}`);
  assert.ok(text.includes(words), `${words} is printed on ${page.url()}`);
}

module.exports = { faults, look, lookTwice, printed, problems, watch, wide };
