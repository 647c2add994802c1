// 提交成功, 注册成功: what was done and what comes next.

import { config } from '../../config';
import { call } from '../../lib/api';
import { random } from '../../lib/device';
import { act, comeBack, screen } from '../../lib/screen';

type Offer = { template_id: string };

screen({
  data: { what: 'apply', no: '', id: '', hotline: config.hotline, title: '', lead: '', templates: [] as string[], told: false, complete: true },
  onLoad(query: { what?: string; no?: string; id?: string }) {
    const registered = query.what === 'register';
    this.setData({
      what: registered ? 'register' : 'apply',
      no: query.no ?? '',
      id: query.id ?? '',
      title: registered ? '注册成功' : '提交成功',
      lead: registered ? '账号已登录。完善企业信息后，就可以提交融资需求。' : '融资需求已送达受理支行，由银行审核。',
    });
    void wx.setNavigationBarTitle({ title: this.data.title });
    void this.prepare();
  },
  /** Messages that WeChat may bring; without them everything is in 消息 all the same. */
  async prepare() {
    if (this.data.what === 'register') return;
    const offers = await call('get', '/api/v1/subscriptions').catch(() => undefined);
    this.setData({ templates: (offers?.items ?? []).map(({ template_id }: Offer) => template_id).slice(0, 3) });
  },
  async subscribe() {
    await act(this, 'subscribe', async () => {
      const { templates } = this.data;
      const answer = (await wx.requestSubscribeMessage({ tmplIds: templates }).catch(() => ({}))) as Record<string, string>;
      const template_ids = templates.filter((id) => answer[id] === 'accept');
      if (!template_ids.length) {
        this.setData({ notice: '没有订阅。进度仍会在“消息”中告知。', noticeKind: 'info' });
        return;
      }
      await call('post', '/api/v1/subscriptions', { body: { template_ids }, key: await random() });
      this.setData({ told: true, notice: '已订阅，进度变化时微信会通知您。', noticeKind: 'success' });
    });
  },
  copy() {
    void wx.setClipboardData({ data: this.data.no });
  },
  toRecord() {
    void wx.redirectTo({ url: this.data.id ? `/pages/record/record?id=${this.data.id}` : '/pages/records/records' });
  },
  toProfile() {
    void wx.redirectTo({ url: '/pages/profile/profile' });
  },
  home() {
    void wx.switchTab({ url: '/pages/home/home' });
  },
  /** 注册 began at a product, in 我的 or with a scanned code. */
  goOn() {
    comeBack();
  },
});
