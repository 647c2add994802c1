// 加载状态: a list or page that is not there yet, could not be read, or is empty.

Component({
  properties: {
    loading: { type: Boolean, value: false },
    problem: { type: String, value: '' },
    needsLogin: { type: Boolean, value: false },
    /** Said when there is nothing; the slot offers what to do. */
    empty: { type: String, value: '' },
  },
  options: { multipleSlots: false },
  methods: {
    retry() {
      this.triggerEvent('retry');
    },
    enter() {
      void wx.navigateTo({ url: '/pages/enter/enter' });
    },
  },
});
