// 级联选择: regions from the province down, industries from 产业 down; every level comes from the platform.

import { call } from '../../lib/api';

interface Word {
  code: string;
  label: string;
}

interface Child {
  code: string;
  name: string;
  has_children: boolean;
}

const SOURCES = {
  region: (parent?: string) => call('get', '/api/v1/regions', { query: { parent } }),
  industry: (parent?: string) => call('get', '/api/v1/industries', { query: { parent } }),
};

Component({
  properties: {
    name: { type: String, value: '' },
    label: { type: String, value: '' },
    hint: { type: String, value: '' },
    error: { type: String, value: '' },
    required: { type: Boolean, value: false },
    kind: { type: String, value: 'region' },
    /** What stands in a level that is not chosen. */
    placeholders: { type: Array, value: [] as string[] },
    /** From the first level down. */
    chosen: { type: Array, value: [] as Word[] },
  },
  data: { open: false, level: 0, title: '', loading: false, problem: '', children: [] as Child[], rows: [] as { key: number; label: string; place: string; off: boolean }[], leaf: false },
  observers: {
    'chosen, placeholders, leaf': function rows(chosen: Word[], placeholders: string[], leaf: boolean) {
      this.setData({
        rows: placeholders.map((place, at) => ({
          key: at,
          label: chosen[at]?.label ?? '',
          place: leaf && at >= chosen.length ? '没有下一级' : place,
          off: at > chosen.length || (leaf && at >= chosen.length),
        })),
      });
    },
  },
  methods: {
    open(event: WechatMiniprogram.BaseEvent) {
      const { level } = event.currentTarget.dataset as { level: number };
      if (level > this.data.chosen.length || (this.data.leaf && level >= this.data.chosen.length)) return;
      void this.show(level);
    },
    close() {
      this.setData({ open: false });
    },
    again() {
      void this.show(this.data.level);
    },
    async show(level: number) {
      const parent = (this.data.chosen as Word[])[level - 1]?.code;
      this.setData({ open: true, level, title: (this.data.placeholders as string[])[level], loading: true, problem: '', children: [] });
      try {
        const { items } = await SOURCES[this.data.kind as keyof typeof SOURCES](parent);
        // Somebody who went on to another level meanwhile is not to see this one.
        if (this.data.level === level) this.setData({ children: items });
      } catch (error) {
        this.setData({ problem: (error as Error).message });
      }
      this.setData({ loading: false });
    },
    choose(event: WechatMiniprogram.BaseEvent) {
      const { at } = event.currentTarget.dataset as { at: number };
      const { level, children } = this.data;
      const child = children[at];
      const chosen = [...(this.data.chosen as Word[]).slice(0, level), { code: child.code, label: child.name }];
      const more = child.has_children && level + 1 < this.data.placeholders.length;
      this.setData({ chosen, leaf: !child.has_children, open: more });
      this.triggerEvent('chosen', { name: this.data.name, value: chosen.map(({ code }) => code).join(','), chosen });
      if (more) void this.show(level + 1);
    },
  },
});
