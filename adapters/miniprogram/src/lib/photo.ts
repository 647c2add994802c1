// 照片: from the camera or the album, after the privacy guideline; compressed, so that a weak network can carry it.

import { Problem } from './problem';
import { mayUse } from './privacy';

export interface Photo {
  file: string;
  size: number;
}

const REFUSED = '您没有同意使用相机和相册。可以稍后再上传，或到网页版、受理支行办理。';

/** Nothing, when the person changed their mind. */
export async function choose(page: object): Promise<Photo | undefined> {
  const [first] = await chooseSeveral(page, 1);
  return first;
}

/** So many at most, in the order in which they were chosen; none, when the person changed their mind. */
export async function chooseSeveral(page: object, count: number): Promise<Photo[]> {
  if (!(await mayUse(page, '相机和相册'))) throw new Problem('refused', REFUSED);
  try {
    const { tempFiles } = await wx.chooseMedia({ count, mediaType: ['image'], sizeType: ['compressed'], sourceType: ['album', 'camera'] });
    return tempFiles.slice(0, count).map(({ tempFilePath, size }) => ({ file: tempFilePath, size }));
  } catch (error) {
    const why = String((error as { errMsg?: string }).errMsg);
    if (/cancel/.test(why)) return [];
    throw new Problem('refused', '没有打开相机或相册。请在微信的设置中允许使用后重试。');
  }
}

/** The bytes of a chosen photo. */
export function bytes(file: string): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    wx.getFileSystemManager().readFile({
      filePath: file,
      success: ({ data }) => resolve(data as ArrayBuffer),
      fail: () => reject(new Problem('refused', '照片已不在手机上，请重新选择。')),
    });
  });
}
