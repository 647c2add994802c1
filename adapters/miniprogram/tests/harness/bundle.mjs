// Makes one script of a built mini-program: WeChat's open-source component framework, the app's own files, and the host.
// What is bundled is the folder that would be uploaded, untouched but for rpx and the prefixes of component styles.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import postcss from 'postcss';
import selectorParser from 'postcss-selector-parser';
import { files } from '../house/files.mjs';

const require = createRequire(import.meta.url);
const { TmplGroup } = require('glass-easel-template-compiler');
const here = path.dirname(fileURLToPath(import.meta.url));

const SCREEN = 750;

/** Every page and component of the app, with its settings; those of app.json count everywhere. */
export function parts(app) {
  const read = (file) => JSON.parse(readFileSync(path.join(app, file), 'utf8'));
  const settings = read('app.json');
  const found = new Map();
  const add = (stem) => {
    if (found.has(stem)) return;
    const own = read(`${stem}.json`);
    const using = { ...settings.usingComponents, ...own.usingComponents };
    found.set(stem, { ...own, usingComponents: using });
    for (const address of Object.values(using)) add(address.replace(/^\//, ''));
  };
  for (const page of settings.pages) add(page);
  return { settings, found };
}

/** Templates, compiled by WeChat's own compiler; any complaint is an error. */
export function templates(app, stems) {
  const group = new TmplGroup();
  for (const stem of stems) {
    const said = group.addTmpl(stem, readFileSync(path.join(app, `${stem}.wxml`), 'utf8'));
    if (said?.length) throw new Error(`${stem}.wxml: ${JSON.stringify(said)}`);
  }
  return group.getTmplGenObjectGroups();
}

function flat(app, file) {
  const text = readFileSync(path.join(app, file), 'utf8');
  return text.replace(/@import\s+"([^"]+)";/g, (_, other) => flat(app, path.join(path.dirname(file), other)));
}

/** One style sheet: rpx as shares of the width, and in components every class under the name of its scope. */
function style(app, file, scope) {
  const prefix = selectorParser((selectors) => {
    selectors.walkClasses((node) => { node.value = `${scope}--${node.value}`; });
  });
  const root = postcss.parse(flat(app, file));
  root.walkRules((rule) => {
    if (scope && rule.parent.type !== 'atrule') rule.selector = prefix.processSync(rule.selector);
    else if (scope && !/keyframes$/.test(rule.parent.name)) rule.selector = prefix.processSync(rule.selector);
  });
  root.walkDecls((decl) => {
    decl.value = decl.value.replace(/(-?[\d.]+)rpx/g, (_, size) => `${(Number(size) * 100) / SCREEN}vw`);
  });
  return root.toString();
}

const scopeOf = (stem) => stem.split('/').pop();

export function bundle(app) {
  const { settings, found } = parts(app);
  const stems = [...found.keys()];
  const modules = files(app).filter((file) => file.endsWith('.js'))
    .map((file) => `${JSON.stringify(file.replace(/\.js$/, ''))}: function (require, module, exports) {\n${readFileSync(path.join(app, file), 'utf8')}\n}`);
  const styles = Object.fromEntries(stems.map((stem) => [stem, style(app, `${stem}.wxss`, found.get(stem).component ? scopeOf(stem) : '')]));
  const facts = {
    settings,
    parts: Object.fromEntries(found),
    scopes: Object.fromEntries(stems.filter((stem) => found.get(stem).component).map((stem) => [stem, scopeOf(stem)])),
    styles: { ...styles, app: style(app, 'app.wxss', '') },
  };
  const easel = readFileSync(require.resolve('glass-easel'), 'utf8');
  const adapter = readFileSync(require.resolve('glass-easel-miniprogram-adapter'), 'utf8');
  const wrap = (name, text) => `${JSON.stringify(name)}: function (require, module, exports) {\n${text}\n}`;
  const host = ['elements.js', 'wx.js', 'host.js'].map((file) => readFileSync(path.join(here, file), 'utf8')).join('\n');
  return `(function () {
const packages = {${wrap('glass-easel', easel)},\n${wrap('glass-easel-miniprogram-adapter', adapter)}};
const loaded = {};
function load(name) {
  if (!loaded[name]) { loaded[name] = { exports: {} }; packages[name](load, loaded[name], loaded[name].exports); }
  return loaded[name].exports;
}
const glassEasel = load('glass-easel');
const { MiniProgramEnv } = load('glass-easel-miniprogram-adapter');
const modules = {${modules.join(',\n')}};
const templates = (function () { return ${templates(app, stems)} })();
const facts = ${JSON.stringify(facts)};
${host}
})();`;
}

export const HTML = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>小程序</title>
<link rel="icon" href="data:,"><style>${readFileSync(path.join(here, 'host.css'), 'utf8')}</style></head><body><script src="bundle.js"></script></body></html>`;
