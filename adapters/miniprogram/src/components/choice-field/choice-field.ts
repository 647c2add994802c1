// 选择项: one of a list, on a sheet from below.

interface Option {
  code: string;
  label: string;
  note?: string;
}

Component({
  properties: {
    name: { type: String, value: '' },
    label: { type: String, value: '' },
    hint: { type: String, value: '' },
    error: { type: String, value: '' },
    placeholder: { type: String, value: '请选择' },
    required: { type: Boolean, value: false },
    value: { type: String, value: '' },
    options: { type: Array, value: [] as Option[] },
  },
  data: { open: false, shown: '' },
  observers: {
    'value, options': function name(value: string, options: Option[]) {
      this.setData({ shown: options.find(({ code }) => code === value)?.label ?? '' });
    },
  },
  methods: {
    open() {
      this.setData({ open: true });
    },
    close() {
      this.setData({ open: false });
    },
    choose(event: WechatMiniprogram.BaseEvent) {
      const { code } = event.currentTarget.dataset as { code: string };
      this.setData({ open: false });
      this.triggerEvent('edit', { name: this.data.name, value: code });
    },
  },
});
