// 提交成功, 注册成功: what was done, what comes next and by when.

import { config } from '../../config';
import { city } from '../../lib/agreements';
import { call } from '../../lib/api';
import { random } from '../../lib/device';
import { minute } from '../../lib/format';
import { act, comeBack, screen } from '../../lib/screen';
import { platformCard, progressCard } from '../../lib/share';

type Offer = { template_id: string };

screen({
  data: {
    what: 'apply', no: '', id: '', hotline: config.hotline, hours: '', title: '', lead: '', promise: '', intake: '', review: '',
    templates: [] as string[], told: false,
  },
  onLoad(query: { what?: string; no?: string; id?: string }) {
    const registered = query.what === 'register';
    this.setData({
      what: registered ? 'register' : 'apply',
      no: query.no ?? '',
      id: query.id ?? '',
      title: registered ? '注册成功' : '提交成功',
      lead: registered ? '账号已登录。完善企业信息后，就可以提交融资需求。' : '融资需求已送达受理支行，由受理银行审核。',
    });
    void wx.setNavigationBarTitle({ title: this.data.title });
    void this.prepare();
    void this.foretell();
  },
  /** What happens next and by when: the days are the city's, the instants those of this request. Without an answer the record tells them. */
  async foretell() {
    const { id, what } = this.data;
    const [facts, record] = await Promise.all([
      city().catch(() => undefined),
      id && what === 'apply' ? call('get', '/api/v1/applications/{id}', { at: { id } }).catch(() => undefined) : undefined,
    ]);
    if (record) {
      const { institution, intake_status: intake, review_status: review } = record;
      this.setData({ lead: `已送达${institution}，由受理银行审核。`, intake: intake.label, review: review.label });
    }
    if (!facts) return;
    this.setData({ hours: facts.hotline_hours });
    if (what === 'register') return;
    const due = (kind: string) => {
      const at = record?.promises.find((one) => one.kind === kind)?.due;
      return at ? minute(at) : '';
    };
    const accept = due('accept') ? `支行应在 ${due('accept')} 前接单（${facts.accept_days} 个工作日内）` : `支行应在 ${facts.accept_days} 个工作日内接单`;
    const decision = due('decision') ? `（${due('decision')} 前）` : '';
    this.setData({ promise: `${accept}，${facts.contact_days} 个工作日内与您联系，${facts.decision_days} 个工作日内给出审核结果${decision}。` });
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
  onShareAppMessage() {
    const { what, intake, review } = this.data;
    return what === 'register' ? platformCard() : progressCard(intake, review);
  },
});
