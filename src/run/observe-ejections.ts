import { messageOf } from '../model/errors.ts';
import type { Clock, Cluster, HistoryWriter } from '../model/ports.ts';
import type { Endpoint } from '../model/target.ts';
import type { ProxyStats } from './wiring.ts';

/** Pause between two readings of the same sidecar. */
const INTERVAL_MS = 1_000;
/** Ports where Istio serves a sidecar's statistics: pilot-agent's merged port, then Envoy's own. */
const STATS_PORTS = [15020, 15090] as const;
/** More sidecars than this are not read: statistics must not become the load. */
const MOST_PROXIES = 100;

type Reader = {
  readonly cluster: Cluster;
  readonly readStats: (text: string) => readonly ProxyStats[] | undefined;
  readonly history: HistoryWriter;
  readonly clock: Clock;
};

/**
 * Reads the outlier statistics of every sidecar behind the endpoints once a second, through the API server's pod
 * proxy, and writes what has changed into the history. A sidecar that does not answer keeps nobody else waiting: a
 * pod cut off the network is exactly when the others matter. Resolves when the signal comes.
 */
export async function observeEjections(
  reader: Reader,
  endpoints: () => readonly Endpoint[],
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, string>();
  const ports = new Map<string, number | undefined>();
  const last = new Map<string, Reading>();
  const asking = new Set<string>();
  let telemetry = '';
  const ask = async (key: string, pod: Endpoint) => {
    asking.add(key);
    const reading = await readProxy(reader, pod, ports);
    asking.delete(key);
    if (signal.aborted) return;
    last.set(key, reading);
    writeChanges(reader, reading, known);
  };
  while (!signal.aborted) {
    const pods = podsOf(endpoints());
    for (const [key, pod] of pods) if (!asking.has(key)) void ask(key, pod);
    await reader.clock.sleep(INTERVAL_MS, signal);
    const readings = [...pods.keys()].flatMap((key) => last.get(key) ?? []);
    if (!signal.aborted && readings.length > 0) telemetry = writeTelemetry(reader, readings, telemetry);
  }
}

type Reading = { readonly pod: Endpoint; readonly stats: readonly ProxyStats[] | undefined; readonly problem?: string };

function podsOf(endpoints: readonly Endpoint[]): ReadonlyMap<string, Endpoint> {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const byPod = new Map(ready.map((endpoint) => [`${endpoint.namespace}/${endpoint.pod}`, endpoint]));
  return new Map([...byPod].slice(0, MOST_PROXIES));
}

async function readProxy(reader: Reader, pod: Endpoint, ports: Map<string, number | undefined>): Promise<Reading> {
  const key = `${pod.namespace}/${pod.pod}`;
  const last = ports.get(key);
  let problem = 'no sidecar statistics';
  for (const port of last === undefined ? STATS_PORTS : [last]) {
    try {
      const text = await reader.cluster.podProxy(pod.namespace, pod.pod, port, '/stats/prometheus');
      ports.set(key, port);
      return { pod, stats: reader.readStats(text) };
    } catch (error) {
      problem = messageOf(error);
    }
  }
  return { pod, stats: undefined, problem };
}

function writeChanges({ cluster, history }: Reader, reading: Reading, known: Map<string, string>): void {
  for (const stats of reading.stats ?? []) {
    const key = `${reading.pod.namespace}/${reading.pod.pod} ${stats.service}`;
    const { service, active, enforcedTotal, overflow } = stats;
    const text = `${active} ${enforcedTotal} ${overflow}`;
    if (known.get(key) === text) continue;
    known.set(key, text);
    const { pod, zone } = reading.pod;
    history.append({ type: 'ejections', cluster: cluster.name, pod, zone, service, active, enforcedTotal, overflow });
  }
}

function writeTelemetry({ cluster, history }: Reader, readings: readonly Reading[], before: string): string {
  const answered = readings.filter((reading) => reading.problem === undefined);
  const withSeries = answered.filter((reading) => reading.stats !== undefined);
  const readable = withSeries.length > 0;
  const detail = readable
    ? `${withSeries.length} of ${readings.length} sidecars show outlier statistics`
    : answered.length > 0
      ? 'the sidecars leave outlier statistics out: set proxyStatsMatcher inclusionRegexps to .*outlier_detection.*'
      : `no sidecar could be read: ${readings[0]?.problem ?? 'there are none'}`;
  if (readable ? before === 'readable' : before === detail) return before;
  history.append({ type: 'mesh-telemetry', cluster: cluster.name, readable, detail });
  return readable ? 'readable' : detail;
}
