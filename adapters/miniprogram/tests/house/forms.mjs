// What the settings files of a mini-program may hold, as far as this app uses them; anything else is a slip of the pen.

const text = { type: 'string', minLength: 1 };
const colour = { type: 'string', pattern: '^#[0-9A-Fa-f]{6}$' };
const exact = (properties, required = Object.keys(properties)) => ({ type: 'object', additionalProperties: false, properties, required });
const page = { type: 'string', pattern: '^pages/[a-z]+/[a-z]+$' };
const using = { type: 'object', additionalProperties: { type: 'string', pattern: '^/components/[a-z-]+/[a-z-]+$' } };
const icon = { type: 'string', pattern: '^icons/[a-z-]+\\.png$' };

export const APP = exact({
  pages: { type: 'array', minItems: 1, uniqueItems: true, items: page },
  window: exact({
    navigationBarTitleText: text,
    navigationBarBackgroundColor: colour,
    navigationBarTextStyle: { enum: ['white', 'black'] },
    backgroundColor: colour,
    backgroundTextStyle: { enum: ['dark', 'light'] },
  }),
  tabBar: exact({
    color: colour,
    selectedColor: colour,
    backgroundColor: colour,
    borderStyle: { enum: ['black', 'white'] },
    list: { type: 'array', minItems: 2, maxItems: 5, items: exact({ pagePath: page, text: { type: 'string', minLength: 1, maxLength: 4 }, iconPath: icon, selectedIconPath: icon }) },
  }),
  usingComponents: using,
  lazyCodeLoading: { const: 'requiredComponents' },
  sitemapLocation: { const: 'sitemap.json' },
  __usePrivacyCheck__: { const: true },
});

export const PAGE = exact({ navigationBarTitleText: text, enablePullDownRefresh: { const: true } }, ['navigationBarTitleText']);

export const COMPONENT = exact({ component: { const: true }, styleIsolation: { const: 'apply-shared' } });

export const SITEMAP = exact({
  rules: { type: 'array', items: exact({
    action: { enum: ['allow', 'disallow'] },
    page: { anyOf: [page, { const: '*' }] },
    params: { type: 'array', items: text },
    matching: { enum: ['exact', 'inclusive', 'exclusive', 'partial'] },
  }, ['action', 'page']) },
});

export const PROJECT = exact({
  appid: { type: 'string', pattern: '^wx[0-9a-f]{16}$' },
  projectname: text,
  description: text,
  compileType: { const: 'miniprogram' },
  miniprogramRoot: { const: 'miniprogram/' },
  libVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
  setting: { type: 'object', additionalProperties: { type: 'boolean' } },
});
