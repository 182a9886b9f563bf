import type { HostCalls } from '../../../model/history.ts';
import type { Micros } from '../../../model/units.ts';
import type { CallsEvent, Facts } from '../../timeline/history.ts';
import { isWhole, toldIn } from '../../timeline/seen-ejections.ts';
import type { Span } from '../../timeline/windows.ts';

type KnownHost = Extract<HostCalls, { readonly address: string }>;

/** One reading of one host. */
export type Step = KnownHost & Span;

/** What one proxy told of one port of a Service, from reading to reading. */
export type ProxyRow = {
  readonly cluster: string;
  /** Namespace and name of the proxy's pod. */
  readonly pod: string;
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  /** By `ip:port`, each in time order. */
  readonly hosts: ReadonlyMap<string, readonly Step[]>;
};

const podKey = (cluster: string, pod: string): string => `${cluster}/${pod}`;

/** Proxies that tell workloads and no hosts (Istio's metrics) are not among these. */
export class ProxyRows {
  readonly #events = new Map<string, Map<string, CallsEvent[]>>();
  readonly #rows = new Map<string, readonly ProxyRow[]>();
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.#facts = facts;
    for (const event of facts.calls) {
      const key = podKey(event.cluster, `${event.podNamespace}/${event.pod}`);
      const own = this.#events.get(key) ?? new Map<string, CallsEvent[]>();
      this.#events.set(key, own);
      const row = `${event.namespace}/${event.service}:${event.port}`;
      const before = own.get(row);
      if (before === undefined) own.set(row, [event]);
      else before.push(event);
    }
  }

  /** `pod`: its namespace and name. */
  of(cluster: string, pod: string): readonly ProxyRow[] {
    const key = podKey(cluster, pod);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const rows = [...(this.#events.get(key)?.values() ?? [])].map((events) => rowOf(pod, events));
    this.#rows.set(key, rows);
    return rows;
  }

  /**
   * Whether it is known what the proxy counted in a span: one of its readings lies in it, or nothing had changed for it and
   * all proxies of its cluster were heard.
   */
  isRead(row: ProxyRow, span: Span): boolean {
    const all = [...row.hosts.values()];
    if (all.some((steps) => readingsIn(steps, span).length > 0)) return true;
    const told = toldIn(this.#facts.callsTelemetry, row.cluster, span);
    return all.some((steps) => lastBy(steps, span.from) >= 0) && told.length > 0 && told.every(isWhole);
  }
}

function rowOf(pod: string, events: readonly CallsEvent[]): ProxyRow {
  const hosts = new Map<string, Step[]>();
  for (const { from, to, hosts: read } of events) {
    for (const host of read) {
      if (!('address' in host)) continue;
      const step = { ...host, from, to };
      const steps = hosts.get(host.address);
      if (steps === undefined) hosts.set(host.address, [step]);
      else steps.push(step);
    }
  }
  const { cluster, service, namespace, port } = events[0] as CallsEvent;
  return { cluster, pod, service, namespace, port, hosts };
}

/** Indices of the readings that lie in a span, at least in part. */
export function readingsIn(steps: readonly Step[], { from, to }: Span): readonly number[] {
  const found: number[] = [];
  for (let i = lastBy(steps, from - 1) + 1; i < steps.length && (steps[i] as Step).from <= to; i++) found.push(i);
  return found;
}

/** Index of the last reading that had ended by a time; -1 where none had. */
function lastBy(steps: readonly Step[], time: Micros): number {
  let from = 0;
  let to = steps.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((steps[middle] as Step).to <= time) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

/** The hosts that a proxy had at a time, as it showed them last. */
export function hostsAt({ hosts }: ProxyRow, time: Micros): readonly Step[] {
  return [...hosts.values()].flatMap((steps) => {
    const last = steps[lastBy(steps, time)];
    return last === undefined || last.gone === true ? [] : [last];
  });
}
