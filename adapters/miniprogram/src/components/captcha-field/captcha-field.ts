// 图形验证码: a picture, or a small sum in words for those who cannot see it. One look at the answer, then another one is drawn.

import { call } from '../../lib/api';

type Purpose = 'password' | 'sign_in' | 'register' | 'recover' | 'profile' | 'proof' | 'new_phone';
const SIGNED_IN = ['profile', 'proof', 'new_phone'];

Component({
  properties: {
    purpose: { type: String, value: 'register' },
    error: { type: String, value: '' },
    value: { type: String, value: '' },
  },
  data: { way: 'picture', picture: '', question: '', problem: '', loading: false, again: false },
  lifetimes: {
    attached() {
      void this.draw();
    },
  },
  methods: {
    /** Called by the page, too, after an answer was looked at. */
    async draw(): Promise<void> {
      // One after the other: the platform knows only the last one that it drew.
      if (this.data.loading) {
        this.setData({ again: true });
        return;
      }
      const purpose = this.data.purpose as Purpose;
      const way = this.data.way as 'picture' | 'words';
      this.setData({ loading: true, problem: '' });
      try {
        const body = { purpose, way };
        const { picture, question } = SIGNED_IN.includes(purpose)
          ? await call('post', '/api/v1/account/captchas', { body })
          : await call('post', '/api/v1/captchas', { body });
        this.setData({ picture: picture ? `data:image/png;base64,${picture}` : '', question: question ?? '' });
      } catch (error) {
        this.setData({ picture: '', question: '', problem: (error as Error).message });
      }
      this.setData({ loading: false });
      if (this.data.again) {
        this.setData({ again: false });
        await this.draw();
        return;
      }
      this.triggerEvent('edit', { name: 'captcha', value: '' });
    },
    another() {
      void this.draw();
    },
    turn() {
      this.setData({ way: this.data.way === 'picture' ? 'words' : 'picture' });
      void this.draw();
    },
    typed(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
      this.triggerEvent('edit', { name: 'captcha', value: event.detail.value });
    },
  },
});
