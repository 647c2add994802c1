// 接口: every call of the app, typed by the OpenAPI document of the server (`schema.d.ts` is made from it).

import { NO_ANSWER, Problem, SIGNED_OUT, refusal } from './problem';
import type { paths } from './schema';
import { renew, token } from './session';
import { type Answer, type Method, send } from './transport';

type Verb = 'get' | 'post' | 'put' | 'delete';
type Path = keyof paths;
/** The methods that a path has. */
type On<P extends Path> = { [M in Verb]: paths[P][M] extends object ? M : never }[Verb];
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Good<T> = T extends { responses: infer R } ? Json<R[keyof R & (200 | 201)]> : never;
type BodyOf<T> = T extends { requestBody: infer B } ? Json<B> : never;
type QueryOf<T> = T extends { parameters: { query?: infer Q } } ? Q : never;

export type Reply<P extends Path, M extends On<P>> = Good<paths[P][M]>;

interface Ask<P extends Path, M extends On<P>> {
  /** Parts of the path by name. */
  at?: Record<string, string>;
  query?: QueryOf<paths[P][M]>;
  body?: BodyOf<paths[P][M]>;
  /** Raw bytes instead of JSON. */
  bytes?: ArrayBuffer;
  /** 幂等键: the same for the same wish, however often it is sent. */
  key?: string;
  headers?: Record<string, string>;
}

function address(path: string, at: Record<string, string>, query: Record<string, unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ''));
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = asked.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return text ? `${filled}?${text}` : filled;
}

const flying = new Map<string, Promise<unknown>>();

async function signed(method: Method, path: string, ask: Ask<Path, never>): Promise<Answer> {
  const body = (ask.bytes ?? ask.body) as object | undefined;
  const attempt = (access = token()) => {
    const headers: Record<string, string> = { ...ask.headers };
    if (access) headers.Authorization = `Bearer ${access}`;
    if (ask.key) headers['Idempotency-Key'] = ask.key;
    return send({ method, path, body: body ?? (method === 'POST' || method === 'PUT' ? {} : undefined), headers });
  };
  const access = token();
  const answer = await attempt(access);
  if (answer.status !== 401 || !token()) return answer;
  await renew(access);
  return attempt();
}

/** Asks the platform. The same wish while it is under way is the same promise: two taps are one request. */
export function call<P extends Path, M extends On<P>>(method: M, path: P, ask: Ask<P, M> = {}): Promise<Reply<P, M>> {
  const where = address(path, ask.at ?? {}, (ask.query ?? {}) as Record<string, unknown>);
  const verb = method.toUpperCase() as Method;
  const wish = ask.bytes ? '' : `${verb} ${where} ${JSON.stringify(ask.body ?? null)}`;
  const under = wish && flying.get(wish);
  if (under) return under as Promise<Reply<P, M>>;
  const work = (async () => {
    const answer = await signed(verb, where, ask as Ask<Path, never>);
    if (answer.status === 204) return undefined as Reply<P, M>;
    if (answer.status >= 400 || answer.status < 200) throw refusal(answer.status, answer.body);
    if (typeof answer.body !== 'object' || answer.body === null) {
      throw new Problem('server', NO_ANSWER, { status: answer.status });
    }
    return answer.body as Reply<P, M>;
  })();
  if (wish) flying.set(wish, work);
  const landed = () => {
    if (flying.get(wish) === work) flying.delete(wish);
    if (verb !== 'GET') askReadsAnew();
  };
  work.then(landed, landed);
  return work;
}

/** What was asked before a write may be answered as it was before: whoever reads after the write asks for themselves. */
function askReadsAnew(): void {
  for (const wish of [...flying.keys()].filter((one) => one.startsWith('GET '))) flying.delete(wish);
}

/** For pages that nobody may read without an account. */
export function mustBeIn(): void {
  if (!token()) throw new Problem('signed_out', SIGNED_OUT, { status: 401 });
}
