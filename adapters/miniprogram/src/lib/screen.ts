// 页面: what every page of the app has in common: loading and its failure, one deed at a time, typed values and their drafts.

import { Problem, isProblem } from './problem';
import { TYPED_OVER, draft, dropDraft, keepDraft, type Values } from './drafts';
import { signedIn } from './session';
import { typeClass } from './type';

export interface Frame {
  /** 大字版 or not: a class of the outermost view. */
  type: string;
  loading: boolean;
  /** Why the page is empty. */
  problem: string;
  needsLogin: boolean;
  /** The deed under way: its button says so, all others wait. */
  busy: string;
  notice: string;
  noticeKind: string;
  values: Values;
  errors: Values;
  /** The errors once more, for the summary above the form. */
  faults: string[];
  [name: string]: unknown;
}

interface Common {
  load?(): Promise<void>;
  edit(event: Edit): void;
  retry(): void;
  open(event: WechatMiniprogram.BaseEvent): void;
  toEnter(): void;
}

export type Edit = WechatMiniprogram.CustomEvent<{ name: string; value: string }>;

/** What the functions below need of a page. */
export interface Host {
  data: Frame;
  setData(data: Record<string, unknown>): void;
  route: string;
  options: Record<string, string | undefined>;
}

type Data = WechatMiniprogram.IAnyObject;
type Custom = WechatMiniprogram.IAnyObject;
type Options<D extends Data, C extends Custom> = C & { data: D } & Partial<WechatMiniprogram.Page.ILifetime> &
  ThisType<WechatMiniprogram.Page.Instance<D & Frame, C & Common>>;

function frame(): Frame {
  return {
    type: typeClass(), loading: false, problem: '', needsLogin: false, busy: '', notice: '', noticeKind: 'danger', values: {}, errors: {}, faults: [],
  };
}

/** Address of the page as it stands. */
function here(page: Host): string {
  const query = Object.entries(page.options).map(([name, value]) => `${name}=${value ?? ''}`).join('&');
  return `/${page.route}${query ? `?${query}` : ''}`;
}

function isHost(page: object): page is Host & Common {
  return 'setData' in page;
}

/** `Page`, with the frame. A page that reads something has `load`; one that keeps drafts has `draftName`. */
export function screen<D extends Data, C extends Custom>(options: Options<D, C>): void {
  const own = options as Custom & Partial<WechatMiniprogram.Page.ILifetime>;
  const load = (page: Common) => (page.load ? page.load() : Promise.resolve());
  Page({
    ...own,
    data: { ...frame(), ...options.data },
    onLoad(query) {
      if (!isHost(this)) return undefined;
      this.setData({ type: typeClass() });
      return own.onLoad ? own.onLoad.call(this, query) : undefined;
    },
    onShow() {
      const page = this as unknown as Host & Common;
      if (page.data.type !== typeClass()) page.setData({ type: typeClass() });
      if (page.data.needsLogin && signedIn()) {
        page.setData({ needsLogin: false, problem: '', notice: '' });
        void load(page);
      }
      return own.onShow?.call(this);
    },
    onPullDownRefresh() {
      void load(this as unknown as Common).finally(() => wx.stopPullDownRefresh());
    },
    edit(event: Edit) {
      const page = this as unknown as Host;
      const { name, value } = event.detail;
      page.setData({ [`values.${name}`]: value, [`errors.${name}`]: '' });
      if (typeof own.draftName === 'string') keepDraft(own.draftName, page.data.values);
    },
    retry() {
      void load(this as unknown as Common);
    },
    open(event: WechatMiniprogram.BaseEvent) {
      const { url } = event.currentTarget.dataset as { url: string };
      void wx.navigateTo({ url });
    },
    toEnter() {
      void wx.navigateTo({ url: '/pages/enter/enter' });
    },
  });
}

function said(error: unknown): string {
  if (isProblem(error)) return error.message;
  console.error(error);
  return '页面出现问题，请返回后重试。';
}

/** The newest question of each page. */
const questions = new WeakMap<object, number>();

/** True while nothing was asked anew. */
type Fresh = () => boolean;

/** Asks anew: every older answer is overtaken. */
function anew(page: object): Fresh {
  const asked = (questions.get(page) ?? 0) + 1;
  questions.set(page, asked);
  return () => questions.get(page) === asked;
}

/** Fills the page; whatever goes wrong stands on it, with a way to try again. An answer that was overtaken is not shown. */
export async function show(page: object, work: (fresh: Fresh) => Promise<void>, quiet = false): Promise<void> {
  const host = page as Host;
  const fresh = anew(page);
  host.setData({ loading: !quiet, problem: '', needsLogin: false });
  try {
    await work(fresh);
  } catch (error) {
    const needsLogin = isProblem(error) && error.trouble === 'signed_out';
    if (fresh()) host.setData({ problem: said(error), needsLogin });
  }
  if (!fresh()) return;
  host.setData({ loading: false });
  // The next part of a list that stood here before does not belong to this one.
  anew(page);
}

/** Tells a refusal where it belongs: at its fields and above the form. */
export function tell(page: object, error: unknown): void {
  const host = page as Host;
  if (isProblem(error) && error.trouble === 'signed_out') {
    host.setData({ needsLogin: true, notice: said(error), noticeKind: 'danger' });
    void wx.navigateTo({ url: '/pages/enter/enter' });
    return;
  }
  const fields = isProblem(error) ? error.fields : [];
  const errors: Values = {};
  for (const { field, detail } of fields) errors[field] ??= detail;
  const faults = [...new Set(fields.map(({ detail }) => detail))];
  host.setData({ errors, faults, notice: faults.length ? '' : said(error), noticeKind: 'danger' });
  void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
}

/** One deed: its button shows it, a second tap does nothing. Answers whether it was done. */
export async function act(page: object, name: string, work: () => Promise<void>): Promise<boolean> {
  const host = page as Host;
  if (host.data.busy) return false;
  host.setData({ busy: name, notice: '', faults: [], errors: {} });
  try {
    await work();
    return true;
  } catch (error) {
    tell(page, error);
    return false;
  } finally {
    host.setData({ busy: '' });
  }
}

/** The next part of a list; what went wrong stands at its end. */
export async function more(page: object, work: (fresh: Fresh) => Promise<void>): Promise<void> {
  const host = page as Host;
  if (host.data.busy) return;
  const asked = questions.get(page);
  const fresh = () => questions.get(page) === asked;
  host.setData({ busy: 'more', problem: '' });
  try {
    await work(fresh);
  } catch (error) {
    if (fresh()) host.setData({ problem: said(error) });
  }
  host.setData({ busy: '' });
}

/** Refuses before anything is sent: required fields that are empty. */
export function demand(values: Values, required: Record<string, string>): void {
  const fields = Object.entries(required)
    .filter(([field]) => !(values[field] ?? '').trim())
    .map(([field, detail]) => ({ field, detail }));
  if (fields.length) throw new Problem('refused', '请填写带 * 的内容。', { fields });
}

/** What was typed before and not sent; not over facts that were saved elsewhere since. */
export function restore(page: object, name: string): Values {
  const kept = draft(name);
  const host = page as Host;
  if (Object.keys(kept).length && kept[TYPED_OVER] !== host.data.values[TYPED_OVER]) {
    dropDraft(name);
    host.setData({ notice: '内容已在别处更新，这里显示最新的内容。请核对后继续。', noticeKind: 'info' });
    return {};
  }
  host.setData({ values: { ...host.data.values, ...kept } });
  return kept;
}

export { dropDraft, here };

/** The way in and what lies on it: nothing to come back to. */
const PASSED = ['pages/enter/enter', 'pages/register/register', 'pages/recover/recover', 'pages/agreement/agreement', 'pages/done/done'];

/** Leaves this page for where the person was before the way in; 我的, when there was nothing. */
export function comeBack(): void {
  const pages = getCurrentPages();
  let delta = 1;
  while (delta < pages.length && PASSED.includes(pages[pages.length - 1 - delta].route)) delta += 1;
  if (delta < pages.length) void wx.navigateBack({ delta });
  else void wx.switchTab({ url: '/pages/mine/mine' });
}
