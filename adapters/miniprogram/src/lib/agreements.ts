// 协议: a text may be ticked once it was read to its end on this phone, in the version that is shown now (M-115, M-606).

import { call, type Reply } from './api';

export type AgreementText = Reply<'/api/v1/agreements/{code}', 'get'>;
export type City = Reply<'/api/v1/city', 'get'>;

export interface Tick {
  code: string;
  receipt: string;
  ticked: boolean;
}

const receipts = new Map<string, string>();
let facts: Promise<City> | undefined;

/** Name, hotline and agreements of the city. */
export function city(): Promise<City> {
  facts ??= call('get', '/api/v1/city').catch((error: unknown) => {
    facts = undefined;
    throw error;
  });
  return facts;
}

export function text(code: string): Promise<AgreementText> {
  return call('get', '/api/v1/agreements/{code}', { at: { code } });
}

export function wasRead(one: AgreementText): void {
  receipts.set(one.code, one.receipt);
}

export function receipt(code: string): string | undefined {
  return receipts.get(code);
}

type Listed = City['agreements'][number];

/** The texts whose box must be ticked on a screen; all of the city's without one. */
export async function ticked(screen: string): Promise<Listed[]> {
  const { agreements } = await city();
  return agreements.filter(({ ticked_on }) => !screen || ticked_on.includes(screen));
}

/** The texts that a screen shows without a box of their own: 融资需求申请条款 (M-314). */
export async function shown(screen: string): Promise<Listed[]> {
  const { agreements } = await city();
  return agreements.filter(({ shown_on, ticked_on }) => shown_on.includes(screen) && !ticked_on.includes(screen));
}
