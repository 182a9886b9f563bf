import { metricLabels } from './metric-labels.ts';
/** Outlier statistics of one calling proxy for one service port, summed over subsets. */
export type OutlierStats = {
  readonly service: string;
  readonly namespace: string;
  readonly port: number;
  /** Hosts ejected now. */
  readonly active: number;
  /** Ejections carried out since the proxy started; a decrease means that it restarted. */
  readonly enforcedTotal: number;
  /** Ejections that max_ejection_percent prevented. */
  readonly overflow: number;
};

const METRIC = /^envoy_cluster_outlier_detection_ejections_(active|enforced_total|overflow)\s*\{(.*)\}\s*(\S+)/;
const ANY_OUTLIER = /^envoy_cluster_\w*outlier_detection_/;
const CLUSTER = /^outbound\|(\d{1,5})\|([^|]*)\|([^|]+?);?$/;

const FIELD = { active: 'active', enforced_total: 'enforcedTotal', overflow: 'overflow' } as const;

/**
 * Reads the outlier statistics from what a real Envoy prints on `/stats/prometheus` (15000, 15020 or 15090). Lines that
 * it does not know are skipped. Returns undefined when there is no outlier series at all, which means that
 * proxyStatsMatcher leaves them out (Istio's default), and that is not the same as zero ejections.
 */
export function readOutlierStats(text: string): OutlierStats[] | undefined {
  const found = new Map<string, { -readonly [K in keyof OutlierStats]: OutlierStats[K] }>();
  let present = false;
  for (const line of text.split('\n')) {
    if (!ANY_OUTLIER.test(line)) continue;
    present = true;
    const reading = readLine(line.trimEnd());
    if (reading === undefined) continue;
    const { service, namespace, port } = reading;
    const key = `${port}|${namespace}|${service}`;
    const stats = found.get(key) ?? { service, namespace, port, active: 0, enforcedTotal: 0, overflow: 0 };
    stats[reading.field] += reading.value;
    found.set(key, stats);
  }
  return present ? [...found.values()] : undefined;
}

type Reading = {
  service: string;
  namespace: string;
  port: number;
  field: 'active' | 'enforcedTotal' | 'overflow';
  value: number;
};

function readLine(line: string): Reading | undefined {
  const match = METRIC.exec(line);
  const value = Number(match?.[3]);
  if (match === null || !Number.isFinite(value) || value < 0) return undefined;
  const cluster = CLUSTER.exec(metricLabels(match[2] ?? '').cluster_name ?? '');
  const host = cluster?.[3];
  if (cluster === null || host === undefined) return undefined;
  return { ...readHost(host), port: Number(cluster[1]), field: FIELD[match[1] as keyof typeof FIELD], value };
}

/** A Kubernetes Service by its name; a host outside the cluster (ServiceEntry) keeps its whole name and no namespace. */
function readHost(host: string): { service: string; namespace: string } {
  const [service = host, namespace = '', kind] = host.split('.');
  return kind === 'svc' ? { service, namespace } : { service: host, namespace: '' };
}
