// 消息的去处: where a link of the web leads in this app.

/** Pages of one request that have one of their own here; all others are on its record. */
const OF_RECORD: Record<string, string> = {
  loan: 'loan',
  'give-up': 'loan',
  move: 'move',
  reconsider: 'reconsider',
  rating: 'rating',
  supplement: 'supplement',
  thread: 'letters',
};

/** Nothing, when there is no such page here: 导出 is the web's. */
export function pageOf(link: string): string {
  const record = /^\/enterprise\/applications\/([0-9a-f-]{36})(?:\/([a-z-]+))?/.exec(link);
  if (record) {
    const page = OF_RECORD[record[2] ?? ''] ?? 'record';
    return `/pages/${page}/${page}?id=${record[1]}`;
  }
  if (link.startsWith('/enterprise/applications')) return '/pages/records/records';
  if (link.startsWith('/enterprise/profile')) return '/pages/profile/profile';
  if (link.startsWith('/enterprise/face')) return '/pages/face/face';
  if (link.startsWith('/enterprise/size')) return '/pages/size/size';
  if (link.startsWith('/enterprise/consents')) return '/pages/consents/consents';
  return link === '/enterprise/account' ? '/pages/safety/safety' : '';
}
