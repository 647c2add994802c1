// 协议全文: read to its end, it may be ticked.

import { text, wasRead, type AgreementText } from '../../lib/agreements';
import { screen, show } from '../../lib/screen';
import { paragraphs } from '../../lib/text';

screen({
  data: { code: '', boxed: true, text: null as AgreementText | null, parts: [] as object[], ended: false },
  /** From a box that waits for it, or from a link: then there is nothing to be ticked. */
  onLoad(query: { code?: string; boxed?: string }) {
    this.setData({ code: query.code ?? '', boxed: query.boxed !== 'no' });
    void this.load();
  },
  async load() {
    await show(this, async () => {
      const found = await text(this.data.code);
      this.setData({ text: found, parts: paragraphs(found.body) });
      void wx.setNavigationBarTitle({ title: found.short_title });
    });
    this.measure();
  },
  /** A text that fits the screen has been seen to its end. */
  measure() {
    const { windowHeight } = wx.getWindowInfo();
    wx.createSelectorQuery().select('#end').boundingClientRect((end) => {
      if (end && end.top > 0 && end.top <= windowHeight) this.end();
    }).exec();
  },
  onReachBottom() {
    this.end();
  },
  end() {
    if (!this.data.text || this.data.ended) return;
    wasRead(this.data.text);
    this.setData({ ended: true });
  },
  back() {
    void wx.navigateBack();
  },
});
