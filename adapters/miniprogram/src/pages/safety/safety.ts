// 账号安全: devices, web sign-ins, the record of sign-ins, WeChat's binding (S-14).

import { config } from '../../config';
import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute } from '../../lib/format';
import { isProblem } from '../../lib/problem';
import { act, demand, screen, show } from '../../lib/screen';
import { keepAccess } from '../../lib/session';

type Account = Reply<'/api/v1/account', 'get'>;
type Kind = 'devices' | 'sessions';

const OUTCOMES: Record<string, string> = { ok: '登录成功', wrong_password: '密码错误', blocked: '已被限制' };

const seen = (one: Account['devices'][number]) => ({ ...one, when: minute(one.seen_at) });

screen({
  data: { account: null as Account | null, devices: [] as object[], sessions: [] as object[], signIns: [] as object[], toProve: false },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const account = await call('get', '/api/v1/account');
      if (!fresh()) return;
      this.setData({
        account,
        devices: account.devices.map(seen),
        sessions: account.sessions.map(seen),
        signIns: account.sign_ins.map((one, key) => ({ ...one, key, when: minute(one.at), said: OUTCOMES[one.outcome] ?? '没有登录' })),
      });
    }, this.data.account !== null);
  },
  async end(event: WechatMiniprogram.BaseEvent) {
    const { id, kind } = event.currentTarget.dataset as { id: string; kind: Kind };
    const { confirm } = await wx.showModal({ title: '让它退出登录？', content: '那里需要重新登录才能继续使用。', confirmText: '退出登录', cancelText: '暂不退出' });
    if (!confirm) return;
    await act(this, 'end', async () => {
      const at = { id };
      await (kind === 'devices' ? call('delete', '/api/v1/account/devices/{id}', { at }) : call('delete', '/api/v1/account/sessions/{id}', { at }));
      this.setData({ notice: '那里的登录已退出。', noticeKind: 'success' });
      await this.load();
    });
  },
  async endOthers() {
    const { confirm } = await wx.showModal({ title: '其他设备和网页全部退出？', content: '只保留这台手机上的登录，微信绑定也会解除。', confirmText: '全部退出', cancelText: '暂不退出' });
    if (!confirm) return;
    await act(this, 'others', async () => {
      const { ended } = await call('post', '/api/v1/account/sign-outs');
      this.setData({ notice: `已退出 ${ended} 处登录。`, noticeKind: 'success' });
      await this.load();
    });
  },
  async bind() {
    await act(this, 'bind', async () => {
      const { code } = await wx.login();
      await call('post', '/api/v1/account/wechat', { body: { app_id: config.appId, code } }).catch((error: unknown) => this.proveFirst(error));
      this.setData({ toProve: false, notice: '已绑定微信，下次可以一键登录。', noticeKind: 'success' });
    });
  },
  /** Who came in a while ago proves first (S-41); the binding goes on from there. */
  proveFirst(error: unknown): never {
    if (isProblem(error) && error.code === 'proof_needed') this.setData({ toProve: true });
    throw error;
  },
  async prove() {
    const done = await act(this, 'prove', async () => {
      demand(this.data.values, { sms_code: '请输入短信验证码' });
      const { access_token } = await call('post', '/api/v1/account/proofs', { body: { sms_code: this.data.values.sms_code } });
      keepAccess(access_token);
      this.setData({ 'values.sms_code': '' });
    });
    if (done) await this.bind();
  },
  async unbind() {
    const { confirm } = await wx.showModal({ title: '解除微信绑定？', content: '解除后用账号密码或短信登录。', confirmText: '解除绑定', cancelText: '暂不解除' });
    if (!confirm) return;
    await act(this, 'unbind', async () => {
      await call('delete', '/api/v1/account/wechat');
      this.setData({ notice: '已解除微信绑定。', noticeKind: 'success' });
    });
  },
});
