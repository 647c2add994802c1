// 更换手机号: a proof by the old one, a code to the new one (S-41).

import { call } from '../../lib/api';
import { whoami } from '../../lib/owner';
import { act, demand, screen, show } from '../../lib/screen';
import { isProblem } from '../../lib/problem';
import { keepAccess } from '../../lib/session';

screen({
  data: { proved: false, ready: false, done: false, masked: '' },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async () => {
      const me = await whoami();
      this.setData({ proved: me.freshly_proved, ready: true, masked: me.phone_masked });
    });
  },
  async prove() {
    await act(this, 'prove', async () => {
      demand(this.data.values, { sms_code: '请输入短信验证码' });
      const { access_token } = await call('post', '/api/v1/account/proofs', { body: { sms_code: this.data.values.sms_code } });
      keepAccess(access_token);
      this.setData({ proved: true, 'values.sms_code': '' });
    });
  },
  fault(event: WechatMiniprogram.CustomEvent<{ field: string; detail: string }>) {
    this.setData({ [`errors.${event.detail.field}`]: event.detail.detail });
  },
  async save() {
    await act(this, 'save', async () => {
      const { phone = '', sms_code = '' } = this.data.values;
      demand(this.data.values, { phone: '请输入新手机号', sms_code: '请输入短信验证码' });
      await call('put', '/api/v1/account/phone', { body: { phone: phone.trim(), sms_code } }).catch((error: unknown) => this.proveAgain(error));
      this.setData({ done: true });
    });
  },
  /** A proof lasts five minutes; whoever took longer is led to the next one. */
  proveAgain(error: unknown): never {
    if (isProblem(error) && error.code === 'proof_needed') this.setData({ proved: false, 'values.sms_code': '' });
    throw error;
  },
  back() {
    void wx.navigateBack();
  },
});
