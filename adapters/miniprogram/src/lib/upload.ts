// 分段上传: pieces with an offset. A cut costs one piece: where it goes on is asked of the platform, never guessed.

import { call } from './api';
import { Problem } from './problem';

const PIECE = 256 * 1024;
/** So often one photo is taken up again by itself; after that the person is asked. */
const RESUMES = 4;
const PAUSE = 800;
const MOST = 10 * 1024 * 1024;

export interface Upload {
  /** A file of the phone. */
  file: string;
  size: number;
  id?: string;
  /** Every piece has arrived: it is not begun anew, whatever becomes of it. */
  whole?: boolean;
}

/** What a photo-field tells its page. `settle`: false when nobody knows yet what the platform did with the upload, so that it is offered again. */
export type Uploaded<Name extends string = string> = WechatMiniprogram.CustomEvent<{ name: Name; upload: string; settle(done: boolean): void }>;

/** Whether a refusal is the platform's last word on an upload. */
export function isLastWord(error: unknown): boolean {
  return !(error instanceof Problem) || (error.trouble === 'refused' && error.status !== 429);
}

const wait = (ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); });

function piece(file: string, position: number, length: number): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    wx.getFileSystemManager().readFile({
      filePath: file,
      position,
      length,
      success: ({ data }) => resolve(data as ArrayBuffer),
      fail: () => reject(new Problem('refused', '照片已不在手机上，请重新选择。')),
    });
  });
}

async function run(upload: Upload, told: (percent: number) => void): Promise<string> {
  const id = upload.id ?? (await call('post', '/api/v1/uploads', { body: { size: upload.size } })).id;
  const known = upload.id !== undefined;
  upload.id = id;
  const at = { id };
  let offset = known ? (await call('get', '/api/v1/uploads/{id}', { at })).offset : 0;
  while (offset < upload.size) {
    told(Math.floor((offset / upload.size) * 100));
    const bytes = await piece(upload.file, offset, Math.min(PIECE, upload.size - offset));
    const state = await call('put', '/api/v1/uploads/{id}', { at, bytes, headers: { 'Upload-Offset': String(offset) } });
    offset = state.offset;
  }
  told(100);
  upload.whole = true;
  return id;
}

/** Answers the id of the whole upload. `upload` remembers how far it came, for the next try. */
export async function send(upload: Upload, told: (percent: number) => void): Promise<string> {
  if (upload.whole && upload.id) return upload.id;
  if (upload.size > MOST) throw new Problem('refused', '照片不能超过 10 MB，请重新拍摄或选择。');
  for (let cuts = 0; ; cuts += 1) {
    try {
      return await run(upload, told);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // An upload that is over, or that another offset was expected for, is asked about once more.
      if (error.status === 404) upload.id = undefined;
      const resumable = error.trouble === 'network' || error.trouble === 'server' || error.status === 404 || error.status === 409;
      if (!resumable || cuts >= RESUMES) throw error;
      await wait(PAUSE * (cuts + 1));
    }
  }
}
