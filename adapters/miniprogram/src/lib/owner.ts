// 这台手机上的人: drafts are one person's. Whoever signs in as somebody else finds none of them.

import { call } from './api';
import { forgetAll, read, write } from './store';

const KEY = 'owner';

/** After every sign-in that a person did by hand. What was begun before registering belongs to who registers. */
export async function arrive({ registered = false } = {}): Promise<void> {
  const me = await call('get', '/api/v1/me').catch(() => undefined);
  const owner = me ? `${me.enterprise_name} ${me.phone_masked}` : '';
  if (!registered && read<string>(KEY) !== owner) {
    forgetAll('draft.');
    forgetAll('once.');
  }
  write(KEY, owner);
}
