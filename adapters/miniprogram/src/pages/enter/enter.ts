// 登录: by WeChat, by password, by message code; or on to the registration (M-603, A-08).

import { config } from '../../config';
import { call, type Reply } from '../../lib/api';
import { Problem } from '../../lib/problem';
import { arrive } from '../../lib/owner';
import { act, comeBack, demand, screen, tell } from '../../lib/screen';
import { enterByWechat, keep, signedIn } from '../../lib/session';

type Way = 'password' | 'sms';

interface Captcha {
  draw(): Promise<void>;
}

screen({
  data: { platform: config.platform, way: 'password' as Way, bind: false, unbound: false, left: false },
  onHide() {
    this.setData({ left: true });
  },
  /** Back by the phone's own way from what followed 注册成功: there is nothing to do here any more. */
  onShow() {
    if (this.data.left && signedIn() && !this.data.busy) comeBack();
  },
  async byWechat() {
    await act(this, 'wechat', async () => {
      if (await enterByWechat()) {
        await arrive();
        comeBack();
      } else this.setData({ unbound: true, notice: '这个微信还没有绑定账号。请用账号登录，或立即注册。', noticeKind: 'info' });
    });
  },
  turn(event: WechatMiniprogram.BaseEvent) {
    this.setData({ way: (event.currentTarget.dataset as { way: Way }).way, errors: {}, faults: [], notice: '' });
  },
  toggle() {
    this.setData({ bind: !this.data.bind });
  },
  fault(event: WechatMiniprogram.CustomEvent<{ field: string; detail: string }>) {
    this.setData({ [`errors.${event.detail.field}`]: event.detail.detail });
  },
  async enter() {
    const done = await act(this, 'enter', async () => {
      keep(this.data.way === 'password' ? await this.byPassword() : await this.byCode());
      await arrive();
      if (this.data.bind) await this.bindWechat();
      comeBack();
    });
    // One look at the answer: whatever came of it, the next try needs another picture.
    if (!done) void (this.selectComponent('#captcha') as unknown as Captcha | null)?.draw();
  },
  byPassword(): Promise<Reply<'/api/v1/tokens/password', 'post'>> {
    const { account = '', password = '', captcha = '' } = this.data.values;
    demand(this.data.values, { account: '请输入账号', password: '请输入密码', captcha: '请输入图形验证码' });
    return call('post', '/api/v1/tokens/password', { body: { account: account.trim(), password, captcha } });
  },
  byCode(): Promise<Reply<'/api/v1/tokens/sms', 'post'>> {
    const { phone = '', sms_code = '' } = this.data.values;
    demand(this.data.values, { phone: '请输入手机号', sms_code: '请输入短信验证码' });
    return call('post', '/api/v1/tokens/sms', { body: { phone: phone.trim(), sms_code } });
  },
  /** Signed in is signed in: a binding that fails is told and costs nothing. */
  async bindWechat() {
    try {
      const { code } = await wx.login();
      await call('post', '/api/v1/account/wechat', { body: { app_id: config.appId, code } });
    } catch (error) {
      if (!(error instanceof Problem)) tell(this, error);
      else void wx.showModal({ title: '已登录，微信没有绑定', content: error.message, showCancel: false });
    }
  },
});
