// 多张照片上传: chosen together, sent one after the other in pieces; each that is kept can be looked at and removed. A cut goes on where
// it stopped, and what was not sent yet stays at hand.

import { isProblem } from '../../lib/problem';
import { chooseSeveral } from '../../lib/photo';
import { isLastWord, send, type Upload } from '../../lib/upload';

interface Owner {
  selectComponent(selector: string): unknown;
}

Component({
  properties: {
    name: { type: String, value: '' },
    label: { type: String, value: '' },
    hint: { type: String, value: '' },
    error: { type: String, value: '' },
    /** Kept by the platform already, in order: `id` and `media_type`. */
    files: { type: Array, value: [] },
    most: { type: Number, value: 9 },
    /** Another deed of the page is under way. */
    busy: { type: Boolean, value: false },
  },
  data: { percent: -1, problem: '', waiting: [] as Upload[], all: 0 },
  methods: {
    async choose() {
      if (this.data.percent >= 0) return;
      const { files, most, waiting } = this.data;
      const room = most - files.length - waiting.length;
      this.setData({ problem: '' });
      this.triggerEvent('begin', { name: this.data.name });
      if (room <= 0) {
        this.setData({ problem: waiting.length ? `最多 ${most} 个文件，还有 ${waiting.length} 张照片没有上传。请先继续上传。` : `最多 ${most} 个文件。请先删除不用的，再添加。` });
        return;
      }
      try {
        // The privacy sheet is the page's.
        const photos = await chooseSeveral(this.selectOwnerComponent() as unknown as Owner, room);
        if (!photos.length) return;
        // What a cut left behind stays at hand, and goes first.
        const all = [...this.data.waiting, ...photos];
        this.setData({ all: all.length });
        this.hold(all);
        await this.send();
      } catch (error) {
        this.tell(error);
      }
    },
    /** The photos that were chosen are still there: their upload goes on. */
    async again() {
      this.triggerEvent('begin', { name: this.data.name });
      await this.send().catch((error: unknown) => this.tell(error));
    },
    /** What cannot be sent at all must not hold the page for ever. */
    leave() {
      if (this.data.percent >= 0) return;
      this.setData({ problem: '' });
      this.triggerEvent('begin', { name: this.data.name });
      this.hold([]);
    },
    /** The page knows how many are not there yet: it does not send its answer without them. */
    hold(waiting: Upload[]) {
      this.setData({ waiting });
      this.triggerEvent('pending', { name: this.data.name, count: waiting.length });
    },
    async send() {
      if (this.data.percent >= 0) return;
      this.setData({ percent: 0, problem: '' });
      try {
        while (this.data.waiting.length && (await this.one())) {
          this.setData({ percent: 0 });
          this.hold(this.data.waiting.slice(1));
        }
      } finally {
        this.setData({ percent: -1 });
      }
    },
    /** The next one. Answers whether its turn is over: kept, or refused for good. */
    async one(): Promise<boolean> {
      const [upload] = this.data.waiting;
      if (!upload) return false;
      try {
        const id = await send(upload, (percent) => this.setData({ percent }));
        return await new Promise<boolean>((settle) => { this.triggerEvent('uploaded', { name: this.data.name, upload: id, settle }); });
      } catch (error) {
        if (!isLastWord(error)) throw error;
        this.tell(error);
        return true;
      }
    },
    look(event: WechatMiniprogram.BaseEvent) {
      const { file } = event.currentTarget.dataset as { file: string };
      this.triggerEvent('look', { name: this.data.name, file });
    },
    remove(event: WechatMiniprogram.BaseEvent) {
      const { file } = event.currentTarget.dataset as { file: string };
      this.triggerEvent('remove', { name: this.data.name, file });
    },
    tell(error: unknown) {
      this.setData({ problem: isProblem(error) ? error.message : '照片没有上传成功，请重试。' });
    },
  },
});
