// 金融超市: keyword search over published products (M-702, A-25), filters, and the way to a product.

import { call } from '../../lib/api';
import { ranged } from '../../lib/format';
import { more, screen, show } from '../../lib/screen';
import { platformCard } from '../../lib/share';

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
    words: '', searched: '', guarantee: '', sort: 'overall' as Sort, institution: '', institutionName: '',
    guarantees: GUARANTEES, sorts: SORTS, filtered: false, products: [] as object[], total: 0, next: '' as string | null, read: false,
  },
  onLoad(query: { institution?: string }) {
    this.setData({ institution: query.institution ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const page = await this.ask();
      if (fresh()) this.setData({ products: page.items.map(ranged), total: page.total, next: page.next_cursor ?? '', read: true });
    });
  },
  ask(cursor?: string) {
    const { searched, guarantee, sort, institution } = this.data;
    return call('get', '/api/v1/products', {
      query: { words: searched || undefined, guarantee: guarantee || undefined, institution: institution || undefined, sort, cursor },
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
  clear() {
    this.setData({ words: '', searched: '', guarantee: '', institution: '', sort: 'overall' });
    this.renew();
  },
  renew() {
    const { searched, guarantee, institution } = this.data;
    this.setData({ products: [], next: '', read: false, filtered: Boolean(searched || guarantee || institution) });
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
