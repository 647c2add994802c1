'use strict';
// The real Chromium 49 over the public pages, registration, application and the face step.

const assert = require('node:assert');
const { walk, url } = require('./house/house');
const { drive, run, whole } = require('./house/old');

const PUBLIC = ['/', '/market', '/institutions', '/holdings', '/policies', '/news', '/about', '/search', '/sitemap', '/accessibility', '/login', '/register', '/forgot'];

walk('Chromium 49 shows every public page without an error and without sideways scroll', async () => {
  const steps = [];
  for (const size of [[1280, 900], [375, 800]]) {
    steps.push({ resize: size });
    for (const path of PUBLIC) {
      steps.push({ open: url() + path, wait: 300 }, whole());
      if (path === '/' || path === '/market') steps.push({ shot: `${path === '/' ? 'home' : 'market'}-${size[0]}.png` });
    }
    steps.push({ open: `${url()}/market`, wait: 300 }, run("hands.press('查看详情+')", { wait: 1500 }), whole(), { shot: `product-${size[0]}.png` });
  }
  const answer = await drive(steps);
  assert.match(answer.engine, /Chrome\/49\./);
  assert.ok(answer.ok, answer.problem);
});
