// 产品卡片: rate, amount and term, then the way to the detail.

Component({
  properties: {
    product: { type: Object, value: {} as Record<string, unknown> },
  },
  methods: {
    open() {
      const { id } = this.data.product as { id: string };
      void wx.navigateTo({ url: `/pages/product/product?id=${id}` });
    },
  },
});
