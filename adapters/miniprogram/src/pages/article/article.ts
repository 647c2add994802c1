// 政策, 资讯: the whole text.

import { call } from '../../lib/api';
import { day } from '../../lib/format';
import { screen, show } from '../../lib/screen';
import { articleCard } from '../../lib/share';
import { paragraphs } from '../../lib/text';

screen({
  data: { id: '', kind: 'policy', article: null as null | { title: string }, parts: [] as object[], on: '' },
  onLoad(query: { id?: string; kind?: string }) {
    this.setData({ id: query.id ?? '', kind: query.kind === 'news' ? 'news' : 'policy' });
    void this.load?.();
  },
  async load() {
    await show(this, async (fresh) => {
      const at = { id: this.data.id };
      const article = this.data.kind === 'policy' ? await call('get', '/api/v1/policies/{id}', { at }) : await call('get', '/api/v1/news/{id}', { at });
      if (!fresh()) return;
      this.setData({ article, parts: paragraphs(article.body), on: day(article.published_at) });
      void wx.setNavigationBarTitle({ title: this.data.kind === 'policy' ? '惠企政策' : '新闻资讯' });
    });
  },
  onShareAppMessage() {
    return articleCard(this.data.kind, this.data.id, this.data.article?.title ?? '');
  },
});
