// 附件: a file of the platform, opened by the phone; nothing of it is kept.

import { config } from '../config';
import { device } from './device';
import { OFFLINE_READ, Problem } from './problem';
import { renew, token } from './session';

interface Fetched {
  status: number;
  file: string;
  picture: boolean;
}

function fetched(path: string, header: Record<string, string>): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    wx.downloadFile({
      url: config.server + path,
      header,
      success: (answer) => {
        const { header: told } = answer as unknown as { header?: Record<string, string> };
        const kind = told?.['Content-Type'] ?? told?.['content-type'] ?? '';
        resolve({ status: answer.statusCode, file: answer.tempFilePath, picture: !kind.includes('pdf') });
      },
      fail: () => reject(new Problem('network', OFFLINE_READ)),
    });
  });
}

export async function fetchFile(path: string): Promise<void> {
  const ask = async () => fetched(path, { Authorization: `Bearer ${token() ?? ''}`, 'X-Device-Id': await device() });
  const access = token();
  let answer = await ask();
  if (answer.status === 401) {
    await renew(access);
    answer = await ask();
  }
  if (answer.status !== 200) throw new Problem('refused', '文件没有打开，请稍后重试。', { status: answer.status });
  if (answer.picture) await wx.previewImage({ urls: [answer.file] });
  else await wx.openDocument({ filePath: answer.file, fileType: 'pdf' });
}
