// 设备标识: made once on this phone, sent with every request; captchas, codes and tokens are bound to it.

import { read, write } from './store';

const KEY = 'device';
const HEX = 16;

let known: Promise<string> | undefined;

function text(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(HEX).padStart(2, '0')).join('');
}

async function make(): Promise<string> {
  const { randomValues } = await wx.getRandomValues({ length: 24 });
  const id = text(randomValues);
  write(KEY, id);
  return id;
}

export function device(): Promise<string> {
  known ??= Promise.resolve(read<string>(KEY) ?? make()).catch((error: unknown) => {
    known = undefined;
    throw error;
  });
  return known;
}

/** As hard to guess as the device: keys of requests. */
export async function random(): Promise<string> {
  const { randomValues } = await wx.getRandomValues({ length: 16 });
  return text(randomValues);
}
