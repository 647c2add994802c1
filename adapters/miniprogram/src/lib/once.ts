// 幂等键: a wish keeps its key until the platform has answered it, even when the app was closed in between. So what was sent and
// whose answer was lost is not done a second time.

import { random } from './device';
import { Problem } from './problem';
import { forget, read, write } from './store';

interface Kept {
  wish: string;
  key: string;
}

/** Does `work` under the key of this wish. A reason given by the server ends the wish; silence does not. */
export async function once<T>(name: string, wish: object, work: (key: string) => Promise<T>): Promise<T> {
  const slot = `once.${name}`;
  const text = JSON.stringify(wish);
  const kept = read<Kept>(slot);
  const key = kept?.wish === text ? kept.key : await random();
  write(slot, { wish: text, key });
  try {
    const done = await work(key);
    forget(slot);
    return done;
  } catch (error) {
    if (error instanceof Problem && error.trouble === 'refused' && error.status !== 429) forget(slot);
    throw error;
  }
}
