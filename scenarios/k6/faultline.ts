/// <reference types="k6" />
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http, { type RefinedParams, type RefinedResponse, type RequestBody, type ResponseType } from 'k6/http';

/*
 * Run by k6, not by Node. A script that imports http from here in place of k6/http sends the scenario's requests, and
 * faultline gets a record of each:
 *
 *   import http from './faultline.ts';
 *   export { options } from './faultline.ts';
 *
 * Rate, paths and gateways come from the scenario; each iteration sends the request of every path once, and waits after it:
 * what comes before it counts as its latency. What shall not be judged (a login) goes over k6/http. faultline puts its own
 * version of this file in the place of yours.
 */

type PathConfig = {
  index: number;
  method: string;
  target: string;
  /** Protocol, name and port that lead to the gateway of the path. */
  base: string;
  /** What the Host header says. */
  authority: string;
  headers: Record<string, string>;
  /** In base64. */
  body: string;
  /** What the harness looks at in an answer. */
  tell: { body: boolean; headers: string[] };
};
type Config = { options: object; lanes: PathConfig[][]; timeoutMs: number; header: string };

/** Characters of an answer that are told; the rest is not looked at by any engine. */
const TEXT_LIMIT = 65_536;

if (!__ENV.FAULTLINE_CONFIG) throw new Error('faultline: this script is run by `faultline run` with its scenario');
const config: Config = JSON.parse(open(__ENV.FAULTLINE_CONFIG));

/** k6's options for this run. */
export const options = config.options;

/** What a virtual user knows of its present iteration. */
let lane: PathConfig[] | undefined;
let latest = -1;
let iteration = 0;
let began = 0;
/** Milliseconds that this iteration has spent in requests that are judged. */
let judged = 0;
const sent = new Set<number>();

/** Milliseconds on the clock of this k6, with fractions. */
function now(): number {
  return exec.instance.currentTestRunDuration;
}

/** Called by faultline when an iteration begins; a second call in the same iteration changes nothing. */
export function begin(): void {
  const own = exec.vu.iterationInInstance;
  if (own === latest) return;
  latest = own;
  began = now();
  judged = 0;
  lane = config.lanes[Number(__ENV.FAULTLINE_LANE)];
  iteration = exec.scenario.iterationInInstance;
  sent.clear();
}

/** Sends the request of every path that this iteration has not sent yet, as the scenario words it. */
export function sendAll(): void {
  for (const path of lane ?? []) if (!sent.has(path.index)) request(path.method, path.target, bodyOf(path));
}

function bodyOf({ body }: PathConfig): ArrayBuffer | null {
  return body === '' ? null : encoding.b64decode(body);
}

/** As http.request of k6; `url` is a path such as "/mock", or an absolute URL with the host of the scenario. */
function request<RT extends ResponseType | undefined = undefined>(
  method: string,
  url: string,
  body?: RequestBody | null,
  params?: RefinedParams<RT> | null,
): RefinedResponse<RT> {
  const [, authority, target = ''] = /^(?:https?:\/\/([^/?#]*))?([^#]*)/.exec(String(url)) ?? [];
  // In setup and teardown there is no lane: nothing is judged then, and any gateway will do.
  const path = pathOf(method, authority, target === '' ? '/' : target, lane ?? config.lanes[0] ?? []);
  if (params?.auth !== undefined) throw new Error('faultline: `auth` sends a request twice; use a header');
  const settings = { ...params, ...OWN_PARAMS, timeout: config.timeoutMs, headers: headersOf(path, params?.headers) };
  if (lane !== undefined) sendOnce(path);
  const start = now();
  const response = http.request(method, path.base + target, body, settings as unknown as RefinedParams<RT>);
  if (lane !== undefined) tell(path, start, response as RefinedResponse<ResponseType>);
  return response;
}

/** One answer of the gateway for one request, whole, and an error that is told: no script has these another way. */
const OWN_PARAMS = { redirects: 0, responseType: 'text', throw: false } as const;

function headersOf(path: PathConfig, given: object | undefined): Record<string, string> {
  const own = Object.entries(given ?? {}).filter(([name]) => name.toLowerCase() !== 'host');
  return { ...path.headers, ...Object.fromEntries(own), Host: path.authority };
}

/** The path of the scenario that a request belongs to; the query may differ where no other path has it. */
function pathOf(method: string, authority: string | undefined, target: string, paths: PathConfig[]): PathConfig {
  const bare = (text: string) => text.replace(/\?.*/, '');
  const same = paths.filter(
    (one) => one.method === method.toUpperCase() && (authority === undefined || one.authority === authority),
  );
  const path = same.find((one) => one.target === target) ?? same.find((one) => bare(one.target) === bare(target));
  if (path !== undefined) return path;
  const what = `${method} ${authority ?? ''}${target}`;
  throw new Error(`faultline: ${what} is no path of the scenario; name it there, or send it with k6/http`);
}

function sendOnce({ index, method, target }: PathConfig): void {
  if (sent.has(index)) {
    throw new Error(`faultline: ${method} ${target} was sent already; an iteration sends the request of a path once`);
  }
  sent.add(index);
}

/** One line for each request; faultline reads them from the console output. */
function tell(path: PathConfig, start: number, response: RefinedResponse<ResponseType>): void {
  const end = now();
  const line: Record<string, unknown> = { p: path.index, i: iteration, b: began, t0: start, t1: end };
  if (judged > 0) line.w = judged;
  judged += end - start;
  if (response.status > 0) {
    const text = textOf(response);
    line.s = response.status;
    line.x = text.slice(0, TEXT_LIMIT);
    if (text.length > TEXT_LIMIT) line.cut = 1;
    tellAnswer(path, line, response);
  } else {
    line.e = response.error_code;
    line.m = response.error;
  }
  console.log(JSON.stringify(line));
}

/** What else the harness looks at: headers, and the body where the text told is not it. */
function tellAnswer(
  { tell: wanted }: PathConfig,
  line: Record<string, unknown>,
  response: RefinedResponse<ResponseType>,
) {
  if (!wanted.body && wanted.headers.length === 0) return;
  const known = new Map(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const headers: Record<string, string> = {};
  for (const name of wanted.headers) {
    const value = known.get(name);
    if (value !== undefined) headers[name] = value;
  }
  line.h = headers;
  if (!wanted.body || config.header === '') return;
  const { body } = response;
  const text = typeof body === 'string' ? body : '';
  line.y = text.slice(0, TEXT_LIMIT);
  if (text.length > TEXT_LIMIT) line.cut = 1;
}

function textOf({ body, headers }: RefinedResponse<ResponseType>): string {
  if (config.header === '') return typeof body === 'string' ? body : '';
  const name = config.header.toLowerCase();
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}

type Params<RT extends ResponseType | undefined> = RefinedParams<RT> | null;

/** The part of k6/http that sends one request at a time, and everything of it that sends none. */
export default {
  ...http,
  request,
  get: <RT extends ResponseType | undefined>(url: string, params?: Params<RT>) => request('GET', url, null, params),
  head: <RT extends ResponseType | undefined>(url: string, params?: Params<RT>) => request('HEAD', url, null, params),
  post: <RT extends ResponseType | undefined>(url: string, body?: RequestBody | null, params?: Params<RT>) =>
    request('POST', url, body, params),
  put: <RT extends ResponseType | undefined>(url: string, body?: RequestBody | null, params?: Params<RT>) =>
    request('PUT', url, body, params),
  patch: <RT extends ResponseType | undefined>(url: string, body?: RequestBody | null, params?: Params<RT>) =>
    request('PATCH', url, body, params),
  del: <RT extends ResponseType | undefined>(url: string, body?: RequestBody | null, params?: Params<RT>) =>
    request('DELETE', url, body, params),
  options: <RT extends ResponseType | undefined>(url: string, body?: RequestBody | null, params?: Params<RT>) =>
    request('OPTIONS', url, body, params),
  /** As http.url of k6, and a plain text. */
  url: (strings: TemplateStringsArray, ...values: unknown[]): string => String.raw({ raw: strings }, ...values),
  batch: oneAtATime,
  asyncRequest: oneAtATime,
};

function oneAtATime(): never {
  throw new Error('faultline: requests that are judged are sent one at a time; use k6/http for the others');
}
