// 写法: amounts, rates, terms and instants as people read them.

interface Word {
  code: string;
  label: string;
}

/** `500.00` → `500`, `0.50` → `0.5`. */
export function plain(number: string): string {
  return number.includes('.') ? number.replace(/0+$/, '').replace(/\.$/, '') : number;
}

/** `1200000.00` → `1,200,000.00`. */
export function grouped(number: string): string {
  const [whole, rest] = number.split('.');
  const parted = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? parted : `${parted}.${rest}`;
}

function range(from: string, to: string): string {
  return from === to ? from : `${from}–${to}`;
}

export function amounts(from: string, to: string): string {
  return `${range(plain(from), plain(to))} 万元`;
}

export function rates(from: string, to: string): string {
  return from === to ? `${from}%/年` : `${from}%–${to}%/年`;
}

/** 年 stays 年; 月 is counted as 个月. */
export function unit(word: Word): string {
  return word.label === '月' ? '个月' : word.label;
}

export function terms(from: number, to: number, word: Word): string {
  return `${range(String(from), String(to))} ${unit(word)}`;
}

/** The instants of the platform carry Shanghai's offset already. */
export function instant(at: string): string {
  return at.slice(0, 19).replace('T', ' ');
}

export function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

export function day(at: string): string {
  return at.slice(0, 10);
}

interface Card {
  rate_min: string;
  rate_max: string;
  amount_min: string;
  amount_max: string;
  term_min: number;
  term_max: number;
  term_unit: Word;
}

export interface Ranges {
  rateText: string;
  amountText: string;
  termText: string;
}

/** A product with its three ranges in words. */
export function ranged<T extends Card>(card: T): T & Ranges {
  return {
    ...card,
    rateText: rates(card.rate_min, card.rate_max),
    amountText: amounts(card.amount_min, card.amount_max),
    termText: terms(card.term_min, card.term_max, card.term_unit),
  };
}

const TAGS: Record<string, string> = {
  'intake.pending': 'warning',
  'intake.accepted': 'info',
  'intake.never_accepted': 'neutral',
  'review.pending': 'warning',
  'review.approved': 'success',
  'review.rejected': 'danger',
  'review.supplement_asked': 'warning',
  'review.withdrawn': 'neutral',
  'review.expired': 'neutral',
  'loan.waiting': 'warning',
  'loan.partly': 'info',
  'loan.done': 'success',
  'loan.not_drawn': 'neutral',
  'loan.settled': 'success',
  'draw.waiting': 'warning',
  'draw.disputed': 'warning',
  'draw.answered': 'warning',
  'draw.confirmed': 'success',
  'draw.settled': 'neutral',
};

const VERDICTS: Record<string, string> = { met: 'success', not_met: 'danger', unknown: 'neutral' };

/** How an enterprise stands to a rule; the word is the platform's. */
export function verdict(word: Word): { label: string; kind: string } {
  return { label: word.label, kind: VERDICTS[word.code] ?? 'neutral' };
}

/** The one table from state to colour; the word is the platform's. */
export function tag(column: 'intake' | 'review' | 'loan' | 'draw', word: Word): { label: string; kind: string } {
  return { label: word.label, kind: TAGS[`${column}.${word.code}`] ?? 'neutral' };
}
