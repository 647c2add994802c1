// 网络: one request on the wire, as a promise.

import { config } from '../config';
import { device } from './device';
import { OFFLINE_READ, OFFLINE_WRITE, Problem } from './problem';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Letter {
  method: Method;
  /** Path and query. */
  path: string;
  body?: object | ArrayBuffer;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  body: unknown;
}

const READ_WITHIN = 15000;
const WRITE_WITHIN = 40000;
/** How often a read is tried: nothing is lost by asking again. */
const READS = 3;
const PAUSE = 600;

const wait = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); });

function once(letter: Letter, headers: Record<string, string>): Promise<Answer> {
  const writes = letter.method !== 'GET';
  return new Promise((resolve, reject) => {
    wx.request({
      url: config.server + letter.path,
      method: letter.method,
      header: headers,
      data: letter.body ?? '',
      timeout: writes ? WRITE_WITHIN : READ_WITHIN,
      success: (answer) => resolve({ status: answer.statusCode, body: answer.data }),
      fail: () => reject(new Problem('network', writes ? OFFLINE_WRITE : OFFLINE_READ)),
    });
  });
}

/** Sends; a read whose way was cut is asked again, a write never without the caller's knowledge. */
export async function send(letter: Letter): Promise<Answer> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Device-Id': await device(), ...letter.headers };
  if (letter.body) headers['Content-Type'] = letter.body instanceof ArrayBuffer ? 'application/octet-stream' : 'application/json';
  const tries = letter.method === 'GET' ? READS : 1;
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(letter, headers);
    } catch (error) {
      if (tried >= tries) throw error;
      await wait(PAUSE * tried);
    }
  }
}
