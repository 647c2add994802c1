// 隐私保护指引: before camera, album or phone number. Refusing costs only the short way.

import { setting } from '../../lib/privacy';

/** Whoever asked; one sheet is open at a time. */
let answer: (agreed: boolean) => void = () => {};

Component({
  data: { open: false, what: '', name: '' },
  methods: {
    async ask(what: string): Promise<boolean> {
      this.setData({ open: true, what, name: (await setting()).privacyContractName });
      return new Promise((resolve) => { answer = resolve; });
    },
    agree() {
      this.end(true);
    },
    refuse() {
      this.end(false);
    },
    end(agreed: boolean) {
      this.setData({ open: false });
      answer(agreed);
      answer = () => {};
    },
    read() {
      wx.openPrivacyContract({});
    },
  },
});
