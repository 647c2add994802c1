// Builds the mini-program of one city: `node build.mjs --city cangzhou [--server https://…] [--out folder]`.
// Everything that is the city's comes from tenants/catalog/<city>.toml. The result is what WeChat's tools open and upload.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Resvg } from '@resvg/resvg-js';
import { parse } from 'smol-toml';
import { tokens, wxss } from './tools/tokens.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, 'src');
const catalog = path.join(here, '../../tenants/catalog');

/** The city as its own file tells it; says what is missing instead of building half an app. */
export function read(city) {
  if (!/^[a-z0-9-]+$/.test(city)) throw new Error(`"${city}" is no city: tenants/catalog has a file for each`);
  const file = path.join(catalog, `${city}.toml`);
  if (!existsSync(file)) throw new Error(`tenants/catalog has no ${city}.toml`);
  const facts = parse(readFileSync(file, 'utf8'));
  const appId = facts.wechat?.app_id;
  if (facts.kind !== 'city' || !appId) throw new Error(`${city} has no mini-program: its [wechat] names no app_id`);
  return { ...facts, appId };
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

/** `@name` and `@<token>` in the JSON files of the app. */
function filled(text, words) {
  return text.replace(/"@([a-z0-9-]+)"/g, (_, name) => {
    if (!(name in words)) throw new Error(`no value for @${name}`);
    return JSON.stringify(words[name]);
  });
}

/** The pictures of the tab bar: PNG, 81 pixels, in the colours of the city. */
function icons(out, { brand, 'ink-2': ink }) {
  mkdirSync(path.join(out, 'icons'), { recursive: true });
  for (const name of readdirSync(path.join(source, 'icons'))) {
    const svg = readFileSync(path.join(source, 'icons', name), 'utf8');
    for (const [suffix, colour] of [['', ink], ['-on', brand]]) {
      const png = new Resvg(svg.replaceAll('currentColor', colour)).render().asPng();
      writeFileSync(path.join(out, 'icons', name.replace('.svg', `${suffix}.png`)), png);
    }
  }
}

/** What WeChat's tools read beside the app. */
function project(facts) {
  return {
    appid: facts.appId,
    projectname: facts.slug,
    description: facts.name,
    compileType: 'miniprogram',
    miniprogramRoot: 'miniprogram/',
    libVersion: '3.5.8',
    setting: { es6: true, enhance: true, minified: true, postcss: true, urlCheck: true, uglifyFileName: false },
  };
}

export function build({ city, server, out = path.join(here, 'dist', city) }) {
  const facts = read(city);
  const address = (server ?? facts.public_site).replace(/\/+$/, '');
  const app = path.join(out, 'miniprogram');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(path.join(app, 'styles'), { recursive: true });
  const found = tokens(facts.theme);
  const words = { ...found, name: facts.mini_program_name };
  for (const file of files(source)) {
    if (/\.(ts|svg)$/.test(file)) continue;
    const to = path.join(app, file);
    mkdirSync(path.dirname(to), { recursive: true });
    if (file.endsWith('.json')) writeFileSync(to, filled(readFileSync(path.join(source, file), 'utf8'), words));
    else cpSync(path.join(source, file), to);
  }
  const tsc = path.join(here, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', here, '--outDir', app], { stdio: 'inherit' });
  writeFileSync(path.join(app, 'styles/tokens.wxss'), wxss(found));
  const config = { city: facts.slug, platform: facts.name, name: facts.mini_program_name, appId: facts.appId, server: address, hotline: facts.hotline };
  writeFileSync(path.join(app, 'config.js'), `"use strict";\nexports.config = ${JSON.stringify(config, null, 2)};\n`);
  icons(app, found);
  writeFileSync(path.join(out, 'project.config.json'), `${JSON.stringify(project(facts), null, 2)}\n`);
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { city: { type: 'string' }, server: { type: 'string' }, out: { type: 'string' } } });
  if (!values.city) throw new Error('usage: node build.mjs --city cangzhou [--server https://…] [--out folder]');
  const server = values.server;
  if (server && !/^https:\/\//.test(server)) throw new Error('WeChat lets a released mini-program ask https:// addresses only');
  console.log(build({ ...values, city: values.city }));
}
