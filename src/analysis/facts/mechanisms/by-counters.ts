import type { MechanismKind } from '../../../model/mechanism.ts';
import type { Micros } from '../../../model/units.ts';
import type { Span } from '../../timeline/windows.ts';
import type { Counted } from '../counted.ts';
import { count as countText, list } from '../format.ts';
import type { Failing } from './calling-pods.ts';
import { ejectionKind } from './ejection.ts';
import type { ProxyRow, Step } from './proxy-rows.ts';
import type { Seen } from './settings.ts';

/** What shows a mechanism, and of how many calls at most. */
export type Shown = {
  readonly kind: MechanismKind;
  readonly calls: number;
  readonly seen: Seen;
  readonly text: string;
};

/** Readings come once a second, and what happened in the last second of a span stands in the next one. */
const NEXT_READING = 1_100_000;

/** Calls that failed in one way, of one Service. */
type Bundle = { readonly kind: MechanismKind; readonly service: string; calls: number; refused: number } & {
  readonly proxies: Set<string>;
  readonly hosts: Set<string>;
};

class Bundles {
  readonly #all = new Map<string, Bundle>();

  add(kind: MechanismKind, { row }: Failing, step: Step, calls: number): void {
    if (calls <= 0) return;
    const key = `${kind} ${row.service}`;
    const bundle = this.#all.get(key) ?? {
      ...{ kind, service: row.service, calls: 0, refused: 0 },
      ...{ proxies: new Set<string>(), hosts: new Set<string>() },
    };
    this.#all.set(key, bundle);
    bundle.calls += calls;
    bundle.refused += Math.min(step.refused, calls);
    bundle.proxies.add(row.pod);
    bundle.hosts.add(`${step.address} (${step.zone})`);
  }

  shown(): Shown[] {
    return [...this.#all.values()].map((bundle) => {
      const { kind, service, calls, refused } = bundle;
      const first = kind === 'merge-window' ? this.#all.get(`first-failure ${service}`) : undefined;
      const isShared = kind === 'first-failure' && this.#all.has(`merge-window ${service}`);
      return {
        kind,
        calls: calls + (first?.calls ?? 0),
        seen: { service, refused, answered: calls - refused, ejected: 0, unready: 0 },
        text: isShared ? `${textOf(bundle)}, some of them in the merge window already` : textOf(bundle),
      };
    });
  }
}

const ENDINGS: Partial<Record<MechanismKind, string>> = {
  'first-failure': 'up to the reading in which it had ejected it',
  'merge-window': "that it had ejected already, as they fail until Envoy's merge window (1 s) is over",
  'not-ejected': 'and did not eject it',
  'ejection-limit': 'and did not eject it, as its limit of ejections was reached (ejections_overflow)',
  'tried-again': 'after it had let it in again',
  'unready-endpoint': 'to which calls went because a nearer endpoint was not ready',
  'leaving-endpoint': 'until it was gone from its list',
  timeout: 'that ran into a timeout of its route',
};

function textOf({ kind, service, calls, refused, proxies, hosts }: Bundle): string {
  const at = `of ${service} at ${list([...hosts])}`;
  if (kind === 'no-answer')
    return `${whose(proxies)} sent ${countText(calls, 'call')} ${at} that had no answer, on connections that were open`;
  if (kind === 'connect-timeout') return `${whose(proxies)} waited in vain for ${countText(calls, 'connection')} ${at}`;
  const how = refused === 0 ? '' : refused >= calls ? ', without a connection,' : `, ${refused} without a connection,`;
  return `${whose(proxies)} counted ${countText(calls, 'failed call')} ${at}${how} ${ENDINGS[kind] ?? ''}`;
}

const whose = (proxies: ReadonlySet<string>): string =>
  proxies.size === 1 ? `the proxy of ${[...proxies][0]}` : `${proxies.size} proxies`;

/** What the counters of hosts say of failed calls. */
export function byCounters(run: Counted, failing: readonly Failing[], span: Span): readonly Shown[] {
  const bundles = new Bundles();
  for (const one of failing) {
    const isLimited = overflowIn(run, one.row, span) > 0;
    for (const at of one.at) {
      const step = one.steps[at] as Step;
      if (step.failed === 0) continue;
      const late = Math.min(step.failed, step.timedOut ?? 0);
      bundles.add('timeout', one, step, late);
      const kind = ejectionKind(one, at, span, isLimited);
      if (kind !== undefined) bundles.add(kind, one, step, step.failed - late);
    }
  }
  return bundles.shown();
}

/**
 * What they say of `count` requests, the first of them due at `first`, that the load generator gave up: half of them at least went to hosts that never
 * answered, or to one that served nothing from then on until the connections to it had failed. Calls that are given up are
 * counted nowhere, so of connections there may be fewer. `isRefusing`: others were told of failed connections at once.
 */
export function byUnanswered(
  failing: readonly Failing[],
  { first, count }: { readonly first: Micros; readonly count: number },
  isRefusing: boolean,
): readonly Shown[] {
  const bundles = new Bundles();
  for (const one of failing) {
    const steps = one.at.map((i) => one.steps[i] as Step);
    const end = steps.find(({ refused }) => refused > 0);
    const isSilent = steps.every((step) => step.served === 0 || step.from < first || step.from > (end?.from ?? 0));
    if (end !== undefined && isSilent && !isRefusing) bundles.add('connect-timeout', one, end, end.refused);
    if (steps[0] !== undefined) bundles.add('no-answer', one, steps[0], unanswered(steps));
  }
  return bundles.shown().filter(({ kind, calls }) => kind === 'connect-timeout' || calls * 2 >= count);
}

/** Calls that had a connection and no end: those under way at one reading are answered by the next, and what adds up hangs. */
export const unanswered = (steps: readonly Step[]): number =>
  steps.reduce(
    (sum, { requests, served, failed, refused }) => sum + requests - served - Math.max(0, failed - refused),
    0,
  );

/** Ejections of a Service that a limit kept one proxy from, as its statistics tell. */
function overflowIn({ proxies }: Counted, { cluster, pod, service, namespace, port }: ProxyRow, span: Span): number {
  const rows = proxies.rowsOf([service]).filter((row) => row.pod === `${cluster}/${pod}`);
  const own = rows
    .flatMap(({ events }) => events)
    .filter((event) => (event.namespace ?? namespace) === namespace && (event.port ?? port) === port);
  const at = (time: number): number => own.findLast(({ t }) => t <= time)?.overflow ?? own[0]?.overflow ?? 0;
  return at(span.to + NEXT_READING) - at(span.from - NEXT_READING);
}
