// 分享: a card says which product or which platform, never whose request.

import { config } from '../config';

interface Card {
  title: string;
  path: string;
}

export function platformCard(): Card {
  return { title: `${config.name}｜${config.platform}`, path: '/pages/home/home' };
}

/** 办理进度 (P9): the two status columns and nothing else. No number, enterprise, product, bank or sum, and no way to the record. */
export function progressCard(intake: string, review: string): Card {
  const state = [intake, review].filter(Boolean).join('，');
  return { title: `融资需求办理进度${state ? `：${state}` : ''}｜${config.name}`, path: '/pages/home/home' };
}

export function productCard(id: string, name: string, institution: string): Card {
  return { title: `${name}｜${institution}`, path: `/pages/product/product?id=${id}` };
}

/** 惠企政策 and 新闻资讯: what everybody may read. */
export function articleCard(kind: string, id: string, title: string): Card {
  return { title, path: `/pages/article/article?kind=${kind}&id=${id}` };
}
