import type { HistoryEvent } from '../../model/history.ts';
import type { RunResult } from '../../model/result.ts';
import type { Webhook, WebhookEvent } from '../../model/target.ts';
import type { Millis } from '../../model/units.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { post } from './post.ts';

/** How long one answer is waited for. */
const ANSWER_MS: Millis = 5_000;
/** How long all that is still under way is waited for at the end: a CI system kills a run that it has stopped. */
const END_MS: Millis = 6_000;
const STOPPED_END_MS: Millis = 1_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** What is told. */
type Told = {
  readonly event: WebhookEvent;
  readonly text: string;
  readonly at: Date;
  readonly run: {
    readonly id: string;
    readonly scenario: string;
    readonly hypothesis: string;
    readonly target: string;
  };
  /** With `verdict`. */
  readonly result?: Pick<RunResult, 'status' | 'verdict' | 'reason' | 'exitCode' | 'startedAt'> & {
    readonly putBack: string;
  };
  /** With `put-back`: whether the undo of every fault was seen; the verdict says what was found left. */
  readonly undone?: boolean;
};

type Webhooks = {
  /** Never waits, never throws. */
  hear(event: HistoryEvent): void;
  /** Tells the verdict, and waits some seconds for what is under way. Never rejects. */
  end(result: RunResult): Promise<void>;
};

/**
 * Tells the webhooks of the target what a run does, beside it: what cannot be told is said once, and changes nothing. An address is
 * never printed.
 */
export function openWebhooks(
  { target, scenario, runId, clock }: Pick<PlannedRun, 'target' | 'scenario' | 'runId' | 'clock'>,
  { env, say, stop }: { readonly env: Environment; readonly say: (text: string) => void; readonly stop: AbortSignal },
): Webhooks {
  const over = new AbortController();
  const queues = (target.webhooks ?? []).map((webhook, index) => {
    const name = `webhook ${index + 1} (${webhook.kind}, ${webhook.url.env})`;
    return { webhook, name, last: Promise.resolve() };
  });
  const run = { id: runId, scenario: scenario.name, hypothesis: scenario.hypothesis, target: target.name };
  const unseen = new Set<string>();
  const tell = (told: Pick<Told, 'event' | 'text' | 'result' | 'undone'>) => {
    const whole = { ...told, at: clock.wall(), run };
    for (const queue of queues.filter(({ webhook }) => webhook.on.includes(told.event))) {
      const sent = queue.last.then(() => send(queue.webhook, whole, env, over.signal));
      queue.last = sent.catch((error: unknown) => say(`${queue.name}: ${told.event} was not told: ${wordOf(error)}`));
    }
  };
  const hear = (event: HistoryEvent) => {
    if (event.type === 'fault') noteFault(event, unseen);
    if (event.type === 'phase-start' && event.phase === 'baseline') {
      tell({ event: 'start', text: `drill ${scenario.name} has begun on ${target.name}` });
    }
    if (event.type === 'phase-end' && event.phase === 'undo') {
      const undone = unseen.size === 0;
      const text = undone ? 'every fault was undone' : `NOT known to be undone: ${[...unseen].join(', ')}`;
      tell({ event: 'put-back', text: `drill ${scenario.name} on ${target.name}: ${text}`, undone });
    }
  };
  const end = async (result: RunResult) => {
    const { status, verdict, reason, exitCode, startedAt, putBack } = result;
    const text = `drill ${scenario.name} on ${target.name}: ${verdict} (${status}, exit code ${exitCode}, ${putBack.state}). ${reason}`;
    tell({ event: 'verdict', text, result: { status, verdict, reason, exitCode, startedAt, putBack: putBack.state } });
    const told = new AbortController();
    const all = Promise.all(queues.map(({ last }) => last)).then(() => told.abort());
    await Promise.race([all, clock.sleep(stop.aborted ? STOPPED_END_MS : END_MS, told.signal)]);
    over.abort();
    await all;
  };
  return { hear, end };
}

function noteFault({ fault, step }: HistoryEvent & { readonly type: 'fault' }, unseen: Set<string>): void {
  if (step === 'undone') unseen.delete(fault);
  else unseen.add(fault);
}

async function send(webhook: Webhook, told: Told, env: Environment, over: AbortSignal): Promise<void> {
  const { url, login } = addressOf(webhook.url.env, env);
  const token = webhook.token === undefined ? undefined : variable(webhook.token.env, env);
  const authorization = token === undefined ? login : `Bearer ${token}`;
  const status = await post(webhook.kind === 'grafana' ? `${url.replace(/\/+$/, '')}/api/annotations` : url, {
    headers: {
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify(webhook.kind === 'grafana' ? annotationOf(told) : told),
    signal: AbortSignal.any([over, AbortSignal.timeout(ANSWER_MS)]),
  });
  // A redirect as well: somewhere else the token would be anybody's.
  if (status < 200 || status > 299) throw new Refused(`it answered ${status}`);
}

/** The address without user and password, and these as a server takes them (RFC 7617). */
function addressOf(name: string, env: Environment): { readonly url: string; readonly login?: string } {
  const written = variable(name, env);
  if (!(/^https?:/i.test(written) && URL.canParse(written)))
    throw new Refused(`the environment variable ${name} holds no URL`);
  const url = new URL(written);
  const { username, password } = url;
  if (username === '' && password === '') return { url: written };
  const pair = [username, password].map(decoded).join(':');
  [url.username, url.password] = ['', ''];
  return { url: url.href, login: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A percent sign that begins no code stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What may be printed: nothing else of an error is, since it may quote the address. */
class Refused extends Error {}

function variable(name: string, env: Environment): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new Refused(`the environment variable ${name} is not set`);
}

function wordOf(error: unknown): string {
  if (error instanceof Refused) return error.message;
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}

/** As Grafana's HTTP API takes it (POST /api/annotations): a verdict spans the run. */
function annotationOf({ event, text, at, run, result }: Told): object {
  const time = at.getTime();
  const began = result === undefined ? Number.NaN : Date.parse(result.startedAt);
  const span = Number.isFinite(began) ? { time: began, timeEnd: time } : { time };
  return { ...span, tags: ['faultline', event, run.scenario, run.target], text };
}
