import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import { cutTo } from '../../model/cut.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Clock, Prometheus, Sample } from '../../model/ports.ts';
import { type Redact, redactor, tracesOf } from '../../model/redact.ts';
import type { Millis } from '../../model/units.ts';
import { visible } from '../../model/visible.ts';
import { systemClock } from '../../run/system-clock.ts';
import { AnswerTimes, type Made } from './prometheus-time.ts';

/** Longest wait for one answer. */
const ANSWER_MS: Millis = 5_000;
/** Largest answer: some thousand values. */
const MOST_BYTES = 1_048_576;
/** Characters that are kept of what others wrote. */
const MOST_SAID = 200;

/** What a query needs: only the client holds it. */
export type Access = { readonly url: string; readonly ca?: string; readonly token?: string };

/**
 * The client of one Prometheus: instant queries (prometheus docs/querying/api.md), each over a connection of its own. What is not
 * answered for now is no answer (`AnswerTimes`).
 */
export function prometheusAt(access: Access, limit: Millis = ANSWER_MS, clock: Clock = systemClock): Prometheus {
  const times = new AnswerTimes(clock);
  const redact = redactor(access.token === undefined ? [] : tracesOf(access.token));
  return {
    ask: async (query) => {
      try {
        const asked = times.now();
        const sent = await send(access, query, limit);
        const { evaluated, ...answer } = readAnswer(sent, redact);
        times.requireNew(query, asked, { evaluated, ...sent });
        return answer;
      } catch (error) {
        throw new FaultlineError('PROMETHEUS', `${access.url}: ${redact(messageOf(error))}`);
      }
    },
  };
}

/** An answer as it came, with the two fields of its head that tell its time. */
type Sent = Omit<Made, 'evaluated'> & { readonly status: number; readonly text: string };

/** A redirect is no answer: nobody has said that the token may go there. */
function send({ url, ca, token }: Access, query: string, limit: Millis): Promise<Sent> {
  const asked = new URL(`${url}/api/v1/query`);
  asked.searchParams.set('query', query);
  asked.searchParams.set('timeout', `${limit / 1000}s`);
  // Thanos: rather no answer than a part of one. Others do not look at it.
  asked.searchParams.set('partial_response', 'false');
  const headers = {
    accept: 'application/json',
    'cache-control': 'no-cache',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const signal = AbortSignal.timeout(limit);
  const options = { headers, signal, agent: false } as const;
  const { promise, resolve, reject } = Promise.withResolvers<Sent>();
  const onAnswer = (answer: IncomingMessage) => void readText(answer).then(resolve, reject);
  const request =
    asked.protocol === 'https:'
      ? getOverTls(asked, { ...options, ...(ca === undefined ? {} : { ca }) }, onAnswer)
      : getPlain(asked, options, onAnswer);
  request.on('error', reject);
  return promise.catch((error: unknown) => {
    throw signal.aborted ? new Error(`no answer within ${limit / 1000} s`) : error;
  });
}

async function readText(answer: IncomingMessage): Promise<Sent> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes: let the query sum up`);
    chunks.push(chunk);
  }
  const { date, age } = answer.headers;
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString(), date, age };
}

type Answer = Awaited<ReturnType<Prometheus['ask']>> & Pick<Made, 'evaluated'>;

/** Throws an Error that says in what it is no answer. */
function readAnswer({ status, text }: Sent, redact: Redact): Answer {
  const body = asRecord(parsed(text));
  if (status < 200 || status > 299 || body?.status !== 'success') {
    const said = typeof body?.error === 'string' ? body.error : text;
    throw new Error(`${status} ${shortly(redact(said))}`.trim());
  }
  const warnings = Array.isArray(body.warnings) ? body.warnings.map((one) => shortly(redact(String(one)))) : [];
  const data = asRecord(body.data);
  if (data?.resultType === 'scalar') {
    const samples = [{ metric: {}, labels: '', value: numberOf(data.result) }];
    return { samples, warnings, evaluated: timeOf(data.result) };
  }
  if (data?.resultType !== 'vector' || !Array.isArray(data.result))
    throw new Error(`the query gives a ${shortly(String(data?.resultType))} and not values of one moment`);
  const found = data.result.map(asRecord);
  const times = found.map((one) => timeOf(one?.value));
  return {
    samples: found.map((one) => sampleOf(one, redact)),
    warnings,
    evaluated: times.length === 0 ? undefined : Math.min(...times),
  };
}

/** When a value was evaluated; NaN where it does not say. */
function timeOf(pair: unknown): Millis {
  const seconds: unknown = Array.isArray(pair) ? pair[0] : undefined;
  return typeof seconds === 'number' ? seconds * 1000 : Number.NaN;
}

function sampleOf(one: Readonly<Record<string, unknown>> | undefined, redact: Redact): Sample {
  const labels = Object.entries(asRecord(one?.metric) ?? {}).map(
    ([name, value]) => [name, redact(String(value))] as const,
  );
  const pairs = labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const text = pairs.length === 0 ? '' : shortly(redact(`{${pairs.join(', ')}}`));
  return { metric: Object.fromEntries(labels), labels: text, value: numberOf(one?.value) };
}

/** Values are a time and a text, which may be NaN or +Inf. A histogram has none. */
function numberOf(pair: unknown): number {
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (typeof text !== 'string' || text.trim() === '') throw new Error('the query gives something without a value');
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = Number(text);
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`the value ${shortly(text)} is no number`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function shortly(text: string): string {
  return cutTo(visible(text).replace(/\s+/g, ' ').trim(), MOST_SAID);
}
