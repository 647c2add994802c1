// 需求申请 (M-704, M-705): the four fields and 服务及授权协议. Kept as a draft by the platform whenever the page is left.

import { shown, type Tick } from '../../lib/agreements';
import { call, type Reply } from '../../lib/api';
import { whoami } from '../../lib/owner';
import { plain, ranged, unit } from '../../lib/format';
import { Problem } from '../../lib/problem';
import { keepDraft } from '../../lib/drafts';
import { act, demand, dropDraft, restore, screen, show } from '../../lib/screen';

type Form = Reply<'/api/v1/products/{id}/application-form', 'get'>;

screen({
  draftName: '',
  data: {
    product: '', again: '', name: '', offer: null as object | null, branches: [] as { code: string; label: string; note: string }[], unitText: '年',
    amountHint: '', rateHint: '', termHint: '', cooling: '', closed: false, frozen: false, complete: true,
    terms: [] as { code: string; short_title: string }[],
  },
  onLoad(query: { product?: string; again?: string }) {
    this.setData({ product: query.product ?? '', again: query.again ?? '' });
    void this.load();
  },
  /** Back from 完善信息: whether it is complete now. */
  async onShow() {
    if (this.data.complete || !this.data.name) return;
    const me = await whoami().catch(() => undefined);
    if (me?.profile_complete) this.setData({ complete: true, notice: '企业信息已完善，请核对后继续。', noticeKind: 'success' });
  },
  async load() {
    await show(this, async () => {
      const { product, again } = this.data;
      const [form, terms] = await Promise.all([
        call('get', '/api/v1/products/{id}/application-form', { at: { id: product }, query: { again: again || undefined } }),
        shown('apply'),
      ]);
      this.setData({ terms });
      this.fill(form);
    });
  },
  fill(form: Form) {
    const { amount, term, rate, branch } = form.typed;
    this.setData({
      name: form.product_name,
      closed: !form.offer,
      frozen: form.frozen,
      complete: form.profile_complete,
      cooling: form.cool_down?.message ?? '',
      branches: form.branches.map((one) => ({ code: one.id, label: one.name, note: one.address })),
      values: { amount, term, rate, branch },
    });
    if (form.offer) {
      const offer = ranged(form.offer);
      this.setData({ offer, unitText: unit(form.offer.term_unit), amountHint: `${offer.amountText}之间`, rateHint: offer.rateText, termHint: `${offer.termText}之间` });
    }
    // What was typed on this phone and did not reach the platform.
    restore(this, `apply.${this.data.product}`);
  },
  typed(event: WechatMiniprogram.CustomEvent<{ name: string; value: string }>) {
    const { name, value } = event.detail;
    this.setData({ [`values.${name}`]: value, [`errors.${name}`]: '' });
    keepDraft(`apply.${this.data.product}`, this.data.values);
  },
  body() {
    const { amount = '', term = '', rate = '', branch = '' } = this.data.values;
    const ticks = this.selectComponent('#ticks') as unknown as { ticks(): Tick[] } | null;
    return { product: this.data.product, amount: plain(amount.trim()), term: term.trim(), rate: rate.trim(), branch, agreements: ticks?.ticks() ?? [], again: this.data.again || undefined };
  },
  async next() {
    await act(this, 'next', async () => {
      demand(this.data.values, { amount: '请输入期望融资金额', term: '请输入期望融资期限', rate: '请输入期望融资利率', branch: '请选择受理支行' });
      const saved = await call('put', '/api/v1/drafts', { body: this.body() });
      dropDraft(`apply.${this.data.product}`);
      if (saved.next === 'fix') throw new Problem('refused', '请按提示修改。', { fields: saved.problems });
      if (saved.next === 'profile') {
        this.setData({ complete: false, notice: '内容已保存为草稿。请先完善企业信息，再回到这里提交。', noticeKind: 'warning' });
        void wx.navigateTo({ url: '/pages/profile/profile?for=apply' });
        return;
      }
      void wx.navigateTo({ url: `/pages/check/check?product=${this.data.product}` });
    });
  },
  toMarket() {
    void wx.switchTab({ url: '/pages/market/market' });
  },
  async keep() {
    await act(this, 'keep', async () => {
      await call('put', '/api/v1/drafts', { body: this.body() });
      dropDraft(`apply.${this.data.product}`);
      this.setData({ notice: '草稿已保存，可以在申请记录中继续填写。', noticeKind: 'success' });
    });
  },
});
