// 首页: what the platform is for, the way to a product, what is new.

import { config } from '../../config';
import { call } from '../../lib/api';
import { day, ranged } from '../../lib/format';
import { screen, show } from '../../lib/screen';
import { platformCard } from '../../lib/share';

screen({
  data: { platform: config.platform, name: config.name, hotline: config.hotline, tagline: '', hours: '', icp: '', products: [] as object[], policies: [] as object[], news: [] as object[] },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const [city, products, policies, news] = await Promise.all([
        call('get', '/api/v1/city'),
        call('get', '/api/v1/products', { query: { limit: 4 } }),
        call('get', '/api/v1/policies', { query: { limit: 3 } }),
        call('get', '/api/v1/news', { query: { limit: 3 } }),
      ]);
      if (!fresh()) return;
      this.setData({
        tagline: city.tagline,
        hours: city.hotline_hours,
        icp: city.icp,
        products: products.items.map(ranged),
        policies: policies.items.map((one) => ({ ...one, on: day(one.published_at) })),
        news: news.items.map((one) => ({ ...one, on: day(one.published_at) })),
      });
    }, this.data.products.length > 0);
  },
  toMarket() {
    void wx.switchTab({ url: '/pages/market/market' });
  },
  toPolicies() {
    void wx.switchTab({ url: '/pages/policies/policies' });
  },
  dial() {
    void wx.makePhoneCall({ phoneNumber: config.hotline });
  },
  onShareAppMessage: platformCard,
});
