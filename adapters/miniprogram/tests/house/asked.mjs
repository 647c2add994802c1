// Whom a branch has asked for more papers: that differs with the day on which the demonstration begins.

import { randomBytes, randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { DEMO, url } from './walk.mjs';

const require = createRequire(import.meta.url);
const { solve } = require('../../../../tests/browser/walks/house/steps.js');

const OWNERS = ['19900002333', '19900002259', '19900002296', '19900002185', '19900002222', '19900002148', '19900002111', '19900002074', '19900002037'];

async function hasTask(account) {
  const headers = {
    'Content-Type': 'application/json',
    'X-Device-Id': randomBytes(24).toString('hex'),
    'X-Forwarded-For': `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`,
  };
  const ask = async (path, body) => (await fetch(`${url()}${path}`, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })).json();
  const { question } = await ask('/api/v1/captchas', { purpose: 'password', way: 'words' });
  const { access_token } = await ask('/api/v1/tokens/password', { account, password: DEMO.password, captcha: String(solve(question)) });
  headers.Authorization = `Bearer ${access_token}`;
  const { items } = await ask('/api/v1/applications?review_status=supplement_asked');
  await fetch(`${url()}/api/v1/tokens/current`, { method: 'DELETE', headers });
  return items.length > 0;
}

/** The sign-in of somebody with papers to bring. */
export async function whoIsAsked() {
  for (const account of OWNERS) if (await hasTask(account)) return account;
  throw new Error('nobody of the demonstration was asked for papers');
}
