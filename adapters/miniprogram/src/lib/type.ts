// 大字版: one switch, kept on the phone.

import { read, write } from './store';

const KEY = 'type';

export function isLarge(): boolean {
  return read<string>(KEY) === 'large';
}

export function setLarge(large: boolean): void {
  write(KEY, large ? 'large' : 'normal');
}

export function typeClass(): string {
  return isLarge() ? 'type-large' : 'type-normal';
}
