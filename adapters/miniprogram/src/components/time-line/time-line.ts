// 进度: what happened, newest at the bottom.

Component({
  properties: {
    steps: { type: Array, value: [] as Record<string, unknown>[] },
  },
});
