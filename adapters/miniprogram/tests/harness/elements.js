// Built-in elements of WXML as elements of a browser. `button`, `input` and `textarea` are the browser's own.

const NAMES = { view: 'wx-view', text: 'wx-text', 'scroll-view': 'wx-scroll-view', image: 'wx-image', camera: 'wx-camera' };
const INPUT_TYPES = { number: 'numeric', digit: 'decimal', idcard: 'text', text: 'text' };

/** Attributes that WeChat calls otherwise; WXML knows aria-role where HTML has role. */
function attribute(element, tag, name, value) {
  const set = (as, what) => Element.prototype.setAttribute.call(element, as, what);
  if (name === 'aria-role') return set('role', value);
  if (tag === 'input' && name === 'type') return set('inputmode', INPUT_TYPES[value] ?? 'text');
  if (tag === 'input' && name === 'password') { element.type = 'password'; return undefined; }
  if ((tag === 'input' || tag === 'textarea') && name === 'value') {
    if (element.value !== value) element.value = value;
    return undefined;
  }
  if (tag === 'image' && name === 'src') { element.firstChild.src = state.files.has(value) ? URL.createObjectURL(new Blob([state.files.get(value)])) : value; return undefined; }
  if (tag === 'image' && name === 'aria-label') element.firstChild.alt = '';
  return set(name, value);
}

function image(element) {
  element.append(Object.assign(document.createElement('img'), { alt: '' }));
}

/** The phone's camera is the browser's; whoever refuses it gets the event that WeChat sends. */
function camera(element) {
  const video = Object.assign(document.createElement('video'), { autoplay: true, muted: true, playsInline: true });
  element.append(video);
  const media = state.cameraRefused ? Promise.reject(new Error('refused')) : navigator.mediaDevices.getUserMedia({ video: true });
  media.then((stream) => { video.srcObject = stream; state.video = video; },
    (error) => element.dispatchEvent(new CustomEvent('error', { detail: { errMsg: String(error) } })));
}

/** What a tap on a button with an open-type asks WeChat for. */
function openTypes(element) {
  element.addEventListener('click', () => {
    const types = (element.getAttribute('open-type') ?? '').split('|');
    if (types.includes('agreePrivacyAuthorization')) {
      state.privacyAsked = false;
      element.dispatchEvent(new CustomEvent('agreeprivacyauthorization', { detail: {} }));
    }
    if (types.includes('getPhoneNumber')) {
      const detail = state.phoneCode ? { code: state.phoneCode, errMsg: 'getPhoneNumber:ok' } : { errMsg: 'getPhoneNumber:fail user deny' };
      element.dispatchEvent(new CustomEvent('getphonenumber', { detail }));
    }
  });
}

function createElement(tag) {
  const element = document.createElement(NAMES[tag] ?? tag);
  element.setAttribute = (name, value) => attribute(element, tag, name, value);
  if (tag === 'image') image(element);
  if (tag === 'camera') camera(element);
  if (tag === 'button') openTypes(element);
  if (tag === 'input') {
    const password = element.removeAttribute;
    element.removeAttribute = (name) => { if (name === 'password') element.type = 'text'; else password.call(element, name); };
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') element.dispatchEvent(new CustomEvent('confirm', { detail: { value: element.value } }));
    });
  }
  return element;
}

/** The detail that WeChat's own events carry. */
function detailOf(event) {
  if (event instanceof CustomEvent) return event.detail;
  const { target } = event;
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? { value: target.value } : {};
}
