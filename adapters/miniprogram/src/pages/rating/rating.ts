// 评价受理支行 (W22): three kinds of stars and some words, once; afterwards what was said and answered.

import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute } from '../../lib/format';
import { once } from '../../lib/once';
import { act, demand, screen, show } from '../../lib/screen';

type Own = Reply<'/api/v1/applications/{id}/rating', 'get'>;

const STARS = [
  { code: '5', label: '5 星，很满意' },
  { code: '4', label: '4 星，满意' },
  { code: '3', label: '3 星，一般' },
  { code: '2', label: '2 星，不满意' },
  { code: '1', label: '1 星，很不满意' },
];

const THINGS = [
  { name: 'speed', label: '办理效率' },
  { name: 'service', label: '服务态度' },
  { name: 'openness', label: '费用与条件透明' },
] as const;

function card(own: Own) {
  const { rating } = own;
  return { ...own, when: rating ? minute(rating.rated_at) : '', given: rating ? THINGS.map(({ name, label }) => ({ label, stars: `${rating[name]} 星` })) : [] };
}

screen({
  data: { id: '', own: null as ReturnType<typeof card> | null, stars: STARS, things: [...THINGS] },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const own = await call('get', '/api/v1/applications/{id}/rating', { at: { id: this.data.id } });
      if (fresh()) this.setData({ own: card(own) });
    }, this.data.own !== null);
  },
  async send() {
    await act(this, 'send', async () => {
      const { id, values } = this.data;
      demand(values, Object.fromEntries(THINGS.map(({ name, label }) => [name, `请为${label}选择星级`])));
      const body = { speed: Number(values.speed), service: Number(values.service), openness: Number(values.openness), rating_words: values.rating_words ?? '' };
      await once(`rating.${id}`, body, (key) => call('post', '/api/v1/applications/{id}/rating', { at: { id }, body, key }));
      this.setData({ notice: '感谢您的评价。', noticeKind: 'success' });
      await this.load();
      void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    });
  },
});
