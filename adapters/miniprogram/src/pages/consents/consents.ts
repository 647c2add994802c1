// 授权记录: what was agreed to, for whom, its withdrawal, and the way to 重新授权 (S-32, S-33).

import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute } from '../../lib/format';
import { once } from '../../lib/once';
import { act, more, screen, show } from '../../lib/screen';

type Consent = Reply<'/api/v1/consents', 'get'>['items'][number];

const row = (one: Consent) => ({ ...one, granted: minute(one.granted_at), ended: one.withdrawn_at ? minute(one.withdrawn_at) : '' });

screen({
  data: { rows: [] as ReturnType<typeof row>[], next: '' as string | null, mayWithdraw: false, read: false },
  onLoad() {
    void this.load();
  },
  /** Back from 重新授权: what it granted anew stands on the list. */
  onShow() {
    if (this.data.rows.some(({ renew }) => renew)) void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const found = await call('get', '/api/v1/consents');
      if (fresh()) this.setData({ rows: found.items.map(row), next: found.next_cursor ?? '', mayWithdraw: found.may_withdraw, read: true });
    }, this.data.read);
  },
  async onReachBottom() {
    const cursor = this.data.next;
    if (!cursor) return;
    await more(this, async (fresh) => {
      const found = await call('get', '/api/v1/consents', { query: { cursor } });
      if (fresh()) this.setData({ rows: [...this.data.rows, ...found.items.map(row)], next: found.next_cursor ?? '' });
    });
  },
  async withdraw(event: WechatMiniprogram.BaseEvent) {
    const { at } = event.currentTarget.dataset as { at: number };
    const one = this.data.rows[at];
    const { confirm } = await wx.showModal({ title: '撤回授权？', content: `撤回后不再据此使用您的信息，已经做过的不受影响。授权：${one.title}`, confirmText: '撤回授权', cancelText: '暂不撤回' });
    if (!confirm) return;
    await act(this, 'withdraw', async () => {
      const at = { id: one.id };
      await once(`consent.${one.id}`, at, (key) => call('post', '/api/v1/consents/{id}/withdrawal', { at, key }));
      this.setData({ notice: '授权已撤回。', noticeKind: 'success' });
      await this.load();
    });
  },
});
