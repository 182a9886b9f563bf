import { type Millis, parseDuration } from '../../model/units.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { REQUEST_ID, TEXT } from './http.ts';

const ANSWER_IN = 'x-answer-in';

/** The mock's outbound call, through its own sidecar. Undefined is a transport error: no answer at all. */
type Upstream = (url: URL, request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer | undefined>;

/**
 * The mock service of the vendor's pages: answers any path with its own segment and whatever its upstream says, with
 * status 200 unless `status` says otherwise (as the lab's mock, from `status_after` on). An upstream's error text is passed
 * on verbatim, a transport error adds nothing, and only x-request-id is forwarded. Several upstreams, which the original
 * does not know, stand with a blank between them, and are called one after the other whatever came of those before. As of
 * the lab's mock, who asks for it by the header x-answer-in has the answer in the header that is named there.
 */
export async function mockService(
  environment: Readonly<Record<string, string>>,
  ip: string,
  upstream: Upstream,
  request: HttpRequest,
  signal: AbortSignal,
  ageMs: Millis = 0,
): Promise<HttpAnswer> {
  const { app = 'mock', version = '', upstream_url: next = '' } = environment;
  const own = `-> ${app}(version: ${version}, ip: ${ip})`;
  const id = request.headers[REQUEST_ID];
  const headers = id === undefined ? {} : { [REQUEST_ID]: id };
  let body = own;
  for (const text of next.split(' ').filter((one) => URL.canParse(one))) {
    const url = new URL(text);
    const call: HttpRequest = { method: 'GET', path: `${url.pathname}${url.search}`, host: url.host, headers };
    body += (await upstream(url, call, signal))?.body ?? '';
  }
  const status = statusOf(environment, ageMs);
  const name = request.headers[ANSWER_IN];
  if (name !== undefined) return { status, body: 'ok', contentType: TEXT, headers: { [name]: body } };
  return { status, body, contentType: TEXT };
}

function statusOf({ status = '', status_after: after = '' }: Readonly<Record<string, string>>, ageMs: Millis): number {
  const code = Number(status);
  const ordered = Number.isInteger(code) && code >= 100 && code <= 999;
  return ordered && ageMs >= (parseDuration(after) ?? 0) ? code : 200;
}
