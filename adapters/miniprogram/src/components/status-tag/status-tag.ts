// 状态标签: a word on its colour.

Component({
  properties: {
    kind: { type: String, value: 'neutral' },
    label: { type: String, value: '' },
  },
});
