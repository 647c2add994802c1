// 提示: a result, or what has to be changed, above what it is about.

Component({
  properties: {
    kind: { type: String, value: 'info' },
    text: { type: String, value: '' },
    /** Several things that are to be changed. */
    faults: { type: Array, value: [] as string[] },
  },
});
