// 答复转派: whether another branch may take the request over (row 17).

import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute } from '../../lib/format';
import { once } from '../../lib/once';
import { act, demand, screen, show } from '../../lib/screen';

type Question = NonNullable<Reply<'/api/v1/applications/{id}', 'get'>['move_asked']>;

screen({
  data: { id: '', asked: null as (Question & { when: string }) | null, may: false, over: false, said: '' },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  async load() {
    if (this.data.said) return;
    await show(this, async (fresh) => {
      mustBeIn();
      const { move_asked: asked, deeds } = await call('get', '/api/v1/applications/{id}', { at: { id: this.data.id } });
      if (!fresh()) return;
      this.setData({ asked: asked ? { ...asked, when: minute(asked.asked_at) } : null, may: deeds.includes('answer_move'), over: !asked });
    }, this.data.asked !== null);
  },
  choose(event: WechatMiniprogram.BaseEvent) {
    const { answer } = event.currentTarget.dataset as { answer: string };
    this.setData({ 'values.agreed': answer, 'errors.agreed': '' });
  },
  leave() {
    void wx.navigateBack();
  },
  async send() {
    await act(this, 'send', async () => {
      const { id, values } = this.data;
      demand(values, { agreed: '请选择是否同意' });
      const body = { agreed: values.agreed === 'yes', move_note: values.move_note ?? '' };
      await once(`move.${id}`, body, (key) => call('post', '/api/v1/applications/{id}/move', { at: { id }, body, key }));
      this.setData({ asked: null, said: '您的答复已送达金融机构。' });
    });
  },
});
