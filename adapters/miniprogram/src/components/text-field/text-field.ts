// 填写项: label, hint, error and input belong together.

type Input = WechatMiniprogram.CustomEvent<{ value: string }>;

Component({
  properties: {
    name: { type: String, value: '' },
    label: { type: String, value: '' },
    hint: { type: String, value: '' },
    error: { type: String, value: '' },
    /** 已识别, 请核对. */
    mark: { type: String, value: '' },
    value: { type: String, value: '' },
    type: { type: String, value: 'text' },
    unit: { type: String, value: '' },
    placeholder: { type: String, value: '' },
    maxlength: { type: Number, value: 200 },
    required: { type: Boolean, value: false },
    password: { type: Boolean, value: false },
    long: { type: Boolean, value: false },
    disabled: { type: Boolean, value: false },
  },
  data: { shown: false },
  methods: {
    typed(event: Input) {
      this.triggerEvent('edit', { name: this.data.name, value: event.detail.value });
    },
    toggle() {
      this.setData({ shown: !this.data.shown });
    },
  },
});
