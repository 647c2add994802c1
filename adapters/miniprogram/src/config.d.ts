/** What belongs to one city; `build.mjs` writes `config.js` beside this from the city's file in tenants/catalog. */
export interface Config {
  /** Short name of the city's file, such as `cangzhou`. */
  city: string;
  /** 平台名称. */
  platform: string;
  /** 小程序名称. */
  name: string;
  /** 小程序 app id. */
  appId: string;
  /** Address of the platform, without a slash at the end. */
  server: string;
  hotline: string;
}

export declare const config: Config;
