'use strict';
// Only the keyboard: a visible focus at every stop.

const assert = require('node:assert');

// Tabs on until the element is focused; every stop must be visible and show that it has the focus.
async function tabTo(page, target, most = 120) {
  for (let press = 0; press < most; press += 1) {
    if (await target.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const node = document.activeElement;
      if (!node || node === document.body) return '';
      const style = getComputedStyle(node);
      const box = node.getBoundingClientRect();
      // A native file control is drawn by its label.
      if (node.type === 'file') return '';
      const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return marked && box.width > 0 && box.height > 0 ? '' : node.outerHTML.slice(0, 160);
    });
    assert.strictEqual(stop, '', 'a stop without a visible focus');
  }
  throw new Error('the keyboard does not get there');
}

module.exports = { tabTo };
