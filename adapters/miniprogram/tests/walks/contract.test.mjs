// The app and the server agree: what is called is in the OpenAPI document, and the types of the app are made of it.

import assert from 'node:assert';
import fs from 'node:fs';
import test from 'node:test';
import { FILE, fetched, types } from '../../tools/schema.mjs';
import { url } from '../house/walk.mjs';

// With these types a call of another path, or with another body, does not compile.
test('the types of the app are those of the server that is running', async () => {
  const made = await types(await fetched(url()));
  assert.ok(made === fs.readFileSync(FILE, 'utf8'), 'run: npm run schema -- http://127.0.0.1:8080');
});

/** How a path is asked for: `call` names the method, `post` and `fetchFile` are one each. */
const ASKED = /(?:call\('(get|post|put|delete)', |(post|fetchFile)\()['"`](\/api\/v1\/[^'"`]*)['"`]/g;

test('the app asks for nothing but what the document has, by the method that it has', async () => {
  const { paths } = await fetched(url());
  const source = new URL('../../src', import.meta.url).pathname;
  const found = [];
  const unseen = [];
  for (const file of fs.readdirSync(source, { recursive: true }).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))) {
    // Types name paths too: the compiler holds those.
    const text = fs.readFileSync(`${source}/${file}`, 'utf8').replace(/Reply<[^>]*>/g, '');
    const asked = [...text.matchAll(ASKED)];
    for (const [, method, way, path] of asked) found.push(`${method ?? (way === 'post' ? 'post' : 'get')} ${path.replace(/\$\{[^}]*\}/g, '*')}`);
    const named = [...text.matchAll(/\/api\/v1\//g)].length;
    if (named !== asked.length) unseen.push(`${file}: ${named} paths, ${asked.length} of them asked for in a known way`);
  }
  assert.deepStrictEqual(unseen, []);
  const doors = Object.entries(paths).flatMap(([path, door]) => Object.keys(door).map((method) => new RegExp(`^${method} ${path.replace(/\{\w+\}/g, '([^/]+)')}$`)));
  assert.ok(found.length > 40);
  assert.deepStrictEqual(found.filter((ask) => !doors.some((one) => one.test(ask))), []);
});
