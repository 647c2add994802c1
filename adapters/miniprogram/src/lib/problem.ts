// 错误: what a person reads when something was not done, and what the page does about it.

/** `network`: nobody answered; `server`: an answer that is none; `signed_out`; `refused`: a reason was given. */
export type Trouble = 'network' | 'server' | 'signed_out' | 'refused';

export interface FieldProblem {
  field: string;
  detail: string;
}

export class Problem extends Error {
  readonly trouble: Trouble;
  readonly status: number;
  /** Stable, for the program; empty when the server gave none. */
  readonly code: string;
  readonly fields: FieldProblem[];
  /** 请求编号. */
  readonly requestId: string;

  constructor(trouble: Trouble, said: string, more: Partial<Pick<Problem, 'status' | 'code' | 'fields' | 'requestId'>> = {}) {
    super(said);
    this.name = 'Problem';
    this.trouble = trouble;
    this.status = more.status ?? 0;
    this.code = more.code ?? '';
    this.fields = more.fields ?? [];
    this.requestId = more.requestId ?? '';
  }
}

export const OFFLINE_READ = '网络不稳定，没有取到内容。请检查网络后重试。';
export const OFFLINE_WRITE = '网络不稳定，内容未提交。您填写的内容已保留，请重试。';
export const NO_ANSWER = '服务暂时无法使用，请稍后重试。您填写的内容已保留。';
export const SIGNED_OUT = '登录已失效，请重新登录。';

interface Told {
  code: string;
  detail: string;
  request_id?: string;
  errors?: FieldProblem[];
}

function isTold(body: unknown): body is Told {
  if (typeof body !== 'object' || body === null) return false;
  const { code, detail } = body as Partial<Told>;
  return typeof code === 'string' && typeof detail === 'string';
}

/** An answer that is not a success; HTML of a gateway, or nothing at all, is nobody's reason. */
export function refusal(status: number, body: unknown): Problem {
  if (!isTold(body)) return new Problem('server', NO_ANSWER, { status });
  const more = { status, code: body.code, fields: body.errors ?? [], requestId: body.request_id ?? '' };
  const said = status >= 500 && more.requestId ? `${body.detail}如需帮助请提供编号 ${more.requestId}。` : body.detail;
  if (status === 401) return new Problem('signed_out', said, more);
  return new Problem(status >= 500 ? 'server' : 'refused', said, more);
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}
