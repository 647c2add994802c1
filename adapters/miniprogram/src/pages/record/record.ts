// 申请详情: the twelve values, the timeline, 撤回, 重新授权, and what the bank asks for (F-9).

import { call, type Reply } from '../../lib/api';
import { day, instant, minute, plain, tag, unit } from '../../lib/format';
import { once } from '../../lib/once';
import { act, screen, show } from '../../lib/screen';

type Detail = Reply<'/api/v1/applications/{id}', 'get'>;

function step(event: Detail['timeline'][number], key: number) {
  const { intake_status: intake, review_status: review } = event;
  const columns = intake && review ? `接单状态：${intake.label}　审核状态：${review.label}` : '';
  return { ...event, key, when: minute(event.at), columns };
}

function card(record: Detail) {
  return { ...record, at: instant(record.applied_at), intake: tag('intake', record.intake_status), review: tag('review', record.review_status), unitText: unit(record.term_unit) };
}

screen({
  data: { id: '', record: null as ReturnType<typeof card> | null, steps: [] as object[], asked: '', due: '', items: 0, withdrawing: false },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  onShow() {
    if (this.data.record) void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const record = await call('get', '/api/v1/applications/{id}', { at: { id: this.data.id } });
      const differs = record.asked_amount !== record.amount || record.asked_rate !== record.rate || record.asked_term !== record.term;
      const { supplement } = record;
      if (!fresh()) return;
      this.setData({
        record: card(record),
        steps: record.timeline.map(step),
        asked: differs ? `${plain(record.asked_amount)} 万元，${record.asked_term} ${unit(record.term_unit)}，${record.asked_rate}%/年` : '',
        items: supplement?.items.length ?? 0,
        due: supplement?.due ? day(supplement.due) : '',
      });
    }, this.data.record !== null);
  },
  ask() {
    this.setData({ withdrawing: true });
  },
  stay() {
    this.setData({ withdrawing: false });
  },
  async withdraw() {
    await act(this, 'withdraw', async () => {
      const at = { id: this.data.id };
      const body = { reason: this.data.values.reason ?? '' };
      await once(`withdraw.${at.id}`, body, (key) => call('post', '/api/v1/applications/{id}/withdrawal', { at, body, key }));
      this.setData({ withdrawing: false, notice: '申请已撤回。', noticeKind: 'success' });
      await this.load();
    });
  },
  again() {
    const { record, id } = this.data;
    void wx.navigateTo({ url: `/pages/apply/apply?product=${record?.product ?? ''}&again=${id}` });
  },
  copy() {
    void wx.setClipboardData({ data: this.data.record?.application_no ?? '' });
  },
});
