// 底部面板: over the page, closed by its button or by the veil.

Component({
  properties: {
    open: { type: Boolean, value: false },
    title: { type: String, value: '' },
    /** Without it the sheet ends only by one of its own buttons. */
    closable: { type: Boolean, value: true },
  },
  methods: {
    close() {
      if (this.data.closable) this.triggerEvent('close');
    },
    stay() {},
  },
});
