// 核对信息, then 立即申请 (M-706): once, whatever the network does. New versions of accepted agreements come before it.

import { shown, ticked, type Tick } from '../../lib/agreements';
import { call, type Reply } from '../../lib/api';
import { grouped, plain, unit } from '../../lib/format';
import { once } from '../../lib/once';
import { isProblem } from '../../lib/problem';
import { act, screen, show } from '../../lib/screen';

type Owed = Reply<'/api/v1/consents/owed', 'get'>['items'];
type Check = Reply<'/api/v1/products/{id}/application-check', 'get'>;

screen({
  data: {
    product: '', check: null as Check | null, asked: [] as { name: string; value: string }[], twins: '', cooling: '', again: false,
    owed: [] as Owed, codes: [] as string[], agreed: [] as object[], terms: [] as object[],
  },
  onLoad(query: { product?: string }) {
    this.setData({ product: query.product ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const [check, agreed, terms] = await Promise.all([
        call('get', '/api/v1/products/{id}/application-check', { at: { id: this.data.product } }),
        ticked('apply'),
        shown('apply'),
      ]);
      if (!fresh()) return;
      const cooling = check.cool_down?.message ?? '';
      this.setData({
        check,
        cooling,
        agreed,
        terms,
        // Whoever has to wait is not asked about other requests.
        twins: cooling ? '' : check.duplicates.join('、'),
        asked: [
          { name: '期望融资金额', value: `${grouped(plain(check.amount))} 万元（人民币 ${grouped(check.amount_yuan)} 元）` },
          { name: '期望融资期限', value: `${check.term} ${unit(check.term_unit)}` },
          { name: '期望融资利率', value: `${check.rate}%/年` },
          { name: '受理支行', value: check.branch.name },
        ],
      });
      await this.ask();
    });
  },
  /** 须重新同意: which texts have a new version that this person has not accepted yet. */
  async ask() {
    const { items } = await call('get', '/api/v1/consents/owed');
    this.setData({ owed: items, codes: items.map(({ code }) => code) });
  },
  async accept() {
    await act(this, 'accept', async () => {
      const agreements = (this.selectComponent('#ticks') as unknown as { ticks(): Tick[] }).ticks();
      await call('post', '/api/v1/consents/owed', { body: { agreements } });
      this.setData({ owed: [], codes: [], notice: '已记录您对新版协议的同意。', noticeKind: 'success' });
    });
  },
  toggle() {
    this.setData({ again: !this.data.again });
  },
  change() {
    void wx.navigateBack();
  },
  toMarket() {
    void wx.switchTab({ url: '/pages/market/market' });
  },
  async apply() {
    const { check, again, twins } = this.data;
    if (!check) return;
    if (twins && !again) {
      this.setData({ notice: '同一产品和支行已有在办理的融资需求。确需再提交一笔，请先勾选“仍要提交”。', noticeKind: 'warning' });
      return;
    }
    const body = { version: check.version, confirm_duplicate: again };
    const id = check.draft;
    await act(this, 'apply', async () => {
      const applied = await once(`apply.${id}`, body, (key) => call('post', '/api/v1/drafts/{id}/submission', { at: { id }, body, key })).catch(async (error: unknown) => {
        if (isProblem(error) && error.code === 'agreements.owed') await this.ask();
        throw error;
      });
      const url = applied.state === 'pending_face' ? '/pages/face/face?for=apply' : `/pages/done/done?what=apply&id=${applied.application}&no=${applied.application_no ?? ''}`;
      void wx.redirectTo({ url });
    });
  },
});
