import { type OutlierStats, readOutlierStats } from '../mesh/stats-reader.ts';
import { messageOf } from '../model/errors.ts';
import type { Clock, Cluster, HistoryWriter } from '../model/ports.ts';
import type { Micros } from '../model/units.ts';
import type { Caller, Callers } from './callers.ts';
import { type Coverage, CoverageLog, OUTLIERS } from './coverage.ts';

/** Pause between two readings of the same proxy. */
const INTERVAL_MS = 1_000;
/** Ports where Istio serves a proxy's statistics: pilot-agent's merged port, then Envoy's own. */
const STATS_PORTS = [15020, 15090] as const;
/** More proxies than this are not read: statistics must not become the load. */
const MOST_PROXIES = 100;
/** An answer that is older says nothing about now. */
const STALE_MS = 10_000;

type Reader = { readonly cluster: Cluster; readonly history: HistoryWriter; readonly clock: Clock };

type Answer = {
  readonly at: Micros;
  /** Undefined when the proxy leaves them out, or could not be read, which has a problem. */
  readonly stats: readonly OutlierStats[] | undefined;
  readonly problem?: string;
};

/** One proxy that is asked, as long as its pod lives. */
type Asked = {
  readonly caller: Caller;
  /** The port that answered last. */
  port: number | undefined;
  asking: boolean;
  answer: Answer | undefined;
  /** What was last written of each row, by namespace, Service and port. */
  readonly written: Map<string, Written>;
};

type Written = { readonly row: OutlierStats; readonly isGone: boolean };

/**
 * Reads the outlier statistics of every calling proxy once a second, through the API server's pod proxy, and writes
 * what has changed into the history: a row for each proxy, Service and port. A proxy that does not answer keeps nobody
 * else waiting: a pod cut off the network is exactly when the others matter. Resolves when the signal comes.
 */
export async function observeEjections(reader: Reader, callers: () => Callers, signal: AbortSignal): Promise<void> {
  const { cluster, history, clock } = reader;
  const asked = new Map<string, Asked>();
  const log = new CoverageLog(cluster.name, history, OUTLIERS);
  const ask = async (proxy: Asked) => {
    proxy.asking = true;
    const answer = await read(reader, proxy);
    proxy.asking = false;
    // A late answer of one that was given up is older than what its successor has told.
    if (signal.aborted || asked.get(proxy.caller.id) !== proxy) return;
    proxy.answer = answer;
    if (answer.problem === undefined) writeRows(reader, proxy, answer.stats ?? []);
  };
  while (!signal.aborted) {
    choose(callers().known, asked);
    for (const proxy of asked.values()) if (!proxy.asking) void ask(proxy);
    await clock.sleep(INTERVAL_MS, signal);
    if (!signal.aborted) log.look(coverageOf(callers(), asked, clock.now()));
  }
  log.close();
}

/** Those that are asked already go on being asked: a counter is of use only when it is followed. */
function choose(known: readonly Caller[], asked: Map<string, Asked>): void {
  const alive = new Set(known.map(({ id }) => id));
  for (const id of asked.keys()) if (!alive.has(id)) asked.delete(id);
  for (const caller of known) {
    if (asked.size >= MOST_PROXIES) return;
    if (asked.has(caller.id)) continue;
    asked.set(caller.id, { caller, port: undefined, asking: false, answer: undefined, written: new Map() });
  }
}

async function read({ cluster, clock }: Reader, proxy: Asked): Promise<Answer> {
  const { namespace, pod } = proxy.caller;
  let problem = '';
  for (const port of proxy.port === undefined ? STATS_PORTS : [proxy.port]) {
    try {
      const text = await cluster.podProxy(namespace, pod, port, '/stats/prometheus');
      proxy.port = port;
      return { at: clock.now(), stats: readOutlierStats(text) };
    } catch (error) {
      problem = messageOf(error);
    }
  }
  return { at: clock.now(), stats: undefined, problem };
}

function writeRows(reader: Reader, { caller, written }: Asked, rows: readonly OutlierStats[]): void {
  const keys = new Set(rows.map(keyOf));
  for (const row of rows) {
    const known = written.get(keyOf(row));
    if (known === undefined || known.isGone || !isSame(known.row, row)) write(row, false);
  }
  // Envoy drops the statistics together with the outlierDetection of a cluster: nothing is ejected there any more.
  for (const [key, { row, isGone }] of written) if (!isGone && !keys.has(key)) write({ ...row, active: 0 }, true);

  function write(row: OutlierStats, isGone: boolean): void {
    written.set(keyOf(row), { row, isGone });
    const { pod, namespace: podNamespace, zone } = caller;
    const { cluster, history } = reader;
    const gone = isGone ? { gone: true as const } : {};
    history.append({ type: 'ejections', cluster: cluster.name, pod, podNamespace, zone, ...row, ...gone });
  }
}

const keyOf = ({ namespace, service, port }: OutlierStats): string => `${namespace} ${service} ${port}`;

const isSame = (a: OutlierStats, b: OutlierStats): boolean =>
  a.active === b.active && a.enforcedTotal === b.enforcedTotal && a.overflow === b.overflow;

function coverageOf({ known, unknown }: Callers, asked: ReadonlyMap<string, Asked>, now: Micros): Coverage {
  const alive = known.flatMap(({ id }) => asked.get(id) ?? []);
  const answers = alive.flatMap(({ answer }) => answer ?? []).filter(({ at }) => (now - at) / 1000 <= STALE_MS);
  return {
    known: known.length,
    asked: alive.length,
    answered: answers.filter(({ stats }) => stats !== undefined).length,
    silent: answers.filter(({ stats, problem }) => stats === undefined && problem === undefined).length,
    problem: alive.find(({ answer }) => answer?.problem !== undefined)?.answer?.problem,
    unknown,
  };
}
