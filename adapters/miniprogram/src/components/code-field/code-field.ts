// 短信验证码: after a captcha, 60 seconds between two.

import { call } from '../../lib/api';
import { isProblem, type FieldProblem } from '../../lib/problem';

type Values = Record<string, string>;
type Public = 'register' | 'sign_in' | 'recover';
type Sent = { wait_seconds: number; phone_masked: string };

interface Captcha {
  draw(): Promise<void>;
}

function ask(purpose: string, phone: string, captcha: string): Promise<Sent> {
  if (purpose === 'profile') return call('post', '/api/v1/profile/codes', { body: { captcha } });
  if (purpose === 'proof') return call('post', '/api/v1/account/proof-codes', { body: { captcha } });
  if (purpose === 'new_phone') return call('post', '/api/v1/account/phone-codes', { body: { phone, captcha } });
  return call('post', '/api/v1/sms-codes', { body: { purpose: purpose as Public, phone, captcha } });
}

Component({
  properties: {
    purpose: { type: String, value: 'register' },
    /** Where it goes, when nobody is signed in. */
    phone: { type: String, value: '' },
    label: { type: String, value: '短信验证码' },
    value: { type: String, value: '' },
    error: { type: String, value: '' },
  },
  data: { captcha: '', errors: {} as Values, left: 0, sending: false, said: '', failed: '', due: 0 },
  lifetimes: {
    detached() {
      this.setData({ due: 0 });
    },
  },
  methods: {
    edit(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.setData({ captcha: event.detail.value });
    },
    typed(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.triggerEvent('edit', { name: 'sms_code', value: event.detail.value });
    },
    async send() {
      if (this.data.sending || this.data.left > 0) return;
      this.setData({ sending: true, errors: {}, said: '', failed: '' });
      try {
        const sent = await ask(this.data.purpose, this.data.phone, this.data.captcha);
        this.setData({ said: `验证码已发送至 ${sent.phone_masked}` });
        this.wait(sent.wait_seconds);
      } catch (error) {
        this.tell(error);
      }
      this.setData({ sending: false });
      void (this.selectComponent('#captcha') as unknown as Captcha | null)?.draw();
    },
    tell(error: unknown) {
      if (!isProblem(error)) throw error;
      const errors: Values = {};
      for (const { field, detail } of error.fields as FieldProblem[]) errors[field] = detail;
      this.setData({ errors, failed: error.fields.length ? '' : error.message });
      if (errors.phone) this.triggerEvent('fault', { field: 'phone', detail: errors.phone });
    },
    wait(seconds: number) {
      const due = Date.now() + seconds * 1000;
      this.setData({ due, left: seconds });
      const tick = () => {
        // Detached, or another wait has begun.
        if (this.data.due !== due) return;
        const left = Math.max(0, Math.ceil((due - Date.now()) / 1000));
        this.setData({ left });
        if (left > 0) setTimeout(tick, 1000);
      };
      setTimeout(tick, 1000);
    },
  },
});
