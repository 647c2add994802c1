// 扫码: where a code of the platform leads. WeChat hands its 32 signs to the page that the code names.

import { call, type Reply } from './api';

export type Scene = Reply<'/api/v1/scenes/{code}', 'get'>;

/** What the signs say; refused like anything that is not there. */
export function resolve(scene: string): Promise<Scene> {
  return call('get', '/api/v1/scenes/{code}', { at: { code: decodeURIComponent(scene) } });
}
