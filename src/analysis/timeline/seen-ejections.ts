import type { HistoryEvent } from '../../model/history.ts';
import type { Micros } from '../../model/units.ts';

type EventOf<T extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: T }>;
type CallsEvent = EventOf<'calls'>;
type Told = EventOf<'mesh-telemetry'> | EventOf<'calls-telemetry'>;

/** A reading of ejections: of outlier statistics, or of the hosts themselves. */
export type EjectionsReading = EventOf<'ejections'> & {
  /** Of hosts: how many have left the proxy's list so far that were not seen ejected; their last second is not known. */
  readonly unseen?: number;
};

/** What was recorded that tells of ejections, and from the first injection to the end of the undo. */
type Recorded = {
  readonly ejections: readonly EventOf<'ejections'>[];
  readonly calls: readonly CallsEvent[];
  readonly telemetry: readonly EventOf<'mesh-telemetry'>[];
  readonly callsTelemetry: readonly EventOf<'calls-telemetry'>[];
  readonly from: Micros;
  readonly to: Micros;
};

/** What was said of the reading of one cluster in a span, with what held when it began. */
export function toldIn<T extends Told>(
  told: readonly T[],
  cluster: string,
  { from, to }: { from: Micros; to: Micros },
): T[] {
  const events = told.filter((event) => event.cluster === cluster && event.t <= to);
  const carried = events.findLast((event) => event.t <= from);
  return [...(carried === undefined ? [] : [carried]), ...events.filter((event) => event.t > from)];
}

/** Every calling proxy has answered. A reading that does not say how many there are (as in old histories) may be one of many. */
export const isWhole = ({ readable, callers }: Told): boolean =>
  readable && callers !== undefined && callers.answered >= callers.known;

/**
 * The clusters whose ejections are told by the hosts of their proxies: outlier statistics were not read of all of these, as
 * Istio keeps none by default, and their hosts were.
 */
export function seenClusters(recorded: Recorded): ReadonlySet<string> {
  const { telemetry, callsTelemetry } = recorded;
  const clusters = new Set(callsTelemetry.map(({ cluster }) => cluster));
  return new Set(
    [...clusters].filter((cluster) => {
      const told = toldIn(telemetry, cluster, recorded);
      const seen = toldIn(callsTelemetry, cluster, recorded);
      const isTold = told.length > 0 && told.every(isWhole);
      return (
        !isTold && seen.length > 0 && seen.every((event) => isWhole(event) && event.callers.byWorkload === undefined)
      );
    }),
  );
}

/** The readings of ejections: statistics, and for those clusters, and for proxies that keep none, what their hosts showed. */
export function ejectionReadings(recorded: Recorded, bySight: ReadonlySet<string>): EjectionsReading[] {
  const told = recorded.ejections.filter(({ cluster }) => !bySight.has(cluster));
  const tellers = new Set(told.map(proxyOf));
  const seen = seenIn(recorded.calls.filter((event) => !tellers.has(proxyOf(event))));
  return [...told, ...seen].sort((a, b) => a.t - b.t);
}

const proxyOf = ({ cluster, podNamespace, pod }: CallsEvent | EventOf<'ejections'>): string =>
  `${cluster}/${podNamespace}/${pod}`;

/** One Service in one proxy: its ejected hosts, and how often any became one. */
type Seen = { readonly ejected: Set<string>; total: number; unseen: number };

const rowOf = (event: CallsEvent): string => `${proxyOf(event)} ${event.namespace}/${event.service}:${event.port}`;

function seenIn(calls: readonly CallsEvent[]): EjectionsReading[] {
  const states = new Map<string, Seen>();
  // Envoy ejects for answers to its own calls alone.
  const callers = new Set(calls.filter(({ hosts }) => hosts.some(({ requests }) => requests > 0)).map(rowOf));
  return calls.flatMap((event): EjectionsReading[] => {
    if (event.hosts.some((host) => !('address' in host))) return [];
    const { seq, t, wall, cluster, pod, podNamespace, zone, service, namespace, port } = event;
    const key = rowOf(event);
    const known = states.get(key);
    const state = known ?? { ejected: new Set<string>(), total: 0, unseen: 0 };
    states.set(key, state);
    const isNews = note(state, event, callers.has(key)) || known === undefined;
    if (!isNews) return [];
    const who = { cluster, pod, podNamespace, zone, service, namespace, port };
    const counts = { active: state.ejected.size, enforcedTotal: state.total, overflow: 0, unseen: state.unseen };
    return [{ type: 'ejections', seq, t, wall, ...who, ...counts }];
  });
}

/** Whether anything has changed. */
function note(state: Seen, { hosts }: CallsEvent, isCalling: boolean): boolean {
  const before = `${[...state.ejected]} ${state.total} ${state.unseen}`;
  for (const host of hosts) {
    if (!('address' in host)) continue;
    const was = state.ejected.has(host.address);
    if (host.gone === true && !was && isCalling) state.unseen += 1;
    if (host.ejected && host.gone !== true) {
      state.ejected.add(host.address);
      if (!was) state.total += 1;
    } else state.ejected.delete(host.address);
  }
  return before !== `${[...state.ejected]} ${state.total} ${state.unseen}`;
}
