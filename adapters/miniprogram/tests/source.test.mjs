// The sources: types, WeChat's own compilers, the settings of the app, its weight, and what a phone would not understand.

import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { build, read } from '../build.mjs';
import { parts, templates } from './harness/bundle.mjs';
import { files } from './house/files.mjs';
import * as forms from './house/forms.mjs';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const MOST = 1.5 * 1024 * 1024;
const PICTURE_MOST = 40 * 1024;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mini-source-'));
const out = path.join(folder, 'cangzhou');
test.after(() => fs.rmSync(folder, { recursive: true, force: true }));

// Fails, with the lines, when a type does not fit: the build runs the compiler in its strict form.
test('the app builds for a city', () => {
  build({ city: 'cangzhou', out });
});

const app = path.join(out, 'miniprogram');
const text = (file) => fs.readFileSync(path.join(app, file), 'utf8');
const json = (file) => JSON.parse(text(file));
const ending = (what) => files(app).filter((file) => file.endsWith(what));

test('everything of the city comes from its file in the catalogue', () => {
  const city = read('cangzhou');
  const { config } = require(path.join(app, 'config.js'));
  assert.deepStrictEqual(config, { city: 'cangzhou', platform: city.name, name: city.mini_program_name, appId: city.wechat.app_id, server: city.public_site, hotline: city.hotline });
  assert.strictEqual(JSON.parse(fs.readFileSync(path.join(out, 'project.config.json'))).appid, city.wechat.app_id);
  const sources = files(path.join(root, 'src')).filter((file) => /\.(ts|wxml|json|wxss)$/.test(file));
  const named = [city.name, city.mini_program_name, city.hotline, city.icp, city.operator.short_name, '沧州'];
  for (const file of sources) {
    const source = fs.readFileSync(path.join(root, 'src', file), 'utf8');
    for (const name of named) assert.ok(!source.includes(name), `${file} says ${name}`);
  }
  assert.throws(() => read('nowhere'), /has no nowhere\.toml/);
  assert.throws(() => read('../cangzhou'), /is no city/);
});

// The package brings WeChat's programs for three systems, without the right to run them.
const tool = (name, args, cwd = app) => {
  const system = { darwin: 'mac', win32: 'windows' }[process.platform] ?? 'linux';
  const where = path.join(path.dirname(require.resolve('miniprogram-compiler/package.json')), 'bin', system, name);
  if (system !== 'windows') fs.chmodSync(where, 0o755);
  return execFileSync(where, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] });
};

test('the official compiler takes every template', () => {
  const made = tool('wcc', ['-d', ...ending('.wxml').map((file) => `./${file}`)]);
  for (const file of ending('.wxml')) assert.ok(made.includes(file), file);
});

test('the compiler of the open framework takes every template, without a warning', () => {
  assert.ok(templates(app, [...parts(app).found.keys()]).length > 0);
});

test('the official compiler takes every style sheet', () => {
  const made = tool('wcsc', ending('.wxss').map((file) => `./${file}`));
  assert.ok(made.length > 1000);
});

test('a broken template and a broken style sheet are refused', () => {
  const broken = path.join(folder, 'broken');
  fs.mkdirSync(broken);
  fs.writeFileSync(path.join(broken, 'a.wxml'), '<view><text></view>');
  fs.writeFileSync(path.join(broken, 'a.wxss'), '.a { color: red');
  assert.throws(() => tool('wcc', ['-d', './a.wxml'], broken));
  assert.throws(() => tool('wcsc', ['./a.wxss'], broken));
});

const ajv = new Ajv({ allErrors: true, strict: true });
function holds(form, what, where) {
  const check = ajv.compile(form);
  assert.ok(check(what), `${where}: ${ajv.errorsText(check.errors)}`);
}

test('app.json, sitemap.json, project.config.json and every page are what WeChat takes', () => {
  holds(forms.APP, json('app.json'), 'app.json');
  holds(forms.SITEMAP, json('sitemap.json'), 'sitemap.json');
  holds(forms.PROJECT, JSON.parse(fs.readFileSync(path.join(out, 'project.config.json'))), 'project.config.json');
  const { settings, found } = parts(app);
  for (const [stem, one] of found) {
    const page = settings.pages.includes(stem);
    const { usingComponents: _, ...own } = one;
    holds(page ? forms.PAGE : forms.COMPONENT, own, stem);
  }
  const { pages } = json('app.json');
  for (const { page } of json('sitemap.json').rules) assert.ok(page === '*' || pages.includes(page), page);
});

test('every page and component has its four files, and nothing lies about that nobody uses', () => {
  const { settings, found } = parts(app);
  for (const stem of found.keys()) {
    for (const kind of ['js', 'json', 'wxml', 'wxss']) assert.ok(fs.existsSync(path.join(app, `${stem}.${kind}`)), `${stem}.${kind}`);
  }
  const stems = ending('.wxml').map((file) => file.replace(/\.wxml$/, ''));
  assert.deepStrictEqual(stems.filter((stem) => !found.has(stem)), []);
  for (const { pagePath, iconPath, selectedIconPath } of settings.tabBar.list) {
    assert.ok(settings.pages.includes(pagePath), pagePath);
    for (const icon of [iconPath, selectedIconPath]) assert.ok(fs.statSync(path.join(app, icon)).size <= PICTURE_MOST, icon);
  }
});

test('a component that a page names is used there, and one that is used is named', () => {
  const { settings, found } = parts(app);
  for (const [stem] of found) {
    const own = Object.keys(json(`${stem}.json`).usingComponents ?? {});
    const used = new Set([...text(`${stem}.wxml`).matchAll(/<([a-z]+-[a-z-]+)/g)].map(([, name]) => name));
    for (const name of own) assert.ok(used.has(name), `${stem} names ${name} and does not use it`);
    for (const name of used) assert.ok(name === 'scroll-view' || own.includes(name) || settings.usingComponents[name], `${stem} uses ${name} and does not name it`);
  }
});

test('every address in the app leads to a page of it', () => {
  const { settings } = parts(app);
  for (const file of [...ending('.js'), ...ending('.wxml')]) {
    for (const [, page] of text(file).matchAll(/["'`=]\/?(pages\/[a-z]+\/[a-z]+)/g)) assert.ok(settings.pages.includes(page), `${file}: ${page}`);
  }
});

test('every page that a code of the platform names is there', () => {
  const scenes = fs.readFileSync(path.join(root, '../../domain/src/scene.rs'), 'utf8');
  const named = [...scenes.matchAll(/"(pages\/[a-z/]+)"/g)].map(([, page]) => page);
  assert.strictEqual(named.length, 3);
  assert.deepStrictEqual(named.filter((page) => !json('app.json').pages.includes(page)), []);
});

/** Of the web alone: the message says where. */
const ID = '01234567-89ab-cdef-0123-456789abcdef';
const WEB_ONLY = ['/enterprise/account/export', `/enterprise/complaints/${ID}`, '/enterprise/handover', `/enterprise/subsidies/${ID}`];

test('every link that the platform writes into a message of an enterprise leads to a page here', () => {
  const { pageOf } = require(path.join(app, 'lib/links.js'));
  const rust = path.join(root, '../../application/src');
  const sources = files(rust).filter((file) => file.endsWith('.rs')).map((file) => fs.readFileSync(path.join(rust, file), 'utf8'));
  const links = new Set(sources.flatMap((source) => [...source.matchAll(/"(\/enterprise\/[^"]*)"/g)].map(([, link]) => link.replace(/\{\w*\}/, ID))));
  assert.ok(links.size >= 6, [...links].join(' '));
  const { pages } = json('app.json');
  const nowhere = [...links].filter((link) => !pages.includes(pageOf(link).replace(/^\//, '').split('?')[0]));
  assert.deepStrictEqual(nowhere.sort(), WEB_ONLY);
  assert.match(pageOf('/enterprise/applications/01234567-89ab-cdef-0123-456789abcdef'), /^\/pages\/record\/record\?id=01234567-/);
  assert.strictEqual(pageOf('/enterprise/applications/drafts'), '/pages/records/records');
  for (const [rest, page] of [['loan', 'loan'], ['move', 'move'], ['reconsider', 'reconsider'], ['rating', 'rating'], ['thread', 'letters']]) {
    assert.strictEqual(pageOf(`/enterprise/applications/01234567-89ab-cdef-0123-456789abcdef/${rest}`), `/pages/${page}/${page}?id=01234567-89ab-cdef-0123-456789abcdef`);
  }
});

test('a card to share is one of those that say nothing about a request', () => {
  const { progressCard, platformCard } = require(path.join(app, 'lib/share.js'));
  assert.strictEqual(progressCard('已接单', '待审核').path, platformCard().path);
  assert.match(progressCard('已接单', '待审核').title, /^融资需求办理进度：已接单，待审核｜/);
  assert.strictEqual(progressCard.length, 2, 'nothing else goes in');
  for (const file of ending('.js').filter((name) => name.startsWith('pages/'))) {
    if (/onShareAppMessage/.test(text(file))) assert.match(text(file), /(platform|progress|product|article)Card/, file);
    assert.doesNotMatch(text(file), /onShareTimeline|onAddToFavorites/, file);
  }
});

test('every handler that a template names is a method of its page or component', () => {
  const common = ['edit', 'retry', 'open', 'toEnter'];
  for (const [stem] of parts(app).found) {
    const script = text(`${stem}.js`);
    for (const [, name] of text(`${stem}.wxml`).matchAll(/(?:bind|catch):[a-z]+="(\w+)"/g)) {
      const known = new RegExp(`^\\s+(async )?${name}\\(`, 'm').test(script) || common.includes(name);
      assert.ok(known, `${stem}: ${name}`);
    }
  }
});

test('no button looks ready while another deed of its page is under way: its tap would be lost', () => {
  for (const file of ending('.wxml')) assert.doesNotMatch(text(file), /disabled="\{\{[^"]*busy === /, file);
});

test('events are bound with a colon, and no template carries a colour or size of its own', () => {
  for (const file of ending('.wxml')) {
    assert.doesNotMatch(text(file), /\s(bind|catch)(tap|input|confirm|change)/, file);
    const styles = [...text(file).matchAll(/style="([^"]*)"/g)].map(([, style]) => style);
    assert.deepStrictEqual(styles.filter((style) => !/^width:\{\{\w+\}\}%$/.test(style)), [], file);
  }
  for (const file of ending('.wxss').filter((name) => name !== 'styles/tokens.wxss')) {
    assert.doesNotMatch(text(file), /#[0-9a-fA-F]{3,8}\b/, `${file} has a colour that is no token`);
    assert.doesNotMatch(text(file), /url\(|https?:/, `${file} asks for something from elsewhere`);
  }
});

test('no text is smaller than 24 rpx', () => {
  for (const file of ending('.wxss')) {
    for (const [, size] of text(file).matchAll(/font-size: (\d+)rpx/g)) assert.ok(Number(size) >= 24, `${file}: ${size}`);
  }
});

/** Of the guide, twice: 4, 8, 12, 16, 24, 32, 48, 64 px for spaces, 4 and 8 px for corners. */
const SCALE = { margin: [0, 8, 16, 24, 32, 48, 64, 96, 128], padding: [0, 8, 16, 24, 32, 48, 64, 96, 128], 'border-radius': [8, 16] };

test('spaces and corners are those of the guide, and nothing between', () => {
  const between = [];
  for (const file of ending('.wxss')) {
    for (const [line, what, values] of text(file).matchAll(/(?:^|[{;\s])(margin|padding|border-radius)(?:-[a-z]+)*:\s*([^;}]*)/g)) {
      // What makes room for the bar and the safe area is computed.
      const sizes = [...values.replace(/calc\(.*\)/, '').matchAll(/(\d+)rpx/g)].map(([, size]) => Number(size));
      if (sizes.some((size) => !SCALE[what].includes(size))) between.push(`${file}: ${line.trim()}`);
    }
  }
  assert.deepStrictEqual(between.filter((line) => !line.startsWith('pages/record/')), []);
});

test('the main package weighs less than 1.5 MB', () => {
  const weight = files(app).reduce((sum, file) => sum + fs.statSync(path.join(app, file)).size, 0);
  assert.ok(weight < MOST, `${weight} bytes`);
});

test('scripts hold nothing that an older phone cannot read', () => {
  for (const file of ending('.js')) {
    assert.doesNotMatch(text(file), /\(\?<[=!]/, `${file}: look-behind`);
    assert.doesNotMatch(text(file), /\.replaceAll\(|\.at\(|structuredClone|\beval\(|new Function/, file);
    assert.doesNotMatch(text(file), /\b(document|window|localStorage|fetch|XMLHttpRequest|process)\b\s*[.(]/, `${file}: not of WeChat`);
  }
});
