// 用户注册 (F-3, M-604 to M-608): the licence's photo fills what it says, everything stays editable, three agreements, 立即注册.

import { city, type Tick } from '../../lib/agreements';
import { call } from '../../lib/api';
import { arrive } from '../../lib/owner';
import { bytes, choose } from '../../lib/photo';
import { mayUse, setting } from '../../lib/privacy';
import { Problem, isProblem } from '../../lib/problem';
import { act, demand, dropDraft, restore, screen } from '../../lib/screen';
import { keepDraft } from '../../lib/drafts';
import { keep } from '../../lib/session';

interface Word {
  code: string;
  label: string;
}

type Chosen = WechatMiniprogram.CustomEvent<{ name: string; value: string; chosen: Word[] }>;
type Phone = WechatMiniprogram.CustomEvent<{ code?: string; errMsg: string }>;

/** Fields of the licence as this form calls them; the others wait for 完善信息. */
const FORM: Record<string, string> = { name: 'company_name', legal_representative: 'legal_representative' };
const LATER = ['unified_social_credit_code', 'registered_capital', 'address'];
const PLACES = ['请选择省份', '请选择城市', '请选择县区', '请选择乡镇'];

screen({
  draftName: 'register',
  data: { places: PLACES, region: [] as Word[], marks: {} as Record<string, string>, reader: '', reads: false, preview: '', phoneReady: false, agreed: false },
  onLoad() {
    const kept = restore(this, 'register');
    const region = kept.region_words ? (JSON.parse(kept.region_words) as Word[]) : [];
    this.setData({ region });
    void this.readyPhone();
    void this.prepare(region.length === 0);
  },
  /** Who reads a licence, and the city that most people live in. Without an answer the form works by hand. */
  async prepare(fresh: boolean) {
    const facts = await city().catch(() => undefined);
    if (!facts) return;
    this.setData({ reads: Boolean(facts.licence_reader), reader: facts.licence_reader?.third_party ?? '' });
    if (!fresh) return;
    const [provinces, cities] = await Promise.all([
      call('get', '/api/v1/regions').catch(() => undefined),
      call('get', '/api/v1/regions', { query: { parent: facts.default_province } }).catch(() => undefined),
    ]);
    const province = provinces?.items.find(({ code }) => code === facts.default_province);
    const town = cities?.items.find(({ code }) => code === facts.default_city);
    if (province && town && !this.data.region.length) {
      this.setRegion([{ code: province.code, label: province.name }, { code: town.code, label: town.name }]);
    }
  },
  setRegion(region: Word[]) {
    this.setData({ region, 'errors.region': '', 'values.region_words': JSON.stringify(region) });
    keepDraft('register', this.data.values);
  },
  /** 立即注册 opens with the last tick (M-115). */
  ticked(event: WechatMiniprogram.CustomEvent<{ all: boolean }>) {
    this.setData({ agreed: event.detail.all });
  },
  place(event: Chosen) {
    this.setRegion(event.detail.chosen);
  },
  async readLicence() {
    await act(this, 'read', async () => {
      const photo = await choose(this);
      await this.readyPhone();
      if (!photo) return;
      this.setData({ preview: photo.file });
      try {
        const { items } = await call('post', '/api/v1/recognitions/licence', { bytes: await bytes(photo.file) });
        this.fill(items);
      } catch (error) {
        // What a photo does not say is typed: the form is no worse off than before.
        if (!isProblem(error)) throw error;
        throw new Problem('refused', error.fields[0]?.detail ?? error.message);
      }
    });
  },
  fill(items: { field: string; value: string; sure: boolean }[]) {
    const marks: Record<string, string> = {};
    const values = { ...this.data.values };
    for (const { field, value, sure } of items) {
      const name = FORM[field];
      // What the person typed stays.
      if (!name || (values[name] ?? '').trim()) continue;
      values[name] = value;
      marks[name] = sure ? '已识别' : '请核对';
    }
    this.setData({ values, marks, notice: '已按照片填写。请核对，没有识别的内容请手工填写。', noticeKind: 'success' });
    keepDraft('register', values);
    const later = items.filter(({ field }) => LATER.includes(field)).map(({ field, value }) => [field, value] as const);
    if (later.length) keepDraft('licence', Object.fromEntries(later));
  },
  /** WeChat's own button comes after the privacy guideline, never together with it. */
  async readyPhone() {
    this.setData({ phoneReady: !(await setting()).needAuthorization });
  },
  async beforePhone() {
    const agreed = await mayUse(this, '手机号');
    const notice = agreed ? '已同意。请再点一次“使用微信手机号”。' : '您没有同意使用微信手机号，请手工填写手机号。';
    this.setData({ phoneReady: agreed, notice, noticeKind: 'info' });
  },
  async phone(event: Phone) {
    const { code } = event.detail;
    if (!code) {
      this.setData({ notice: '没有取得微信手机号，请手工填写手机号。', noticeKind: 'info' });
      return;
    }
    await act(this, 'phone', async () => {
      const { phone } = await call('post', '/api/v1/wechat/phone-numbers', { body: { code } });
      this.setData({ 'values.phone': phone });
      keepDraft('register', this.data.values);
    });
  },
  fault(event: WechatMiniprogram.CustomEvent<{ field: string; detail: string }>) {
    this.setData({ [`errors.${event.detail.field}`]: event.detail.detail });
  },
  async register() {
    const done = await act(this, 'register', async () => {
      const v = this.data.values;
      demand(v, { company_name: '请输入企业全称', legal_representative: '请输入法定代表人/经营者姓名', phone: '请输入手机号', sms_code: '请输入短信验证码', password: '请输入密码', password_again: '请确认密码' });
      const ticks = (this.selectComponent('#ticks') as unknown as { ticks(): Tick[] }).ticks();
      const tokens = await call('post', '/api/v1/registrations', {
        body: {
          company_name: v.company_name,
          legal_representative: v.legal_representative,
          region: this.data.region.map(({ code }) => code),
          phone: v.phone.trim(),
          sms_code: v.sms_code,
          password: v.password,
          password_again: v.password_again,
          agreements: ticks,
        },
      });
      keep(tokens);
      await arrive({ registered: true });
      dropDraft('register');
    });
    if (done) void wx.redirectTo({ url: '/pages/done/done?what=register' });
  },
});
