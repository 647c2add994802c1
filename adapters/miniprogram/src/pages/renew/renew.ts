// 重新授权: the texts whose consent was withdrawn while its application is under way, read, ticked and granted anew (S-32, S-33).

import type { Tick } from '../../lib/agreements';
import { call, mustBeIn, type Reply } from '../../lib/api';
import { once } from '../../lib/once';
import { act, screen, show } from '../../lib/screen';

type Sheet = Reply<'/api/v1/applications/{id}/consents', 'get'>;

screen({
  data: { id: '', sheet: null as Sheet | null, codes: [] as string[], done: false },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const sheet = await call('get', '/api/v1/applications/{id}/consents', { at: { id: this.data.id } });
      if (fresh()) this.setData({ sheet, codes: sheet.texts.map(({ code }) => code) });
    });
  },
  async renew() {
    await act(this, 'renew', async () => {
      const at = { id: this.data.id };
      const agreements = (this.selectComponent('#ticks') as unknown as { ticks(): Tick[] }).ticks();
      const body = { agreements };
      await once(`renew.${at.id}`, body, (key) => call('post', '/api/v1/applications/{id}/consents', { at, body, key }));
      this.setData({ done: true, notice: '已重新授权，受理支行可以继续办理。', noticeKind: 'success' });
    });
  },
  back() {
    void wx.navigateBack();
  },
});
