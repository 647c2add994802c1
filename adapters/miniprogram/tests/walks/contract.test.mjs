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

test('the app asks for nothing but what the document has', async () => {
  const { paths } = await fetched(url());
  const source = new URL('../../src', import.meta.url).pathname;
  const found = [];
  for (const file of fs.readdirSync(source, { recursive: true }).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))) {
    for (const [, path] of fs.readFileSync(`${source}/${file}`, 'utf8').matchAll(/['"`](\/api\/v1\/[^'"`]*)['"`]/g)) found.push(path.replace(/\$\{[^}]*\}/g, '*'));
  }
  const known = Object.keys(paths).map((path) => new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`));
  assert.ok(found.length > 40);
  assert.deepStrictEqual(found.filter((path) => !known.some((one) => one.test(path))), []);
});
