// What all walks together have seen: run.mjs asks after the last of them.

import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const seen = new Set(fs.readFileSync(process.env.MINI_JOURNAL, 'utf8').split('\n'));

test('every page of the app was looked at: accessible, and no wider than the phone', () => {
  const { pages } = JSON.parse(fs.readFileSync(path.join(process.env.MINI_APP, 'app.json'), 'utf8'));
  assert.deepStrictEqual(pages.filter((page) => !seen.has(`look ${page}`)), []);
});
