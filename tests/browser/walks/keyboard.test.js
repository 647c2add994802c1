'use strict';
// Only the keyboard: Tab, arrows, Space and Enter, with a visible focus all the way.

const assert = require('node:assert');
const { person, walk } = require('./house/house');
const { tabTo } = require('./house/keyboard');

walk('the first stop of a page leads past the navigation', async () => {
  const page = await person();
  await page.goto('/market');
  await page.keyboard.press('Tab');
  assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), '跳到主要内容');
  await page.keyboard.press('Enter');
  assert.strictEqual(await page.evaluate(() => document.activeElement.id), 'main');
});
