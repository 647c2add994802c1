// 我的 个人中心: 点击登录/注册, 我的企业 with its ！ (M-802), records, messages, safety.

import { config } from '../../config';
import { call } from '../../lib/api';
import { whoami } from '../../lib/owner';
import { screen, show } from '../../lib/screen';
import { leave, signedIn } from '../../lib/session';
import { platformCard } from '../../lib/share';

screen({
  data: { signedIn: false, hotline: config.hotline, enterprise: '', phone: '', complete: true, missing: '', verified: false, unread: 0 },
  /** Read anew whenever the tab is shown: what was completed elsewhere shows without signing in again. */
  onShow() {
    void this.load();
  },
  async load() {
    if (!signedIn()) {
      this.setData({ signedIn: false, problem: '', loading: false });
      return;
    }
    await show(this, async (fresh) => {
      const me = await whoami();
      if (!fresh()) return;
      this.setData({
        signedIn: true,
        enterprise: me.enterprise_name,
        phone: me.phone_masked,
        complete: me.profile_complete,
        missing: me.missing.map(({ label }) => label).join('、'),
        verified: me.face_verified,
        unread: me.unread_messages,
      });
    }, this.data.signedIn);
    if (this.data.needsLogin) this.setData({ signedIn: false, problem: '' });
  },
  async signOut() {
    const { confirm } = await wx.showModal({ title: '退出登录？', content: '未提交的内容会从本机清除。', confirmText: '退出登录', cancelText: '暂不退出' });
    if (!confirm) return;
    // Signed out here even when the platform cannot be told now; its token ends by itself.
    await call('delete', '/api/v1/tokens/current').catch(() => undefined);
    leave();
    this.setData({ signedIn: false, problem: '', enterprise: '', phone: '' });
  },
  dial() {
    void wx.makePhoneCall({ phoneNumber: config.hotline });
  },
  onShareAppMessage: platformCard,
});
