import type { HistoryEvent, HostCalls } from '../../model/history.ts';
import { seeded } from './record-file.ts';
import { clusterOf } from './world.ts';

type Hop = readonly [service: string, zone: string, ip: string];
type Chain = { readonly hops: readonly Hop[]; readonly rest: string };
type Line = {
  chain?: number;
  hops?: Hop[];
  rest?: string;
  path?: number;
  id?: string;
  p?: number;
  c?: number;
  s?: number;
  t1?: number;
};

/** One call: who made it, of what, where it was answered, and when. */
type Call = { readonly caller: string; readonly zone: string; readonly hop: Hop; readonly at: number };

const COMPLETE = 3;

/**
 * The same run of services whose answers do not tell who gave them: no chain in the records, an incomplete one is a 503, and
 * the history has what the callers' proxies counted, read once in so many seconds.
 */
export function byProxies(
  history: readonly HistoryEvent[],
  file: string,
  seed: number,
  everySeconds = 1,
): { readonly history: HistoryEvent[]; readonly records: string } {
  const lines = file
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const zones = new Map(
    lines.flatMap(({ path, id }) => (path === undefined || id === undefined ? [] : [[path, id] as const])),
  );
  const chains = new Map(
    lines.flatMap(({ chain, hops = [], rest = '' }) => (chain === undefined ? [] : [[chain, { hops, rest }] as const])),
  );
  const calls: Call[] = [];
  const records = lines.flatMap((line) => {
    if (line.chain !== undefined) return [];
    if (line.c === undefined || line.c < 0) return [line];
    const chain = chains.get(line.c) as Chain;
    calls.push(...callsOf(zones.get(line.p ?? 0) ?? '', chain, line.t1 ?? 0));
    return [{ ...line, c: -1, ...(chain.hops.length < COMPLETE && { s: 503 }) }];
  });
  const events = readingsOf(calls, history.at(-1)?.t ?? 0, everySeconds * 1e6, seeded(seed));
  const all = history.flatMap((event) => [
    withoutChain(event),
    ...(event.type === 'run-start' ? event.run.topology.clusters.map(({ name }) => covered(name, 3)) : []),
  ]);
  return {
    history: numbered([...all, ...events]),
    records: records.map((line) => `${JSON.stringify(line)}\n`).join(''),
  };
}

/** All of three proxies of a cluster were read, or so many of them, from the beginning on. */
export function covered(cluster: string, answered: number): HistoryEvent {
  const detail = `${answered} of 3 calling proxies tell whom they call`;
  const callers = { known: 3, asked: 3, answered };
  return { type: 'calls-telemetry', seq: 0, t: 0, wall: '', cluster, readable: answered > 0, detail, callers };
}

function callsOf(path: string, { hops }: Chain, at: number): Call[] {
  const gateway = path.slice(path.lastIndexOf('/') + 1);
  return hops.map((hop, i) => {
    const [service, zone, ip] = hops[i - 1] ?? ['gateway', gateway, gateway];
    return { caller: `${service} ${zone} ${ip}`, zone, hop, at: at - 1 };
  });
}

function readingsOf(calls: readonly Call[], end: number, every: number, random: () => number): HistoryEvent[] {
  const byCaller = Map.groupBy(
    calls.toSorted((a, b) => a.at - b.at),
    ({ caller, hop: [service] }) => `${caller}\u0000${service}`,
  );
  return [...byCaller].flatMap(([key, own]) => {
    const [caller = '', service = ''] = key.split('\u0000');
    const phase = random() * every;
    const events: HistoryEvent[] = [];
    let next = 0;
    for (let asked = phase; asked < end - every / 2; asked += every) {
      const first = next;
      while (next < own.length && (own[next] as Call).at < asked + 10_000) next++;
      if (next === first) continue;
      const hosts = Map.groupBy(own.slice(first, next), ({ hop }) => hop.join(' '));
      const [pod, zone] = [caller.replaceAll(' ', '-'), (own[0] as Call).zone];
      const from = Math.max(0, Math.round(asked - every));
      const to = Math.round(asked + 15_000);
      events.push({
        ...{ type: 'calls', seq: 0, t: to, wall: '', cluster: clusterOf(zone), pod, podNamespace: 'default', zone },
        ...{ service, namespace: 'default', port: 8000, from, to },
        hosts: [...hosts.values()].map((same) => hostOf((same[0] as Call).hop, same.length)),
      });
    }
    return events;
  });
}

function hostOf([, zone, ip]: Hop, served: number): HostCalls {
  const state = { region: '', priority: 0, healthy: true, ejected: false };
  return { address: `${ip}:8000`, zone, ...state, requests: served, served, failed: 0, refused: 0 };
}

function withoutChain(event: HistoryEvent): HistoryEvent {
  if (event.type !== 'run-start') return event;
  const { scenario } = event.run;
  const good = { ...scenario.load.good, chain: [] };
  return { ...event, run: { ...event.run, scenario: { ...scenario, load: { ...scenario.load, good } } } };
}

function numbered(events: readonly HistoryEvent[]): HistoryEvent[] {
  return events.toSorted((a, b) => a.t - b.t).map((event, seq) => ({ ...event, seq }));
}
