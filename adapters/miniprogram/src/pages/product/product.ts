// 产品详情: what the product asks and costs, how the own enterprise stands to it, where it is handled, 立即申请 (M-703, M-704).

import { call, type Reply } from '../../lib/api';
import { ranged, verdict } from '../../lib/format';
import { resolve } from '../../lib/scenes';
import { screen, show } from '../../lib/screen';
import { signedIn } from '../../lib/session';
import { productCard } from '../../lib/share';

type Product = Reply<'/api/v1/products/{id}', 'get'>;

interface Rule {
  text: string;
  tag: { label: string; kind: string } | null;
}

const plainRule = (text: string): Rule => ({ text, tag: null });

screen({
  data: {
    id: '', scene: '', product: null as Product | null, branches: [] as object[], methods: '', purposes: '', collateral: '',
    rules: [] as Rule[], standing: 'visitor' as 'visitor' | 'incomplete' | 'compared',
  },
  /** From a list or a card by the id, from a scanned code by its signs. */
  onLoad(query: { id?: string; scene?: string }) {
    this.setData({ id: query.id ?? '', scene: query.scene ?? '' });
    void this.load?.();
  },
  /** Back from signing in or from 完善信息: there is more to compare now. */
  onShow() {
    if (this.data.product && this.data.standing !== 'compared') void this.compare();
  },
  async load() {
    await show(this, async (fresh) => {
      if (this.data.scene && !this.data.id) this.setData({ id: (await resolve(this.data.scene)).product ?? '' });
      const at = { id: this.data.id };
      const [product, branches] = await Promise.all([
        call('get', '/api/v1/products/{id}', { at }),
        call('get', '/api/v1/products/{id}/branches', { at }),
      ]);
      const labels = (words: { label: string }[]) => words.map(({ label }) => label).join('、');
      if (!fresh()) return;
      this.setData({
        product: ranged(product),
        methods: labels(product.repayment_methods),
        purposes: labels(product.purposes),
        collateral: product.collateral.join('、'),
        rules: product.rules.map(plainRule),
        standing: 'visitor',
        branches: branches.items.map((one) => ({ ...one, area: one.serves.join('、') || '全市' })),
      });
    });
    await this.compare();
  },
  /** 准入条件核对: informs, decides nothing; without an answer the rules stand there as they are. */
  async compare() {
    const { product, id } = this.data;
    if (!product?.rules.length || !signedIn()) return;
    const found = await call('get', '/api/v1/products/{id}/eligibility', { at: { id } }).catch(() => undefined);
    if (!found) return;
    const rules = found.items.map(({ text, verdict: one }): Rule => ({ text, tag: one ? verdict(one) : null }));
    this.setData({ rules, standing: found.compared ? 'compared' : 'incomplete' });
  },
  /** A visitor signs in first and comes back to this product. */
  apply() {
    const url = signedIn() ? `/pages/apply/apply?product=${this.data.id}` : '/pages/enter/enter';
    void wx.navigateTo({ url });
  },
  dial(event: WechatMiniprogram.BaseEvent) {
    const { phone } = event.currentTarget.dataset as { phone: string };
    void wx.makePhoneCall({ phoneNumber: phone });
  },
  onShareAppMessage() {
    const { product, id } = this.data;
    return productCard(id, product?.name ?? '', product?.institution.name ?? '');
  },
});
