// 申请记录: the twelve values of the web's table under its labels and in its order; the two status columns always visible.

Component({
  properties: {
    record: { type: Object, value: {} as Record<string, unknown> },
  },
  methods: {
    open() {
      const { id } = this.data.record as { id: string };
      void wx.navigateTo({ url: `/pages/record/record?id=${id}` });
    },
  },
});
