// 企业划型: what the industry is measured by, the figures of the year, and the class that they give.

import { call, mustBeIn, type Reply } from '../../lib/api';
import { minute, plain } from '../../lib/format';
import { once } from '../../lib/once';
import { isProblem } from '../../lib/problem';
import { act, demand, screen, show } from '../../lib/screen';

type Size = Reply<'/api/v1/size', 'get'>;
type Entry = Size['history'][number];

const LABELS: Record<string, string> = { employees: '从业人员', revenue: '上一年度营业收入', assets: '资产总额' };

const field = (one: Size['figures'][number]) => ({
  name: one.metric.code,
  label: LABELS[one.metric.code] ?? one.metric.label,
  unit: one.unit,
  hint: `单位为${one.unit}，${one.metric.code === 'employees' ? '填写整数' : '最多两位小数'}`,
});

const range = (figures: Size['figures'], at: number) => ({
  label: figures[0].ranges[at].class.label,
  words: figures.map(({ metric, ranges }) => `${metric.label} ${ranges[at].words}`).join('，'),
});

const row = (one: Entry) => ({
  id: `${one.year}-${one.number}`,
  year: one.year,
  label: one.class.label,
  times: one.number === 1 ? '首次填报' : `第 ${one.number - 1} 次更正`,
  figures: [one.employees && `从业人员 ${one.employees} 人`, one.revenue && `营业收入 ${one.revenue} 万元`, one.assets && `资产总额 ${one.assets} 万元`].filter(Boolean).join('，'),
  by: `${one.declared_by} ${minute(one.declared_at)}`,
});

screen({
  data: { size: null as Size | null, fields: [] as ReturnType<typeof field>[], ranges: [] as ReturnType<typeof range>[], rows: [] as ReturnType<typeof row>[], corrects: false },
  onLoad() {
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      mustBeIn();
      const size = await call('get', '/api/v1/size');
      if (!fresh()) return;
      this.fill(size);
      this.setData({ values: Object.fromEntries(size.figures.map((one) => [one.metric.code, plain(one.value)])) });
    }, Boolean(this.data.size));
  },
  /** What is typed stays as it is. */
  fill(size: Size) {
    this.setData({
      size,
      fields: size.figures.map(field),
      ranges: (size.figures[0]?.ranges ?? []).map((_, at) => range(size.figures, at)),
      rows: size.history.map(row),
      corrects: size.version > 0,
    });
  },
  async save() {
    await act(this, 'save', async () => {
      const { size, values } = this.data;
      if (!size) return;
      demand(values, Object.fromEntries(this.data.fields.map(({ name, label }) => [name, `请输入${label}`])));
      const body = { version: size.version, employees: values.employees ?? '', revenue: values.revenue ?? '', assets: values.assets ?? '' };
      try {
        const done = await once('size', body, (key) => call('put', '/api/v1/size', { body, key }));
        this.setData({ notice: `${done.year} 年度企业划型已填报：${done.class.label}。`, noticeKind: 'success' });
      } catch (error) {
        // Somebody else was faster: what they said is shown, what is typed here stays.
        if (isProblem(error) && error.code.startsWith('size.')) this.fill(await call('get', '/api/v1/size'));
        throw error;
      }
      await this.load();
      void wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    });
  },
});
