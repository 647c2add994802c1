// 申请复议: new facts for headquarters after a refusal, once (row 23).

import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute } from '../../lib/format';
import { once } from '../../lib/once';
import { act, demand, dropDraft, restore, screen, show } from '../../lib/screen';
import { keepDraft } from '../../lib/drafts';

type Detail = Reply<'/api/v1/applications/{id}', 'get'>;

function card({ application_no, product_name, refusal, appeal_until }: Detail) {
  return {
    application_no,
    product_name,
    opinion: refusal?.opinion || '-',
    reasons: refusal?.reasons.map(({ label }) => label).join('、') || '-',
    until: appeal_until ? minute(appeal_until) : '',
  };
}

screen({
  data: { id: '', record: null as ReturnType<typeof card> | null, over: '', said: '' },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  async load() {
    if (this.data.said) return;
    await show(this, async (fresh) => {
      mustBeIn();
      const record = await call('get', '/api/v1/applications/{id}', { at: { id: this.data.id } });
      if (!fresh()) return;
      const may = record.deeds.includes('reconsider');
      this.setData({ record: may ? card(record) : null, over: may ? '' : '这笔申请已经复议过，或现在不能申请复议。' });
      restore(this, `reconsider.${this.data.id}`);
    }, this.data.record !== null);
  },
  typed(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'values.facts': event.detail.value, 'errors.facts': '' });
    keepDraft(`reconsider.${this.data.id}`, this.data.values);
  },
  leave() {
    void wx.navigateBack();
  },
  async send() {
    await act(this, 'send', async () => {
      const { id, values } = this.data;
      demand(values, { facts: '请输入新情况说明' });
      const body = { facts: values.facts ?? '' };
      await once(`reconsider.${id}`, body, (key) => call('post', '/api/v1/applications/{id}/reconsideration', { at: { id }, body, key }));
      dropDraft(`reconsider.${id}`);
      this.setData({ record: null, said: '复议申请已提交，机构总部会答复您。' });
    });
  },
});
