// The host: the framework's environment, the stack of pages, the bars around them.

const env = new MiniProgramEnv();
const context = new glassEasel.CurrentWindowBackendContext();
context.document = {
  createElement,
  createTextNode: (text) => document.createTextNode(text),
  createDocumentFragment: () => document.createDocumentFragment(),
};
context._$getEventDetail = detailOf;
context.onEvent((target, type, detail, options) => {
  const event = new glassEasel.Event(type, detail, options);
  glassEasel.Event.dispatchEvent(target, event);
  return event.getEventBubbleStatus();
});
const backend = env.associateBackend(context);
const space = env.createCodeSpace('', true);

glassEasel.globalOptions.throwGlobalError = false;
const errors = [];
glassEasel.addGlobalErrorListener((error) => { errors.push(String(error?.stack ?? error)); return false; });
glassEasel.addGlobalWarningListener((message) => { errors.push(`warning: ${message}`); return false; });

const values = {};
function moduleOf(stem) {
  if (!values[stem]) {
    if (!modules[stem]) throw new Error(`no module ${stem}`);
    const module = { exports: {} };
    values[stem] = module;
    const resolve = (address) => {
      const at = stem.split('/').slice(0, -1);
      for (const step of address.split('/')) {
        if (step === '..') at.pop();
        else if (step !== '.') at.push(step);
      }
      return moduleOf(at.join('/'));
    };
    modules[stem](resolve, module, module.exports);
  }
  return values[stem].exports;
}

const THEME = Object.fromEntries([...facts.styles.app.matchAll(/--([a-z0-9-]+): ([^;]+);/g)].map((found) => [found[1], found[2]]));

const stack = [];
const isTab = (route) => facts.settings.tabBar.list.some(({ pagePath }) => pagePath === route);

const nav = {
  top: () => stack[stack.length - 1],
  title(text) {
    document.title = text;
    document.querySelector('#bar h1').textContent = text;
  },
  open(url) {
    const [address, search = ''] = url.replace(/^\//, '').split('?');
    if (!facts.settings.pages.includes(address)) throw failed(`navigateTo:fail page "${address}" is not found`);
    // WeChat hands a query over as it stands.
    const query = Object.fromEntries(search.split('&').filter(Boolean).map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]));
    const root = backend.createRoot('page', space, address);
    const frame = document.createElement('div');
    frame.className = isTab(address) ? 'tabbed' : '';
    const place = document.createElement('div');
    frame.append(place);
    document.querySelector('#pages').append(frame);
    const page = root.get();
    page.route = address;
    page.options = query;
    const entry = { page, root, frame, route: address, query, scroll: 0, settings: facts.parts[address] };
    stack.push(entry);
    root.attach(frame, place);
    page.onLoad?.(query);
    nav.show();
    page.onReady?.();
    return entry;
  },
  show() {
    const entry = nav.top();
    document.querySelector('#page-style').textContent = facts.styles[entry.route];
    for (const { frame } of stack) frame.hidden = frame !== entry.frame;
    nav.title(entry.settings.navigationBarTitleText ?? facts.settings.window.navigationBarTitleText);
    document.querySelector('#bar button').style.display = stack.length < 2 || isTab(entry.route) ? 'none' : '';
    tabs(entry.route);
    window.scrollTo(0, entry.scroll);
    entry.page.onShow?.();
    entry.root.getComponent().triggerPageLifetime('show', []);
  },
  hide() {
    const entry = nav.top();
    if (!entry) return;
    entry.scroll = window.scrollY;
    entry.page.onHide?.();
    entry.root.getComponent().triggerPageLifetime('hide', []);
  },
  drop() {
    const entry = stack.pop();
    entry.page.onUnload?.();
    entry.root.release();
    entry.frame.remove();
  },
  push(url) {
    if (stack.length >= 10) throw failed('navigateTo:fail webview count limit exceed');
    if (isTab(url.replace(/^\//, '').split('?')[0])) throw failed('navigateTo:fail can not navigateTo a tabbar page');
    nav.hide();
    nav.open(url);
  },
  replace(url) {
    nav.drop();
    nav.open(url);
  },
  tab(url) {
    const route = url.replace(/^\//, '');
    if (!isTab(route)) throw failed('switchTab:fail not a tabbar page');
    if (nav.top().route === route) return;
    nav.hide();
    while (stack.length && !isTab(nav.top().route)) nav.drop();
    const at = stack.findIndex((entry) => entry.route === route);
    if (at < 0) nav.open(url);
    else {
      stack.push(...stack.splice(at, 1));
      nav.show();
    }
  },
  launch(url) {
    while (stack.length) nav.drop();
    nav.open(url);
  },
  back(delta = 1) {
    if (stack.length < 2) throw failed('navigateBack:fail cannot navigate back at first page.');
    for (let left = Math.min(delta, stack.length - 1); left > 0; left -= 1) nav.drop();
    nav.show();
  },
};

/** Tab pages live side by side in WeChat; what the app sees are the pages above the tab that is shown. */
function pages() {
  let from = stack.length - 1;
  while (from > 0 && !isTab(stack[from].route)) from -= 1;
  return stack.slice(from).map(({ page }) => page);
}

function tabs(route) {
  const bar = document.querySelector('#tabs');
  bar.hidden = !isTab(route);
  bar.style.display = isTab(route) ? '' : 'none';
  bar.replaceChildren(...facts.settings.tabBar.list.map(({ pagePath, text, iconPath, selectedIconPath }) => {
    const button = document.createElement('button');
    const picture = Object.assign(document.createElement('img'), { src: pagePath === route ? selectedIconPath : iconPath, alt: '' });
    button.append(picture, text);
    if (pagePath === route) button.setAttribute('aria-current', 'page');
    button.onclick = () => nav.tab(`/${pagePath}`);
    return button;
  }));
}

function frame() {
  document.documentElement.style.setProperty('--bar', THEME['brand-deep']);
  document.documentElement.style.setProperty('--on', THEME.brand);
  const bar = document.createElement('header');
  bar.id = 'bar';
  const back = document.createElement('button');
  back.textContent = '‹';
  back.setAttribute('aria-label', '返回上一页');
  back.onclick = () => nav.back();
  back.style.display = 'none';
  bar.append(back, document.createElement('h1'), document.createElement('span'));
  bar.querySelector('h1').setAttribute('role', 'presentation');
  const main = Object.assign(document.createElement('main'), { id: 'pages' });
  const foot = Object.assign(document.createElement('nav'), { id: 'tabs' });
  foot.setAttribute('aria-label', '底部导航');
  document.body.append(bar, main, foot);
  // Each page has a view of its own at WeChat: the styles of the app, then those of the page that is shown, and of no other.
  const style = (id, text) => document.head.append(Object.assign(document.createElement('style'), { id, textContent: text }));
  style('app-style', facts.styles.app);
  style('page-style', '');
}

let app = {};
function begin(query, first) {
  frame();
  Object.assign(window, { wx, getCurrentPages: pages, getApp: () => app, App: (definition) => { app = definition; } });
  for (const [stem, settings] of Object.entries(facts.parts)) {
    space.addComponentStaticConfig(stem, settings);
    space.addCompiledTemplate(stem, { groupList: templates, content: templates[stem] });
    if (!settings.component) continue;
    backend.registerStyleSheetContent(stem, facts.styles[stem]);
    space.addStyleSheet(stem, stem, facts.scopes[stem]);
  }
  moduleOf('app');
  // Components before the pages that use them.
  const order = Object.keys(facts.parts).sort((one, other) => Number(facts.parts[other].component ?? false) - Number(facts.parts[one].component ?? false));
  for (const stem of order) space.globalComponentEnv(window, stem, () => moduleOf(stem));
  nav.open(first);
  app.onLaunch?.({ path: first, query, scene: 1001 });
}

/** Whoever scrolls to the end of a page reaches its bottom. */
window.addEventListener('scroll', () => {
  const entry = nav.top();
  const end = document.documentElement.scrollHeight - window.innerHeight;
  if (entry && window.scrollY >= end - 50) entry.page.onReachBottom?.();
});

window.addEventListener('error', (event) => errors.push(String(event.error?.stack ?? event.message)));
window.addEventListener('unhandledrejection', (event) => errors.push(`unhandled: ${String(event.reason?.stack ?? event.reason?.errMsg ?? event.reason)}`));

window.host = {
  state,
  errors,
  route: () => nav.top().route,
  data: () => nav.top().page.data,
  back: () => nav.back(),
  push: (url) => nav.push(url),
  pull: () => nav.top().page.onPullDownRefresh?.(),
  share: () => nav.top().page.onShareAppMessage?.({ from: 'menu' }),
};

const asked = new URLSearchParams(location.search);
begin(Object.fromEntries(asked), asked.get('open') ?? facts.settings.pages[0]);
