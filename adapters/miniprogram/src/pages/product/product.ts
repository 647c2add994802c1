// 产品详情: what the product asks and costs, where it is handled, 立即申请 (M-703, M-704).

import { call } from '../../lib/api';
import { ranged } from '../../lib/format';
import { resolve } from '../../lib/scenes';
import { screen, show } from '../../lib/screen';
import { signedIn } from '../../lib/session';
import { productCard } from '../../lib/share';

screen({
  data: { id: '', scene: '', product: null as null | { name: string; institution: { name: string } }, branches: [] as object[], methods: '', purposes: '', collateral: '' },
  /** From a list or a card by the id, from a scanned code by its signs. */
  onLoad(query: { id?: string; scene?: string }) {
    this.setData({ id: query.id ?? '', scene: query.scene ?? '' });
    void this.load?.();
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
        branches: branches.items.map((one) => ({ ...one, area: one.serves.join('、') || '全市' })),
      });
    });
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
