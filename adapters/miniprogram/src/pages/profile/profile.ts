// 完善信息 (M-803, F-10): three photos, the facts, a code; the ！ is gone with the answer.

import { city } from '../../lib/agreements';
import { call, type Reply } from '../../lib/api';
import { plain } from '../../lib/format';
import { isProblem } from '../../lib/problem';
import { TYPED_OVER, draft, keepDraft } from '../../lib/drafts';
import { act, comeBack, demand, dropDraft, restore, screen, show, tell } from '../../lib/screen';
import { isLastWord, type Uploaded } from '../../lib/upload';

type Profile = Reply<'/api/v1/profile', 'get'>;
type Kind = 'licence' | 'id_front' | 'id_back';

interface Word {
  code: string;
  label: string;
}

type Chosen = WechatMiniprogram.CustomEvent<{ name: string; value: string; chosen: Word[] }>;

const PLACES = ['请选择省份', '请选择城市', '请选择县区', '请选择乡镇'];
const TRADES = ['请选择第一产业', '请选择第二产业', '请选择第三产业'];
const READABLE: Kind[] = ['licence', 'id_front'];

screen({
  draftName: 'profile',
  data: {
    places: PLACES, trades: TRADES, profile: null as Profile | null, region: [] as Word[], industry: [] as Word[], recommenders: [] as { code: string; label: string }[],
    kept: {} as Record<string, boolean>, marks: {} as Record<string, string>, missing: '', reads: false, reader: '', reading: '', waiting: [] as Kind[], saved: false, verified: false, forApply: false,
  },
  /** `for=apply`: a request waits as a draft; it is submitted first, and the face check comes after it. */
  onLoad(query: { for?: string }) {
    this.setData({ forApply: query.for === 'apply' });
    void this.load();
  },
  async load() {
    await show(this, async () => {
      const [profile, { licence_reader: reader }] = await Promise.all([call('get', '/api/v1/profile'), city()]);
      this.setData({ reads: Boolean(reader), reader: reader?.third_party ?? '' });
      this.fill(profile);
    });
  },
  fill(profile: Profile) {
    // What the licence said before registering goes where nothing stands.
    const licence = draft('licence');
    this.setData({
      profile,
      region: profile.region,
      industry: profile.industry,
      missing: profile.missing.map(({ label }) => label).join('、'),
      kept: Object.fromEntries(profile.photos.map(({ kind }) => [kind.code, true])),
      recommenders: [{ code: '', label: '无' }, ...profile.recommenders.map(({ id, name }) => ({ code: id, label: name }))],
      values: {
        name: profile.name,
        [TYPED_OVER]: String(profile.version),
        unified_social_credit_code: profile.unified_social_credit_code || licence.unified_social_credit_code || '',
        registered_capital: plain(profile.registered_capital ?? '') || licence.registered_capital || '',
        legal_representative: profile.legal_representative,
        address: profile.address || licence.address || '',
        recommender: profile.recommender ?? '',
        email: profile.email ?? '',
      },
    });
    const kept = restore(this, 'profile');
    if (kept.region_words) this.setData({ region: JSON.parse(kept.region_words) as Word[] });
    if (kept.industry_words) this.setData({ industry: JSON.parse(kept.industry_words) as Word[] });
  },
  place(event: Chosen) {
    const { name, chosen } = event.detail;
    this.setData({ [name]: chosen, [`values.${name}_words`]: JSON.stringify(chosen), [`errors.${name}`]: '' });
    keepDraft('profile', this.data.values);
  },
  async photo(event: Uploaded<Kind>) {
    const { name: kind, upload, settle } = event.detail;
    try {
      await call('put', '/api/v1/profile/photos/{kind}', { at: { kind }, body: { upload } });
      this.setData({ [`kept.${kind}`]: true, [`errors.${kind}`]: '' });
      settle(true);
    } catch (error) {
      settle(isLastWord(error));
      if (!isProblem(error) || error.trouble === 'signed_out') tell(this, error);
      else this.setData({ [`errors.${kind}`]: error.fields[0]?.detail ?? error.message });
      return;
    }
    // A third party gets a photo only when the person asks for it.
    if (this.data.reads && !this.data.reader && READABLE.includes(kind)) await this.read(kind);
  },
  async readAsked(event: WechatMiniprogram.BaseEvent) {
    await this.read((event.currentTarget.dataset as { kind: Kind }).kind);
  },
  /** One photo after the other, while the person goes on typing and saving. */
  async read(kind: Kind) {
    if (this.data.reading) {
      this.setData({ waiting: [...this.data.waiting.filter((one) => one !== kind), kind] });
      return;
    }
    this.setData({ reading: kind });
    try {
      const { items } = await call('post', '/api/v1/profile/photos/{kind}/readings', { at: { kind } });
      const values = { ...this.data.values };
      const marks = { ...this.data.marks };
      for (const { field, value, sure } of items) {
        // What stands there already is the person's.
        if ((values[field] ?? '').trim()) continue;
        values[field] = value;
        marks[field] = sure ? '已识别' : '请核对';
      }
      this.setData({ values, marks, notice: items.length ? '已按照片填写，请核对。' : this.data.notice, noticeKind: 'success' });
      keepDraft('profile', values);
    } catch (error) {
      if (!isProblem(error) || error.trouble === 'signed_out') tell(this, error);
      else this.setData({ notice: error.fields[0]?.detail ?? error.message, noticeKind: 'warning' });
    }
    const [next, ...waiting] = this.data.waiting;
    this.setData({ reading: '', waiting });
    if (next) await this.read(next);
  },
  async save() {
    const done = await act(this, 'save', async () => {
      const { profile, values: v, region, industry } = this.data;
      if (!profile) return;
      demand(v, { name: '请输入企业名称', unified_social_credit_code: '请输入统一社会信用代码', legal_representative: '请输入法定代表人姓名', address: '请输入详细地址', password: '请输入密码', password_again: '请确认密码', sms_code: '请输入手机验证码' });
      const saved = await call('put', '/api/v1/profile', {
        body: {
          version: profile.version,
          name: v.name,
          unified_social_credit_code: v.unified_social_credit_code,
          registered_capital: v.registered_capital ?? '',
          legal_representative: v.legal_representative,
          legal_id: v.legal_id ?? '',
          contact_phone: v.contact_phone ?? '',
          region: region.map(({ code }) => code),
          industry: industry.map(({ code }) => code),
          address: v.address,
          recommender: v.recommender ?? '',
          email: v.email ?? '',
          password: v.password,
          password_again: v.password_again,
          sms_code: v.sms_code,
        },
      });
      dropDraft('profile');
      dropDraft('licence');
      this.setData({ saved: true, verified: saved.face_verified });
    });
    if (done && this.data.saved) void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
  },
  toFace() {
    void wx.redirectTo({ url: '/pages/face/face' });
  },
  back() {
    comeBack();
  },
});
