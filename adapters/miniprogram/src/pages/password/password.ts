// 修改密码: after a fresh proof by message code (S-41); other devices and the web end.

import { call } from '../../lib/api';
import { whoami } from '../../lib/owner';
import { act, demand, screen, show } from '../../lib/screen';
import { isProblem } from '../../lib/problem';
import { keepAccess } from '../../lib/session';

screen({
  data: { proved: false, ready: false, done: false },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async () => {
      const me = await whoami();
      this.setData({ proved: me.freshly_proved, ready: true });
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
  async save() {
    await act(this, 'save', async () => {
      const { current_password = '', password = '', password_again = '' } = this.data.values;
      demand(this.data.values, { current_password: '请输入当前密码', password: '请输入新密码', password_again: '请确认密码' });
      await call('put', '/api/v1/account/password', { body: { current_password, password, password_again } }).catch((error: unknown) => this.proveAgain(error));
      this.setData({ done: true });
    });
  },
  /** A proof lasts five minutes; whoever took longer is led to the next one, with what was typed. */
  proveAgain(error: unknown): never {
    if (isProblem(error) && error.code === 'proof_needed') this.setData({ proved: false });
    throw error;
  },
  back() {
    void wx.navigateBack();
  },
});
