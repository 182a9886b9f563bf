import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { ClientProxy } from './client-proxy.ts';
import type { Host } from './host.ts';
import { ABORT_TEXT } from './inbound-faults.ts';
import { type AttemptOutcome, NO_HEALTHY_UPSTREAM_TEXT, resetText, TIMEOUT_TEXT } from './outcome.ts';
import { backoffMs, HOST_REDRAWS, isRetriable, PRIORITY_UPDATE_FREQUENCY, type RouteSettings } from './retry.ts';
import type { ClusterSettings } from './settings.ts';

/**
 * One real or simulated attempt. `response` is kept only where the outcome is `response`. `hostless`: its time was over
 * before it had a connection, for which no host is blamed (Envoy: router.cc updateOutlierDetection, upstreamHost).
 */
export type Sent<R> = { readonly outcome: AttemptOutcome; readonly response?: R; readonly hostless?: true };

/** What ends an attempt that has no answer, in milliseconds. */
export type AttemptLimits = {
  readonly connectTimeoutMs: Millis;
  /** Counted from when the request has a connection (Envoy: upstream_request.cc onPoolReady). */
  readonly perTryTimeoutMs?: Millis;
  /** What is left of the whole call's time, counted from now. */
  readonly timeoutMs?: Millis;
};

/** Who chooses the host of an attempt and hears how it ended. */
export type Chooser = Pick<ClientProxy, 'choose' | 'report'> & {
  readonly settings: Pick<ClusterSettings, 'connectTimeoutMs'>;
};

type CallOptions<R> = {
  readonly proxy: Chooser;
  readonly route: RouteSettings;
  readonly random: Random;
  /** Mesh time in milliseconds. */
  readonly now: () => Millis;
  readonly sleep: (ms: Millis) => Promise<void>;
  /** Sends one attempt; must end it as `timeout` or, without a connection for so long, as `connect-timeout`. */
  readonly send: (host: Host, limits: AttemptLimits) => Promise<Sent<R>>;
};

/** Response flags as Envoy's access log names them. */
type LocalFlag = 'UH' | 'UF' | 'UC' | 'UT' | 'URX' | 'UO' | 'FI';

/** What the calling application gets: the upstream's response, one its own proxy made, or nothing because it hung up. */
export type CallResult<R> =
  | { readonly kind: 'upstream'; readonly response: R; readonly attempts: number }
  | {
      readonly kind: 'local';
      readonly status: number;
      readonly body: string;
      readonly flag: LocalFlag;
      readonly attempts: number;
    }
  | { readonly kind: 'abandoned'; readonly attempts: number };

/**
 * One call through the client's proxy, with retries (docs/mesh-model.md): choose a host, send, report, perhaps wait and try
 * another. The same code runs real requests in the sandbox and simulated ones under a virtual clock.
 */
export async function call<R>(options: CallOptions<R>): Promise<CallResult<R>> {
  const { proxy, route, random, now } = options;
  const aborted = await injectedFault(options);
  if (aborted !== undefined) return aborted;
  const deadline = route.timeoutMs === undefined ? undefined : now() + route.timeoutMs;
  const tried = new Set<Host>();
  const priorities = new Set<number>();
  for (let attempts = 1; ; attempts += 1) {
    const host = proxy.choose(now(), attempts === 1 ? undefined : { hosts: tried, redraws: HOST_REDRAWS, priorities });
    if (host === undefined) {
      return { kind: 'local', status: 503, body: NO_HEALTHY_UPSTREAM_TEXT, flag: 'UH', attempts: attempts - 1 };
    }
    const sent = await options.send(host, limits(options, deadline));
    proxy.report(host, blamed(sent), now());
    const late = deadline !== undefined && now() >= deadline;
    if (late || attempts > route.retry.retries || !isRetriable(route.retry, sent.outcome)) {
      return conclude(sent, attempts, late, route);
    }
    tried.add(host);
    if (route.retry.remoteLocalities && attempts % PRIORITY_UPDATE_FREQUENCY === 0) notePriorities(tried, priorities);
    await options.sleep(backoffMs(attempts, random));
  }
}

/** What the host of an attempt is told of it. */
function blamed({ outcome, hostless }: Sent<unknown>): AttemptOutcome {
  return hostless ? { kind: 'abandoned' } : outcome;
}

function notePriorities(tried: ReadonlySet<Host>, priorities: Set<number>): void {
  for (const host of tried) priorities.add(host.priority);
}

function limits<R>(options: CallOptions<R>, deadline: Millis | undefined): AttemptLimits {
  const { connectTimeoutMs } = options.proxy.settings;
  const { perTryTimeoutMs } = options.route.retry;
  return {
    connectTimeoutMs,
    ...(perTryTimeoutMs === undefined ? {} : { perTryTimeoutMs }),
    ...(deadline === undefined ? {} : { timeoutMs: Math.max(0, deadline - options.now()) }),
  };
}

const FLAGS = { overflow: 'UO', reset: 'UC', 'connect-refused': 'UF', 'connect-timeout': 'UF' } as const;

function conclude<R>(sent: Sent<R>, attempts: number, late: boolean, route: RouteSettings): CallResult<R> {
  const { outcome, response } = sent;
  if (outcome.kind === 'abandoned') return { kind: 'abandoned', attempts };
  if (outcome.kind === 'response' && response !== undefined) return { kind: 'upstream', response, attempts };
  if (outcome.kind === 'timeout' || outcome.kind === 'response' || late) {
    return { kind: 'local', status: 504, body: TIMEOUT_TEXT, flag: 'UT', attempts };
  }
  const exhausted = attempts > 1 && attempts > route.retry.retries;
  const flag = exhausted ? 'URX' : FLAGS[outcome.kind];
  return { kind: 'local', status: 503, body: resetText(outcome.kind, attempts > 1), flag, attempts };
}

/** VirtualService fault injection: before the router, so no host is chosen and outlier detection never hears of it. */
async function injectedFault<R>({ route, random, sleep }: CallOptions<R>): Promise<CallResult<R> | undefined> {
  const { delay, abort } = route.fault ?? {};
  if (delay !== undefined && random() * 100 < delay.percent) await sleep(delay.ms);
  if (abort === undefined || random() * 100 >= abort.percent) return undefined;
  return { kind: 'local', status: abort.status, body: ABORT_TEXT, flag: 'FI', attempts: 0 };
}
