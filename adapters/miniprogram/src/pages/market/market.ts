// 金融超市: keyword search over published products (M-702, A-25), filters, and the way to a product.

import { call, type Reply } from '../../lib/api';
import { ranged } from '../../lib/format';
import { more, screen, show } from '../../lib/screen';
import { platformCard } from '../../lib/share';

type Filter = Reply<'/api/v1/products/filters', 'get'>['groups'][number];
/** What the sheet narrows by; 担保方式 stands on the page itself. */
type Chosen = Partial<Record<'band' | 'term' | 'rate' | 'lane' | 'industry' | 'institution' | 'county', string>>;

type Sort = 'overall' | 'rate' | 'amount' | 'term' | 'new';

const GUARANTEES = [
  { code: '', label: '不限' },
  { code: 'unsecured', label: '信用' },
  { code: 'mortgage', label: '抵押' },
  { code: 'pledge', label: '质押' },
  { code: 'guarantor', label: '保证' },
  { code: 'combined', label: '组合' },
];
const SORTS = [
  { code: 'overall', label: '综合' },
  { code: 'rate', label: '利率低' },
  { code: 'amount', label: '额度高' },
  { code: 'term', label: '期限长' },
  { code: 'new', label: '最新' },
];

screen({
  data: {
    words: '', searched: '', guarantee: '', sort: 'overall' as Sort, chosen: {} as Chosen, chosenText: '', chosenTotal: 0,
    sheet: false, pending: {} as Chosen, groups: [] as Filter[], fitting: -1, sheetProblem: '',
    guarantees: GUARANTEES, sorts: SORTS, filtered: false, products: [] as object[], total: 0, next: '' as string | null, read: false,
  },
  onLoad(query: { institution?: string }) {
    if (query.institution) this.setData({ chosen: { institution: query.institution }, chosenTotal: 1, filtered: true });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const page = await this.ask();
      if (fresh()) this.setData({ products: page.items.map(ranged), total: page.total, next: page.next_cursor ?? '', read: true });
    });
  },
  ask(cursor?: string) {
    const { searched, guarantee, sort, chosen } = this.data;
    return call('get', '/api/v1/products', {
      query: { words: searched || undefined, guarantee: guarantee || undefined, ...chosen, sort, cursor },
    });
  },
  typed(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ words: event.detail.value });
  },
  search() {
    this.setData({ searched: this.data.words.trim() });
    this.renew();
  },
  byGuarantee(event: WechatMiniprogram.BaseEvent) {
    this.setData({ guarantee: (event.currentTarget.dataset as { code: string }).code });
    this.renew();
  },
  bySort(event: WechatMiniprogram.BaseEvent) {
    this.setData({ sort: (event.currentTarget.dataset as { code: Sort }).code });
    this.renew();
  },
  /** 筛选条件: chosen on a sheet, with how many products each choice would leave; nothing changes below it before it is agreed to. */
  narrow() {
    this.setData({ sheet: true, pending: { ...this.data.chosen }, fitting: -1 });
    void this.count();
  },
  stay() {
    this.setData({ sheet: false });
  },
  pick(event: WechatMiniprogram.BaseEvent) {
    const { group, code } = event.currentTarget.dataset as { group: keyof Chosen; code?: string };
    const pending = { ...this.data.pending };
    if (code && pending[group] !== code) pending[group] = code;
    else delete pending[group];
    this.setData({ pending, fitting: -1 });
    void this.count();
  },
  unpick() {
    this.setData({ pending: {}, fitting: -1 });
    void this.count();
  },
  async count() {
    const { searched, guarantee, pending } = this.data;
    // An answer to an older choice is not shown.
    const fresh = () => JSON.stringify(this.data.pending) === JSON.stringify(pending);
    this.setData({ sheetProblem: '' });
    try {
      const { total, groups } = await call('get', '/api/v1/products/filters', { query: { words: searched || undefined, guarantee: guarantee || undefined, ...pending } });
      if (fresh()) this.setData({ fitting: total, groups: groups.filter(({ code }) => code !== 'guarantee') });
    } catch (error) {
      if (fresh()) this.setData({ sheetProblem: (error as Error).message });
    }
  },
  take() {
    const { pending, groups } = this.data;
    const words = groups.flatMap(({ code, label, options }) => {
      const one = options.find((option) => option.code === pending[code as keyof Chosen]);
      return one ? [`${label}：${one.label}`] : [];
    });
    this.setData({ sheet: false, chosen: pending, chosenText: words.join('，'), chosenTotal: Object.keys(pending).length });
    this.renew();
  },
  clear() {
    this.setData({ words: '', searched: '', guarantee: '', chosen: {}, chosenText: '', chosenTotal: 0, sort: 'overall' });
    this.renew();
  },
  renew() {
    const { searched, guarantee, chosenTotal } = this.data;
    this.setData({ products: [], next: '', read: false, filtered: Boolean(searched || guarantee || chosenTotal) });
    void this.load();
  },
  async onReachBottom() {
    const cursor = this.data.next;
    if (!cursor) return;
    await more(this, async (fresh) => {
      const page = await this.ask(cursor);
      if (fresh()) this.setData({ products: [...this.data.products, ...page.items.map(ranged)], next: page.next_cursor ?? '' });
    });
  },
  onShareAppMessage: platformCard,
});
