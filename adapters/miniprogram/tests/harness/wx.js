// `wx`: what WeChat offers, as far as the app asks for it. Nothing answers by itself: the network is the real server, and what a
// person or WeChat decides (photo, phone number, privacy, dialogues) is decided by the test in `window.host`.

const state = {
  /** Files of the phone by their path. */
  files: new Map(),
  /** What the next chooseMedia gives, one or several; without one the person changed their mind. */
  photo: null,
  phoneCode: '',
  loginCode: '',
  /** WeChat still has to ask for the privacy guideline. */
  privacyAsked: false,
  cameraRefused: false,
  accepts: [],
  requests: [],
  done: [],
  video: null,
};

const PREFIX = 'wx:';
const failed = (errMsg) => Object.assign(new Error(errMsg), { errMsg });

/** Callbacks where they are given, a promise where not, as WeChat does. */
function api(work) {
  return (options = {}) => {
    const promise = Promise.resolve().then(() => work(options));
    if (!options.success && !options.fail && !options.complete) return promise;
    promise.then((answer) => options.success?.(answer ?? {}), (error) => options.fail?.({ errMsg: String(error.errMsg ?? error.message) })).finally(() => options.complete?.());
    return undefined;
  };
}

function file(bytes, name) {
  const path = `wxfile://tmp/${state.files.size}-${name}`;
  state.files.set(path, bytes);
  return path;
}

/** WeChat tries to read every answer as JSON and hands over the text where it is none. */
function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}

function request({ url, method = 'GET', header = {}, data, timeout = 60000, success, fail, complete }) {
  const known = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'];
  if (!known.includes(method)) throw new Error(`wx.request knows no ${method}`);
  state.requests.push({ method, path: new URL(url).pathname, key: header['Idempotency-Key'] ?? '' });
  const wire = new XMLHttpRequest();
  wire.open(method, url);
  wire.timeout = timeout;
  for (const [name, value] of Object.entries(header)) wire.setRequestHeader(name, value);
  const end = (how, what) => { how?.(what); complete?.(what); };
  wire.onload = () => end(success, { statusCode: wire.status, data: parsed(wire.responseText), header: {} });
  wire.onerror = () => end(fail, { errMsg: 'request:fail' });
  wire.ontimeout = () => end(fail, { errMsg: 'request:fail timeout' });
  if (method === 'GET' || data === '' || data === undefined) wire.send();
  else wire.send(data instanceof ArrayBuffer ? data : JSON.stringify(data));
  return { abort: () => wire.abort() };
}

function downloadFile({ url, header = {}, success, fail }) {
  state.requests.push({ method: 'GET', path: new URL(url).pathname, key: '' });
  const wire = new XMLHttpRequest();
  wire.open('GET', url);
  wire.responseType = 'arraybuffer';
  for (const [name, value] of Object.entries(header)) wire.setRequestHeader(name, value);
  wire.onload = () => success?.({ statusCode: wire.status, tempFilePath: file(wire.response, 'download'), header: { 'Content-Type': wire.getResponseHeader('content-type') } });
  wire.onerror = () => fail?.({ errMsg: 'downloadFile:fail' });
  wire.send();
}

function readFile({ filePath, position = 0, length }) {
  const bytes = state.files.get(filePath);
  if (!bytes) throw failed('readFile:fail no such file');
  return { data: bytes.slice(position, length === undefined ? undefined : position + length) };
}

function takePhoto() {
  const { video } = state;
  if (!video) throw failed('takePhoto:fail no camera');
  const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d').drawImage(video, 0, 0);
  return new Promise((resolve) => {
    canvas.toBlob(async (blob) => resolve({ tempImagePath: file(await blob.arrayBuffer(), 'face.jpg') }), 'image/jpeg', 0.9);
  });
}

function showModal({ title = '', content = '', confirmText = '确定', cancelText = '取消', showCancel = true }) {
  return new Promise((resolve) => {
    const modal = Object.assign(document.createElement('div'), { id: 'modal' });
    modal.setAttribute('role', 'dialog');
    modal.setAttribute('aria-label', title);
    const box = document.createElement('div');
    box.append(Object.assign(document.createElement('h2'), { textContent: title }), Object.assign(document.createElement('p'), { textContent: content }));
    const button = (text, confirm) => {
      const one = Object.assign(document.createElement('button'), { textContent: text });
      one.onclick = () => { modal.remove(); resolve({ confirm, cancel: !confirm }); };
      box.append(one);
    };
    button(confirmText, true);
    if (showCancel) button(cancelText, false);
    modal.append(box);
    document.body.append(modal);
  });
}

const note = (name) => api((options) => { state.done.push({ name, options }); });

const wx = {
  request,
  downloadFile,
  previewImage: note('previewImage'),
  openDocument: note('openDocument'),
  getStorageSync: (key) => parsed(localStorage.getItem(PREFIX + key) ?? '""'),
  setStorageSync: (key, value) => localStorage.setItem(PREFIX + key, JSON.stringify(value)),
  removeStorageSync: (key) => localStorage.removeItem(PREFIX + key),
  getStorageInfoSync: () => ({ keys: Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length)) }),
  getRandomValues: api(({ length }) => ({ randomValues: crypto.getRandomValues(new Uint8Array(length)).buffer })),
  login: api(() => {
    if (!state.loginCode) throw failed('login:fail');
    return { code: state.loginCode };
  }),
  getPrivacySetting: api(() => ({ needAuthorization: state.privacyAsked, privacyContractName: '《小程序隐私保护指引》' })),
  openPrivacyContract: note('openPrivacyContract'),
  openSetting: note('openSetting'),
  chooseMedia: api(({ count = 9 }) => {
    if (!state.photo) throw failed('chooseMedia:fail cancel');
    const tempFiles = [].concat(state.photo).slice(0, count).map((photo) => {
      const bytes = Uint8Array.from(atob(photo), (sign) => sign.charCodeAt(0)).buffer;
      return { tempFilePath: file(bytes, 'photo.jpg'), size: bytes.byteLength };
    });
    return { type: 'image', tempFiles };
  }),
  getFileSystemManager: () => ({
    readFile: api(readFile),
    statSync: (path) => ({ size: state.files.get(path).byteLength }),
  }),
  createCameraContext: () => ({ takePhoto: api(takePhoto) }),
  requestSubscribeMessage: api(({ tmplIds }) => Object.fromEntries(tmplIds.map((id) => [id, state.accepts.includes(id) || state.accepts.includes('*') ? 'accept' : 'reject']))),
  showModal: api(showModal),
  makePhoneCall: note('makePhoneCall'),
  setClipboardData: note('setClipboardData'),
  setNavigationBarTitle: api(({ title }) => nav.title(title)),
  stopPullDownRefresh: note('stopPullDownRefresh'),
  pageScrollTo: api(({ scrollTop }) => window.scrollTo(0, scrollTop)),
  getUpdateManager: () => ({ onUpdateReady: (ready) => { state.updateReady = ready; }, applyUpdate: () => state.done.push({ name: 'applyUpdate' }) }),
  getWindowInfo: () => ({ windowHeight: window.innerHeight, windowWidth: window.innerWidth }),
  createSelectorQuery: () => nav.top().page.createSelectorQuery(),
  navigateTo: api(({ url }) => nav.push(url)),
  redirectTo: api(({ url }) => nav.replace(url)),
  switchTab: api(({ url }) => nav.tab(url)),
  reLaunch: api(({ url }) => nav.launch(url)),
  navigateBack: api(({ delta = 1 }) => nav.back(delta)),
};
