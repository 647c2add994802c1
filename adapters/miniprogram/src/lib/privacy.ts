// 隐私指引: WeChat asks once before camera, album and phone number; who says no goes on by hand.

interface Sheet {
  ask(what: string): Promise<boolean>;
}

interface Page {
  selectComponent(selector: string): unknown;
}

function isSheet(found: unknown): found is Sheet {
  return typeof found === 'object' && found !== null && 'ask' in found;
}

interface Setting {
  needAuthorization: boolean;
  /** 《…隐私保护指引》. */
  privacyContractName: string;
}

/** What WeChat knows of this person's consent; an old WeChat knows of none and asks for none. */
export function setting(): Promise<Setting> {
  return new Promise((resolve) => {
    wx.getPrivacySetting({
      success: ({ needAuthorization, privacyContractName }) => resolve({ needAuthorization, privacyContractName }),
      fail: () => resolve({ needAuthorization: false, privacyContractName: '《隐私保护指引》' }),
    });
  });
}

/** True when `what` may be used; the page carries `<privacy-sheet id="privacy" />`. */
export async function mayUse(page: object, what: string): Promise<boolean> {
  if (!(await setting()).needAuthorization) return true;
  const sheet = (page as Page).selectComponent('#privacy');
  return isSheet(sheet) ? sheet.ask(what) : false;
}
