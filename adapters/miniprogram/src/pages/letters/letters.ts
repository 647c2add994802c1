// 沟通记录: what the enterprise and the branch write to each other about one request; 请求回电.

import { call, type Reply } from '../../lib/api';
import { fetchFile } from '../../lib/attachment';
import { minute } from '../../lib/format';
import { once } from '../../lib/once';
import { Problem, isProblem } from '../../lib/problem';
import { act, dropDraft, restore, screen, show } from '../../lib/screen';
import { keepDraft } from '../../lib/drafts';
import type { Uploaded } from '../../lib/upload';

type Letter = Reply<'/api/v1/applications/{id}/letters', 'get'>['items'][number];

function row(letter: Letter) {
  const called = letter.called ? `已回电 ${minute(letter.called.at)}：${letter.called.outcome}` : '';
  return { ...letter, when: minute(letter.at), own: letter.side.code === 'enterprise', called };
}

screen({
  data: { id: '', letters: [] as object[], mayWrite: false, read: false, upload: '' },
  onLoad(query: { id?: string }) {
    this.setData({ id: query.id ?? '' });
    restore(this, `letter.${this.data.id}`);
    void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const at = { id: this.data.id };
      const found = await call('get', '/api/v1/applications/{id}/letters', { at });
      if (!fresh()) return;
      this.setData({ letters: found.items.map(row), mayWrite: found.may_write, read: true });
      const unread = found.items.some(({ side, read }) => side.code !== 'enterprise' && !read);
      if (unread) await call('post', '/api/v1/applications/{id}/letters/readings', { at });
    }, this.data.read);
  },
  typed(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ 'values.body': event.detail.value, 'errors.body': '' });
    keepDraft(`letter.${this.data.id}`, this.data.values);
  },
  uploaded(event: Uploaded) {
    const { upload, settle } = event.detail;
    this.setData({ upload, 'errors.file': '' });
    settle(true);
  },
  async write() {
    const body = this.data.values.body ?? '';
    const { upload } = this.data;
    await this.send('text', { body, upload: upload || undefined });
  },
  async askCall() {
    await this.send('call_request', { body: this.data.values.body ?? '' });
  },
  async send(kind: 'text' | 'call_request', said: { body: string; upload?: string }) {
    const { id } = this.data;
    await act(this, kind, async () => {
      if (kind === 'text' && !said.upload && !said.body.trim()) throw new Problem('refused', '', { fields: [{ field: 'body', detail: '请输入留言，或选择一张照片' }] });
      const body = { kind, ...said };
      await once(`letter.${id}.${kind}`, body, (key) => call('post', '/api/v1/applications/{id}/letters', { at: { id }, body, key })).catch((error: unknown) => this.refused(error));
      dropDraft(`letter.${id}`);
      // A request for a call carries no photo: the one that was chosen waits for its letter.
      this.setData({ upload: kind === 'text' ? '' : this.data.upload, 'values.body': '', notice: kind === 'text' ? '已发送。' : '已请支行回电。', noticeKind: 'success' });
      await this.load();
    });
  },
  /** A photo that cannot be sent is chosen anew. */
  refused(error: unknown): never {
    if (isProblem(error) && (error.status === 404 || error.fields.some(({ field }) => field === 'file'))) this.setData({ upload: '' });
    throw error;
  },
  async openFile(event: WechatMiniprogram.BaseEvent) {
    const { file } = event.currentTarget.dataset as { file: string };
    await act(this, 'file', () => fetchFile(`/api/v1/applications/${this.data.id}/letters/files/${file}`));
  },
});
