// 人脸核验 (M-707 to M-710): a consent of its own, a photo, the verdict of the platform. Nothing here says "passed" but the platform.

import { call, type Reply } from '../../lib/api';
import type { Tick } from '../../lib/agreements';
import { choose } from '../../lib/photo';
import { mayUse } from '../../lib/privacy';
import { Problem, isProblem } from '../../lib/problem';
import { act, screen, show } from '../../lib/screen';
import { send, type Upload } from '../../lib/upload';

type Face = Reply<'/api/v1/face', 'get'>;
type Outcome = Reply<'/api/v1/face/checks', 'post'>;
type Demo = 'pass' | 'fail' | 'unclear';

const DEMOS = [
  { code: 'pass', label: '通过' },
  { code: 'fail', label: '没有通过' },
  { code: 'unclear', label: '结果不明确' },
];

screen({
  data: {
    face: null as Face | null, forApply: false, camera: false, photo: '', percent: -1, upload: null as Upload | null, demos: DEMOS, demo: 'pass' as Demo,
    lost: null as string | null, unclear: false, page: '', counters: [] as { code: string; label: string; note: string }[], branch: '', byCounter: false,
  },
  onLoad(query: { for?: string }) {
    this.setData({ forApply: query.for === 'apply' });
    void this.load();
  },
  /** Back from 完善信息, or passed elsewhere meanwhile. */
  onShow() {
    if (this.data.face && !this.data.face.verified && !this.data.busy && !this.data.camera) void this.load();
  },
  async load() {
    await show(this, async (fresh) => {
      const face = await call('get', '/api/v1/face');
      if (!fresh()) return;
      this.setData({ face, unclear: face.latest?.status.code === 'unclear' });
    }, this.data.face !== null);
    if (this.data.face?.verified && this.data.forApply) await this.release();
  },
  async consent() {
    await act(this, 'consent', async () => {
      const [agreement] = (this.selectComponent('#ticks') as unknown as { ticks(): Tick[] }).ticks();
      if (!agreement?.ticked) throw new Problem('refused', '请阅读并勾选《人脸核验单独同意书》。');
      await call('post', '/api/v1/face/consents', { body: { agreement } });
      await this.load();
    });
  },
  toProfile() {
    void wx.navigateTo({ url: '/pages/profile/profile' });
  },
  async start() {
    if (!(await mayUse(this, '相机'))) {
      this.setData({ notice: '您没有同意使用相机。可以改用人工核验，或在网页版上完成。', noticeKind: 'info' });
      return;
    }
    this.setData({ camera: true, photo: '', notice: '' });
  },
  refused() {
    this.setData({ camera: false, notice: '没有打开相机。请在微信的设置中允许使用相机后重试，或用手机自带相机拍照、改用人工核验。', noticeKind: 'warning' });
  },
  take() {
    wx.createCameraContext().takePhoto({
      quality: 'high',
      success: ({ tempImagePath }) => {
        const { size } = wx.getFileSystemManager().statSync(tempImagePath) as WechatMiniprogram.Stats;
        this.setData({ camera: false, photo: tempImagePath, upload: { file: tempImagePath, size } });
      },
      fail: () => this.refused(),
    });
  },
  /** Where the camera on the page does not open: the phone's own. */
  async pick() {
    await act(this, 'pick', async () => {
      const photo = await choose(this);
      if (photo) this.setData({ camera: false, photo: photo.file, upload: photo });
    });
  },
  byDemo(event: WechatMiniprogram.BaseEvent) {
    this.setData({ demo: (event.currentTarget.dataset as { code: Demo }).code });
  },
  async check() {
    if (this.data.lost !== null && !(await this.mayGoOut())) return;
    await act(this, 'check', async () => {
      const { upload, face, demo } = this.data;
      if (!upload) return;
      let id: string;
      try {
        id = await send(upload, (percent) => this.setData({ percent }));
      } finally {
        this.setData({ percent: -1 });
      }
      const asked = call('post', '/api/v1/face/checks', { body: { upload: id, demo_outcome: face?.demo ? demo : undefined } });
      const outcome = await asked.catch((error: unknown) => this.missed(error));
      this.setData({ photo: '', upload: null });
      await this.tell(outcome);
    });
    if (this.data.lost !== null) await this.mayGoOut();
  },
  /** Silence is no refusal: the photo may have been compared. */
  missed(error: unknown): never {
    if (isProblem(error) && (error.trouble === 'network' || error.trouble === 'server')) this.setData({ lost: this.data.face?.latest?.at ?? '' });
    if (isProblem(error) && error.status === 404) this.setData({ photo: '', upload: null });
    throw error;
  },
  /** An answer was lost: asks what came of that photo before another one goes out, for a day has few comparisons. True: it was none. */
  async mayGoOut(): Promise<boolean> {
    const { lost, forApply } = this.data;
    await this.load();
    const { face, problem } = this.data;
    if (!face || problem) return false;
    this.setData({ lost: null });
    const { latest } = face;
    if (!latest || latest.at === lost) return true;
    this.setData({ photo: '', upload: null });
    if (face.verified) {
      if (!forApply) this.setData({ notice: '人脸核验已通过。', noticeKind: 'success' });
      return false;
    }
    const said = latest.status.code === 'started' ? '照片已送达，正在核验。请稍后回到本页查看结果。' : `照片已送达，核验结果：${latest.status.label}。${latest.reason ?? ''}`;
    this.setData({ notice: `${said} 今天还可以核验 ${face.attempts_left} 次。`, noticeKind: 'warning' });
    return false;
  },
  async away() {
    await act(this, 'away', async () => this.tell(await call('post', '/api/v1/face/sessions')));
  },
  async askAgain() {
    await act(this, 'ask', async () => this.tell(await call('post', '/api/v1/face/checks/latest/queries')));
  },
  async release() {
    await act(this, 'release', async () => this.tell(await call('post', '/api/v1/face/releases')));
  },
  async tell(outcome: Outcome) {
    const left = outcome.attempts_left;
    this.setData({ unclear: outcome.result === 'unclear', page: outcome.page ?? (outcome.result === 'pending' ? this.data.page : '') });
    if (outcome.result === 'passed') {
      this.passed(outcome);
      return;
    }
    const said = outcome.message ?? '';
    const texts: Record<string, string> = {
      failed: `${said}${left === undefined || left === null ? '' : ` 今天还可以核验 ${left} 次。`}`,
      unclear: '核验结果还不明确，没有算作通过。稍后可以重新查询，不必再拍照。',
      pending: '核验还没有完成。',
      ended: said || '核验没有比对就结束了，可以重新开始。',
      away: '请在核验服务的页面完成核验，然后回到这里查询结果。',
    };
    this.setData({ notice: texts[outcome.result] ?? said, noticeKind: outcome.result === 'failed' ? 'danger' : 'warning' });
    await this.load();
  },
  passed(outcome: Outcome) {
    const [first] = outcome.submitted;
    if (first) {
      void wx.redirectTo({ url: `/pages/done/done?what=apply&id=${first.application}&no=${first.application_no}` });
      return;
    }
    const [back] = outcome.returned;
    // Whose answer was lost reads here what was submitted with it.
    const passed = this.data.forApply ? '人脸核验已通过。等待核验的融资需求请在“申请记录”中查看。' : '人脸核验已通过。';
    this.setData({
      forApply: false,
      notice: back ? `核验通过。但有一笔需求已退回草稿：${back.message}` : passed,
      noticeKind: back ? 'warning' : 'success',
    });
    void this.load();
  },
  async counter() {
    await act(this, 'counter', async () => {
      const { items } = await call('get', '/api/v1/face/counters');
      this.setData({ byCounter: true, counters: items.map((one) => ({ code: one.id, label: one.name, note: `${one.county} ${one.address}` })) });
    });
  },
  chosen(event: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.setData({ branch: event.detail.value });
  },
  async atCounter() {
    await act(this, 'at', async () => {
      if (!this.data.branch) throw new Problem('refused', '请选择核验网点。', { fields: [{ field: 'branch', detail: '请选择核验网点' }] });
      await call('post', '/api/v1/face/counter-requests', { body: { branch: this.data.branch } });
      this.setData({ byCounter: false });
      await this.load();
    });
  },
  async cancel() {
    await act(this, 'cancel', async () => {
      await call('delete', '/api/v1/face/counter-requests/current');
      await this.load();
    });
  },
  copyPage() {
    void wx.setClipboardData({ data: this.data.page });
  },
});
