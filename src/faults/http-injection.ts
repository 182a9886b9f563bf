import type { Toll } from '../model/toll.ts';
import type { Millis, Ratio } from '../model/units.ts';
import { formatDuration } from '../model/units.ts';
import { integer, quantity, record, text, withDefault } from '../schema/builders.ts';

/** What a proxy does to HTTP requests in a fault, as a plan keeps it. */
export type Injection = {
  /** Answered in place of who should; null where nothing is. */
  readonly status: number | null;
  readonly delayMs: Millis | null;
  readonly percent: Ratio;
  /** Only requests with all of these. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
};

/** The fields of an Injection in the data of a plan. */
export const INJECTION_DATA = { status: 'number?', delayMs: 'number?', percent: 'number', headers: 'list' } as const;

/** The fields of a block that say what is done to which requests; `least` is the least status. */
export function injectionFields(least: number) {
  return {
    status: integer(`Answer with this status in place of who should. ${least} to 599.`, least, 599, 503),
    delay: quantity('duration', 'Let requests wait for so long before they go on.', { min: '1ms', example: '2s' }),
    percent: withDefault(
      quantity('percent', 'Share of the requests that are hit, in steps of 0.01 %.', { example: '50%' }),
      '100%',
    ),
    headers: record(
      'Only requests with all of these headers, values compared as a whole. They stand in the cluster and in every record: none that is a secret.',
      text('Value of the header.'),
      {
        pattern: '^[a-z0-9-]+$',
      },
    ),
  };
}

/** The injection that a block asks for. */
export function injectionOf(block: {
  readonly status?: number;
  readonly delay?: Millis;
  readonly percent: Ratio;
  readonly headers?: Readonly<Record<string, string>>;
}): Injection {
  const { status, delay, percent, headers = {} } = block;
  return {
    status: status ?? null,
    delayMs: delay ?? null,
    percent,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
  };
}

/**
 * Headers that clients, HTTP and tracing put onto all requests alike, or onto all of one caller: a value of theirs need not tell
 * any apart. What differs by request (x-request-id, traceparent, x-b3-traceid) is none of them: values are compared as a whole.
 */
const ON_ALL: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'cache-control', 'connection', 'content-length'],
  ...['content-type', 'forwarded', 'host', 'origin', 'pragma', 'referer', 'te', 'tracestate', 'transfer-encoding'],
  ...['user-agent', 'via', 'x-b3-sampled', 'x-real-ip'],
]);
/** What proxies set themselves (x-envoy-attempt-count is 1 on every first attempt); and metadata of gRPC itself. */
const BY_PROXIES = /^(x-envoy|x-forwarded|x-istio|sec-fetch|grpc)-/;

function isOnAll({ name }: Injection['headers'][number]): boolean {
  return ON_ALL.has(name) || BY_PROXIES.test(name);
}

/** How much an injection takes of the calls that it is for; nothing is known where other headers choose among them. */
export function tollOf({ status, delayMs, percent, headers }: Injection): Pick<Toll, 'share' | 'afterMs'> | undefined {
  if (!headers.every(isOnAll)) return undefined;
  return { share: percent, ...(status === null && delayMs !== null ? { afterMs: delayMs } : {}) };
}

/** In words: `wait 2s, then answer 503 for 50 % of the requests`. */
export function injectionText({ status, delayMs, percent, headers }: Injection): string {
  const late = delayMs === null ? [] : [`wait ${formatDuration(delayMs)}`];
  const bad = status === null ? [] : [`answer ${status}`];
  const whom = headers.map(({ name, value }) => ` with ${name}: ${value}`).join('');
  return `${[...late, ...bad].join(', then ')} for ${Math.round(percent * 10_000) / 100} % of the requests${whom}`;
}
