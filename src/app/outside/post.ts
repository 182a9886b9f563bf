import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestOverTls } from 'node:https';

type Post = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
};

/**
 * Posts a text, and resolves to the status of the answer, whose body nobody waits for. A redirect is followed nowhere. Unlike `fetch` it takes any
 * port: that knows a list of some, such as 6000 or 10080, that it never asks (Fetch: bad port). Rejects as the connection does, and at
 * the signal with its reason.
 */
export async function post(url: string, { headers, body, signal }: Post): Promise<number> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const ask = new URL(url).protocol === 'https:' ? requestOverTls : requestPlain;
  const asked = ask(url, { method: 'POST', headers: { ...headers, connection: 'close' }, signal }, resolve);
  asked.on('error', (error) => reject(signal.aborted ? signal.reason : error));
  asked.end(body);
  const answer = await promise;
  answer.on('error', () => {}).destroy();
  return answer.statusCode ?? 0;
}
