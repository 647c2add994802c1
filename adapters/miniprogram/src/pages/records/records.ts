// 申请记录 (M-801, A-32): what was sent, with the two status columns; what waits for the face check; what is still a draft.

import { call, mustBeIn, type Reply } from '../../lib/api';
import { instant, minute, tag, unit } from '../../lib/format';
import { act, more, screen, show } from '../../lib/screen';

type Line = Reply<'/api/v1/applications', 'get'>['items'][number];

function card(line: Line) {
  return { ...line, at: instant(line.applied_at), intake: tag('intake', line.intake_status), review: tag('review', line.review_status), unitText: unit(line.term_unit) };
}

screen({
  data: { records: [] as object[], drafts: [] as object[], next: '' as string | null, read: false },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const [first, drafts] = await Promise.all([call('get', '/api/v1/applications'), call('get', '/api/v1/drafts')]);
      let { items, next_cursor: next } = first;
      // As far as the person had read on.
      while (next && items.length < this.data.records.length && fresh()) {
        const page = await call('get', '/api/v1/applications', { query: { cursor: next } });
        items = [...items, ...page.items];
        next = page.next_cursor;
      }
      if (!fresh()) return;
      this.setData({
        records: items.map(card),
        next: next ?? '',
        drafts: drafts.items.map((one) => ({ ...one, at: minute(one.saved_at), waits: one.state === 'pending_face' })),
        read: true,
      });
    }, this.data.read);
  },
  /** Back from a record that was withdrawn there: the list keeps its place and tells the new state. */
  onShow() {
    if (this.data.read) void this.load();
  },
  async onReachBottom() {
    const cursor = this.data.next;
    if (!cursor) return;
    await more(this, async (fresh) => {
      const page = await call('get', '/api/v1/applications', { query: { cursor } });
      if (fresh()) this.setData({ records: [...this.data.records, ...page.items.map(card)], next: page.next_cursor ?? '' });
    });
  },
  goOn(event: WechatMiniprogram.BaseEvent) {
    const { product, waits } = event.currentTarget.dataset as { product: string; waits: boolean };
    void wx.navigateTo({ url: waits ? '/pages/face/face?for=apply' : `/pages/apply/apply?product=${product}` });
  },
  async drop(event: WechatMiniprogram.BaseEvent) {
    const { id, waits } = event.currentTarget.dataset as { id: string; waits: boolean };
    const title = waits ? '放弃核身，退回草稿？' : '删除草稿？';
    const { confirm } = await wx.showModal({ title, content: waits ? '退回后可以修改，再次提交。' : '删除后不能恢复。', confirmText: waits ? '退回草稿' : '删除', cancelText: '不' + (waits ? '退回' : '删除') });
    if (!confirm) return;
    await act(this, 'drop', async () => {
      const at = { id };
      await (waits ? call('delete', '/api/v1/drafts/{id}/submission', { at }) : call('delete', '/api/v1/drafts/{id}', { at }));
      await this.load();
    });
  },
  toMarket() {
    void wx.switchTab({ url: '/pages/market/market' });
  },
});
