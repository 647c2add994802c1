// 分享: a card says which product or which platform, never whose request.

import { config } from '../config';

interface Card {
  title: string;
  path: string;
}

export function platformCard(): Card {
  return { title: `${config.name}｜${config.platform}`, path: '/pages/home/home' };
}

export function productCard(id: string, name: string, institution: string): Card {
  return { title: `${name}｜${institution}`, path: `/pages/product/product?id=${id}` };
}
