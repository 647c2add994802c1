// 这台手机上的人: drafts are one person's. Whoever signs in as somebody else finds none of them.

import { call, type Reply } from './api';
import { forgetAll, read, write } from './store';

type Me = Reply<'/api/v1/me', 'get'>;

const KEY = 'owner';
/** What was begun before registering belongs to who registered, whoever that turns out to be. */
const REGISTERED = 'registered';

/** Who is signed in. Drafts and keys of anybody else go as soon as the platform has said so, and never for want of an answer. */
export async function whoami(): Promise<Me> {
  const me = await call('get', '/api/v1/me');
  const owner = read<string>(KEY);
  if (owner !== me.account) {
    if (owner !== REGISTERED) {
      forgetAll('draft.');
      forgetAll('once.');
    }
    write(KEY, me.account);
  }
  return me;
}

/** After every sign-in that a person did by hand. Without an answer now, the next page that asks compares. */
export async function arrive({ registered = false } = {}): Promise<void> {
  if (registered) write(KEY, REGISTERED);
  await whoami().catch(() => undefined);
}
