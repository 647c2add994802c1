// 补充材料: the answer to 退回补充, item by item; kept or sent, never sent twice.

import { call, type Reply } from '../../lib/api';
import { fetchFile } from '../../lib/attachment';
import { day } from '../../lib/format';
import { once } from '../../lib/once';
import { Problem, isProblem } from '../../lib/problem';
import { TYPED_OVER, keepDraft } from '../../lib/drafts';
import { act, dropDraft, restore, screen, show, tell } from '../../lib/screen';
import { isLastWord, type Uploaded } from '../../lib/upload';

type Supplement = NonNullable<Reply<'/api/v1/applications/{id}', 'get'>['supplement']>;
type File = Supplement['items'][number]['files'][number];
/** A file of an item. */
type Chosen = WechatMiniprogram.CustomEvent<{ name: string; file: string }>;
/** So many photos of an item are not there yet. */
type Pending = WechatMiniprogram.CustomEvent<{ name: string; count: number }>;

/** An answer does not go out without the photos that were chosen for it. */
function arrived(waiting: Record<string, number>): void {
  const fields = Object.entries(waiting)
    .filter(([, count]) => count > 0)
    .map(([item, count]) => ({ field: `file_${item}`, detail: `还有 ${count} 张照片没有上传，请等待完成或继续上传后再提交。` }));
  if (fields.length) throw new Problem('refused', '还有照片没有上传。', { fields });
}

screen({
  data: { id: '', task: null as Supplement | null, due: '', over: false, waiting: {} as Record<string, number> },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    void this.load();
  },
  async load() {
    await show(this, async () => {
      const { supplement } = await call('get', '/api/v1/applications/{id}', { at: { id: this.data.id } });
      this.setData({ over: !supplement, task: supplement ?? null, due: supplement?.due ? day(supplement.due) : '' });
      if (!supplement) return;
      const answers = supplement.items.map(({ id, answer }) => [`text_${id}`, answer]);
      this.setData({ values: { note: this.data.values.note ?? '', ...Object.fromEntries(answers), [TYPED_OVER]: JSON.stringify([supplement.round, answers]) } });
      restore(this, `supplement.${this.data.id}`);
    }, this.data.task !== null);
  },
  typed(event: WechatMiniprogram.CustomEvent<{ name: string; value: string }>) {
    const { name, value } = event.detail;
    this.setData({ [`values.${name}`]: value, [`errors.${name}`]: '' });
    keepDraft(`supplement.${this.data.id}`, this.data.values);
  },
  /** The files of one item are others now; the rest of the page stays as it stands. */
  kept(item: string, change: (files: File[]) => File[]) {
    const items = this.data.task?.items.map((one) => {
      if (one.id !== item) return one;
      const files = change(one.files);
      return { ...one, files, file: files[0]?.id ?? null };
    });
    this.setData({ 'task.items': items ?? [] });
  },
  begin(event: Chosen) {
    this.setData({ [`errors.file_${event.detail.name}`]: '' });
  },
  pending(event: Pending) {
    const { name, count } = event.detail;
    this.setData({ waiting: { ...this.data.waiting, [name]: count } });
  },
  async file(event: Uploaded) {
    const { name: item, upload, settle } = event.detail;
    try {
      const { file } = await call('post', '/api/v1/applications/{id}/supplement/{item}/files', { at: { id: this.data.id, item }, body: { upload } });
      const added = { id: file, media_type: 'image/jpeg', size: 0 };
      this.kept(item, (files) => (files.some((one) => one.id === file) ? files : [...files, added]));
      settle(true);
    } catch (error) {
      settle(isLastWord(error));
      if (!isProblem(error) || error.trouble === 'signed_out') tell(this, error);
      else this.setData({ [`errors.file_${item}`]: error.fields[0]?.detail ?? error.message });
    }
  },
  async look(event: Chosen) {
    const { name: item, file } = event.detail;
    await act(this, 'look', () => fetchFile(`/api/v1/applications/${this.data.id}/supplement/${item}/files/${file}`));
  },
  async remove(event: Chosen) {
    const { name: item, file } = event.detail;
    await act(this, 'remove', async () => {
      await call('delete', '/api/v1/applications/{id}/supplement/{item}/files/{file}', { at: { id: this.data.id, item, file } });
      this.kept(item, (files) => files.filter((one) => one.id !== file));
    });
  },
  async send(event: WechatMiniprogram.BaseEvent) {
    const { keep } = event.currentTarget.dataset as { keep: boolean };
    const { id, task, values } = this.data;
    if (!task) return;
    const body = { answers: task.items.map((item) => ({ item: item.id, text: values[`text_${item.id}`] ?? '' })), note: values.note ?? '', keep };
    await act(this, keep ? 'keep' : 'send', async () => {
      arrived(this.data.waiting);
      await once(`supplement.${id}.${String(keep)}`, body, (key) => call('post', '/api/v1/applications/{id}/supplement', { at: { id }, body, key }));
      dropDraft(`supplement.${id}`);
      if (!keep) {
        void wx.navigateBack();
        return;
      }
      this.setData({ notice: '已暂存，可以稍后继续。', noticeKind: 'success' });
      await this.load();
    });
  },
});
