import type { HistoryEvent } from '../../model/history.ts';
import type { UnstampedEvent } from '../../model/ports.ts';
import type { HistoryBuilder } from './history-builder.ts';

type Row = Extract<HistoryEvent, { readonly type: 'ejections' }>;
type Reading = Extract<HistoryEvent, { readonly type: 'mesh-telemetry' }>;
/** Named properties; `undefined` leaves one out, as old histories do. */
type Named<T> = { readonly [K in Exclude<keyof T, 'type' | 'seq' | 't' | 'wall'>]?: T[K] | undefined };

const SECOND = 1e6;
const CLUSTERS = ['tokyo', 'osaka'] as const;

/** What was said about reading the proxies of one cluster at a time in seconds; of twenty all have answered. */
export function reading(history: HistoryBuilder, t: number, said: Named<Reading> = {}): void {
  const callers = { known: 20, asked: 20, answered: 20 };
  const { known, answered } = said.callers ?? callers;
  const detail = `${answered} of ${known} calling proxies show outlier statistics`;
  const event = { type: 'mesh-telemetry', cluster: 'tokyo', readable: true, detail, callers, ...said };
  history.at(t * SECOND, event as UnstampedEvent);
}

/** Every proxy of both clusters was read from the first second on. */
export function allRead(history: HistoryBuilder): void {
  for (const cluster of CLUSTERS) reading(history, 0.5, { cluster });
}

/** One port of mockb as the proxy of mocka in north-a counts it: pairs of a time in seconds and the ejections so far. */
export function counter(
  history: HistoryBuilder,
  readings: readonly (readonly [t: number, enforcedTotal: number])[],
  row: Named<Row> = {},
): void {
  const caller = { cluster: 'tokyo', pod: 'mocka-north-a-0', podNamespace: 'default', zone: 'north-a' };
  const of = { service: 'mockb', namespace: 'default', port: 8080, active: 0, overflow: 0 };
  for (const [t, enforcedTotal] of readings) {
    const event = { type: 'ejections', ...caller, ...of, ...row, enforcedTotal };
    history.at(t * SECOND, event as UnstampedEvent);
  }
}
