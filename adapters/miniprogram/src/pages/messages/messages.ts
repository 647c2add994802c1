// 消息: newest first; a message about a request leads to it.

import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute } from '../../lib/format';
import { pageOf } from '../../lib/links';
import { act, more, screen, show } from '../../lib/screen';

type Message = Reply<'/api/v1/messages', 'get'>['items'][number];

function row(message: Message) {
  return { ...message, when: minute(message.at), page: pageOf(message.link) };
}

screen({
  data: { messages: [] as ReturnType<typeof row>[], unread: 0, next: '' as string | null, read: false, opened: '' },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const found = await call('get', '/api/v1/messages');
      if (fresh()) this.setData({ messages: found.items.map(row), unread: found.unread, next: found.next_cursor ?? '', read: true });
    }, this.data.read);
  },
  async look(event: WechatMiniprogram.BaseEvent) {
    const { at } = event.currentTarget.dataset as { at: number };
    const message = this.data.messages[at];
    this.setData({ opened: this.data.opened === message.id ? '' : message.id });
    if (message.read) return;
    await act(this, 'read', async () => {
      await call('post', '/api/v1/messages/{id}/reading', { at: { id: message.id } });
      this.setData({ [`messages[${at}].read`]: true, unread: Math.max(0, this.data.unread - 1) });
    });
  },
  async readAll() {
    await act(this, 'all', async () => {
      await call('post', '/api/v1/messages/readings');
      await this.load();
    });
  },
  async onReachBottom() {
    const cursor = this.data.next;
    if (!cursor) return;
    await more(this, async (fresh) => {
      const found = await call('get', '/api/v1/messages', { query: { cursor } });
      if (fresh()) this.setData({ messages: [...this.data.messages, ...found.items.map(row)], next: found.next_cursor ?? '' });
    });
  },
});
