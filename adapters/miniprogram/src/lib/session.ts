// 登录状态: the token pair of this device. A refresh token works once; when it is refused the person signs in again, as themselves.

import { config } from '../config';
import { Problem, SIGNED_OUT, refusal } from './problem';
import type { components } from './schema';
import { forget, forgetAll, read, write } from './store';
import { type Answer, send } from './transport';

type Tokens = components['schemas']['Tokens'];
type WechatSignIn = components['schemas']['WechatSignIn'];

interface Kept {
  access: string;
  refresh: string;
}

const KEY = 'tokens';

let renewing: Promise<void> | undefined;

export function token(): string | undefined {
  return read<Kept>(KEY)?.access;
}

export function signedIn(): boolean {
  return token() !== undefined;
}

export function keep(tokens: Tokens): void {
  write(KEY, { access: tokens.access_token, refresh: tokens.refresh_token });
}

/** After a fresh proof the access token is another one. */
export function keepAccess(access: string): void {
  const kept = read<Kept>(KEY);
  if (kept) write(KEY, { ...kept, access });
}

/** Who leaves takes the drafts along. */
export function leave(): void {
  forget(KEY);
  forgetAll('draft.');
  forgetAll('once.');
}

function post(path: string, body: object): Promise<Answer> {
  return send({ method: 'POST', path, body });
}

/** True when WeChat knows whose account this is. */
export async function enterByWechat(): Promise<boolean> {
  const { code } = await wx.login().catch(() => {
    throw new Problem('network', '微信登录没有完成，请重试。');
  });
  const answer = await post('/api/v1/tokens/wechat', { app_id: config.appId, code });
  if (answer.status !== 200) throw refusal(answer.status, answer.body);
  const { state, tokens } = answer.body as WechatSignIn;
  if (state !== 'signed_in' || !tokens) return false;
  keep(tokens);
  return true;
}

async function renewNow(): Promise<void> {
  const kept = read<Kept>(KEY);
  if (!kept) throw new Problem('signed_out', SIGNED_OUT, { status: 401 });
  const answer = await post('/api/v1/tokens/refresh', { refresh_token: kept.refresh });
  if (answer.status === 200) {
    keep(answer.body as Tokens);
    return;
  }
  if (answer.status !== 401) throw refusal(answer.status, answer.body);
  // Never by WeChat without a tap: it may know another account, and a device that was ended stays ended. The drafts stay.
  forget(KEY);
  throw new Problem('signed_out', SIGNED_OUT, { status: 401 });
}

/** A new pair for whoever was refused with this access token; however many ask and however late, the refresh token is used once. */
export function renew(refused: string | undefined): Promise<void> {
  if (!renewing && token() !== refused) return Promise.resolve();
  renewing ??= renewNow().finally(() => { renewing = undefined; });
  return renewing;
}
