// 找回密码: by a message code; every device and session ends.

import { call } from '../../lib/api';
import { act, demand, screen } from '../../lib/screen';

screen({
  data: { done: false },
  fault(event: WechatMiniprogram.CustomEvent<{ field: string; detail: string }>) {
    this.setData({ [`errors.${event.detail.field}`]: event.detail.detail });
  },
  async reset() {
    await act(this, 'reset', async () => {
      const { phone = '', sms_code = '', password = '', password_again = '' } = this.data.values;
      demand(this.data.values, { phone: '请输入手机号', sms_code: '请输入短信验证码', password: '请输入新密码', password_again: '请确认密码' });
      await call('post', '/api/v1/password-resets', { body: { phone: phone.trim(), sms_code, password, password_again } });
      this.setData({ done: true });
    });
  },
  back() {
    void wx.navigateBack();
  },
});
