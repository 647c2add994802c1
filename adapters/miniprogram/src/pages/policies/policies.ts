// 惠企政策 and 新闻资讯: lists with a search.

import { call } from '../../lib/api';
import { day } from '../../lib/format';
import { more, screen, show } from '../../lib/screen';
import { platformCard } from '../../lib/share';

type Kind = 'policy' | 'news';

screen({
  data: { kind: 'policy' as Kind, words: '', searched: '', items: [] as object[], next: '' as string | null, read: false },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const page = await this.ask();
      if (fresh()) this.setData({ items: page.items.map((one) => ({ ...one, on: day(one.published_at) })), next: page.next_cursor ?? '', read: true });
    });
  },
  ask(cursor?: string) {
    const query = { words: this.data.searched || undefined, cursor };
    return this.data.kind === 'policy' ? call('get', '/api/v1/policies', { query }) : call('get', '/api/v1/news', { query });
  },
  typed(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ words: event.detail.value });
  },
  search() {
    this.setData({ searched: this.data.words.trim(), items: [], next: '', read: false });
    void this.load();
  },
  turn(event: WechatMiniprogram.BaseEvent) {
    this.setData({ kind: (event.currentTarget.dataset as { kind: Kind }).kind, items: [], next: '', read: false });
    void this.load();
  },
  async onReachBottom() {
    const cursor = this.data.next;
    if (!cursor) return;
    await more(this, async (fresh) => {
      const page = await this.ask(cursor);
      if (!fresh()) return;
      const more = page.items.map((one) => ({ ...one, on: day(one.published_at) }));
      this.setData({ items: [...this.data.items, ...more], next: page.next_cursor ?? '' });
    });
  },
  onShareAppMessage: platformCard,
});
