// 设置: 大字版, privacy, texts, who runs the platform.

import { city } from '../../lib/agreements';
import { config } from '../../config';
import { screen, show } from '../../lib/screen';
import { isLarge, setLarge, typeClass } from '../../lib/type';

screen({
  data: { large: false, platform: config.platform, texts: [] as { code: string; title: string }[], operator: '', address: '', icp: '' },
  onLoad() {
    this.setData({ large: isLarge() });
    void this.load();
  },
  async load() {
    await show(this, async () => {
      const facts = await city();
      this.setData({ texts: facts.agreements.map(({ code, title }) => ({ code, title })), operator: facts.operator_name, address: facts.operator_address, icp: facts.icp });
    });
  },
  turn() {
    setLarge(!this.data.large);
    this.setData({ large: isLarge(), type: typeClass() });
  },
  privacy() {
    wx.openPrivacyContract({});
  },
  permissions() {
    void wx.openSetting();
  },
});
