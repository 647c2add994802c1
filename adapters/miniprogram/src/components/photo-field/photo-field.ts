// 照片上传: in pieces, with progress; a cut goes on where it stopped. The photo stays at hand until the page knows that the platform has it.

import { isProblem } from '../../lib/problem';
import { choose } from '../../lib/photo';
import { send, type Upload } from '../../lib/upload';

interface Owner {
  selectComponent(selector: string): unknown;
}

Component({
  properties: {
    name: { type: String, value: '' },
    label: { type: String, value: '' },
    hint: { type: String, value: '' },
    error: { type: String, value: '' },
    required: { type: Boolean, value: false },
    /** Kept by the platform already. */
    kept: { type: Boolean, value: false },
  },
  data: { percent: -1, preview: '', problem: '', upload: null as Upload | null },
  observers: {
    /** Sent with what it belonged to. */
    kept(kept: boolean) {
      if (!kept && this.data.preview && !this.data.upload) this.setData({ preview: '' });
    },
  },
  methods: {
    async choose() {
      if (this.data.percent >= 0) return;
      this.setData({ problem: '' });
      try {
        // The privacy sheet is the page's.
        const photo = await choose(this.selectOwnerComponent() as unknown as Owner);
        if (!photo) return;
        this.setData({ upload: photo, preview: photo.file });
        await this.send();
      } catch (error) {
        this.tell(error);
      }
    },
    /** The photo that was chosen is still there: its upload goes on. */
    async again() {
      await this.send().catch((error: unknown) => this.tell(error));
    },
    async send() {
      const upload = this.data.upload;
      if (!upload || this.data.percent >= 0) return;
      this.setData({ percent: 0, problem: '' });
      try {
        const id = await send(upload, (percent) => this.setData({ percent }));
        const settled = await new Promise<boolean>((settle) => { this.triggerEvent('uploaded', { name: this.data.name, upload: id, settle }); });
        if (settled) this.setData({ upload: null });
      } finally {
        this.setData({ percent: -1 });
      }
    },
    tell(error: unknown) {
      this.setData({ problem: isProblem(error) ? error.message : '照片没有上传成功，请重试。' });
    },
  },
});
