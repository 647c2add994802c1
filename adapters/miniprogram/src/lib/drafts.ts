// 草稿: what was typed stays on the phone until it is sent. Passwords, codes and identity numbers are never among it.

import { forget, read, write } from './store';

export type Values = Record<string, string>;

/** Field of a form that holds what it was filled from: a draft typed over anything else is out of date. */
export const TYPED_OVER = 'typed_over';

const SECRET = ['password', 'password_again', 'current_password', 'sms_code', 'captcha', 'legal_id', 'contact_phone'];

export function keepDraft(name: string, values: Values): void {
  const kept = Object.entries(values).filter(([field, value]) => value !== '' && !SECRET.includes(field));
  write(`draft.${name}`, Object.fromEntries(kept));
}

export function draft(name: string): Values {
  return read<Values>(`draft.${name}`) ?? {};
}

export function dropDraft(name: string): void {
  forget(`draft.${name}`);
}
