// 协议勾选: one box for each text, unticked; a box opens once its text was read to its end.

import { receipt, ticked, type Tick } from '../../lib/agreements';

interface Row {
  code: string;
  title: string;
  read: boolean;
  ticked: boolean;
  error: string;
}

Component({
  properties: {
    screen: { type: String, value: 'register' },
    /** By `agree_<code>`. */
    errors: { type: Object, value: {} as Record<string, string> },
    lead: { type: String, value: '请仔细阅读并同意' },
    /** Codes of the texts that are asked for; all of the screen's without any. */
    only: { type: Array, value: [] as string[] },
  },
  data: { rows: [] as Row[], problem: '' },
  observers: {
    errors(errors: Record<string, string>) {
      this.setData({ rows: this.data.rows.map((row) => ({ ...row, error: errors[`agree_${row.code}`] ?? '' })) });
    },
  },
  lifetimes: {
    attached() {
      void this.read();
    },
  },
  pageLifetimes: {
    show() {
      this.setData({ rows: this.data.rows.map((row) => ({ ...row, read: receipt(row.code) !== undefined })) });
    },
  },
  methods: {
    async read() {
      try {
        const { screen, only } = this.data;
        const texts = (await ticked(screen)).filter(({ code }) => !only.length || only.includes(code));
        this.setData({ problem: '', rows: texts.map(({ code, title }) => ({ code, title, read: receipt(code) !== undefined, ticked: false, error: '' })) });
        this.tell();
      } catch (error) {
        this.setData({ problem: (error as Error).message });
      }
    },
    again() {
      void this.read();
    },
    look(event: WechatMiniprogram.BaseEvent) {
      const { code } = event.currentTarget.dataset as { code: string };
      void wx.navigateTo({ url: `/pages/agreement/agreement?code=${code}` });
    },
    tick(event: WechatMiniprogram.BaseEvent) {
      const { at } = event.currentTarget.dataset as { at: number };
      const row = this.data.rows[at];
      if (!row.read) {
        this.setData({ [`rows[${at}].error`]: '请先打开并阅读全文，再勾选' });
        return;
      }
      this.setData({ [`rows[${at}].ticked`]: !row.ticked, [`rows[${at}].error`]: '' });
      this.tell();
    },
    /** Whether every box is ticked now. */
    tell() {
      const { rows } = this.data;
      this.triggerEvent('tick', { all: rows.length > 0 && rows.every(({ ticked }) => ticked) });
    },
    /** What goes to the platform: the ticks with their receipts. */
    ticks(): Tick[] {
      return this.data.rows.map((row) => ({ code: row.code, receipt: receipt(row.code) ?? '', ticked: row.ticked }));
    },
  },
});
