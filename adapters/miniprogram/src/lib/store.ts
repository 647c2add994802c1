// 本机存储: what outlives a closed app. Nothing here is a password, a code or an identity number.

const PREFIX = 'yjr.';

export function read<T>(key: string): T | undefined {
  const found: unknown = wx.getStorageSync(PREFIX + key);
  return found === '' || found === undefined || found === null ? undefined : (found as T);
}

export function write(key: string, value: unknown): void {
  try {
    wx.setStorageSync(PREFIX + key, value);
  } catch {
    // A full storage costs a draft, not the request at hand.
  }
}

export function forget(key: string): void {
  wx.removeStorageSync(PREFIX + key);
}

/** Everything below a name, such as all drafts. */
export function forgetAll(start: string): void {
  for (const key of wx.getStorageInfoSync().keys) {
    if (key.startsWith(PREFIX + start)) wx.removeStorageSync(key);
  }
}
