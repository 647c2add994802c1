// 申请详情: the twelve values, the timeline, what the bank asks for (F-9), what came of it, and what may be done.

import { call, type Reply } from '../../lib/api';
import { day, grouped, instant, minute, plain, tag, unit } from '../../lib/format';
import { once } from '../../lib/once';
import { act, screen, show } from '../../lib/screen';

type Detail = Reply<'/api/v1/applications/{id}', 'get'>;

function step(event: Detail['timeline'][number], key: number) {
  const { intake_status: intake, review_status: review } = event;
  const columns = intake && review ? `接单状态：${intake.label}　审核状态：${review.label}` : '';
  return { ...event, key, when: minute(event.at), columns };
}

function drawn(one: Detail['draws'][number]) {
  const due = one.due_on ? `，到期日期 ${one.due_on}` : '';
  return { id: one.id, tag: tag('draw', one.state), name: `第 ${one.number} 笔 ${grouped(one.amount)} 万元`, line: `放款日期 ${one.drawn_on}${due}，合同编号 ${one.contract_no}` };
}

/** How a 复议 stands, in one sentence. */
function appealed({ appeal }: Detail): string {
  if (!appeal) return '';
  return `您于 ${minute(appeal.asked_at)} 申请复议，${appeal.status.label}。${appeal.note ? `机构总部的说明：${appeal.note}` : ''}`;
}

function card(record: Detail) {
  return {
    ...record,
    at: instant(record.applied_at),
    intake: tag('intake', record.intake_status),
    review: tag('review', record.review_status),
    paid: record.disbursement ? tag('loan', record.disbursement) : null,
    draws: record.draws.map(drawn),
    appealed: appealed(record),
    appealBy: record.appeal_until ? minute(record.appeal_until) : '',
    unitText: unit(record.term_unit),
    may: Object.fromEntries(record.deeds.map((deed) => [deed, true])),
  };
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
