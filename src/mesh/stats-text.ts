import type { OutlierCounters } from './outlier.ts';
import { EJECTION_KINDS } from './settings.ts';

/** Name of an outbound cluster as Istio gives it. */
export function clusterName(port: number, host: string, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** Name of a cluster by which an east-west gateway sends on what comes for it, and what callers ask for there (SNI). */
export function sniClusterName(port: number, host: string, subset = ''): string {
  return `outbound_.${port}_.${subset}_.${host}`;
}

/** The full name of a cluster's outlier statistic, as Istio's proxyStatsMatcher sees it (alt_stat_name since 1.23). */
function outlierStatName(cluster: string, stat: string): string {
  return `cluster.${cluster};.outlier_detection.${stat}`;
}

type Series = { readonly name: string; readonly type: 'counter' | 'gauge'; readonly value: number };

function series(counters: OutlierCounters): Series[] {
  const byKind = EJECTION_KINDS.flatMap((kind): Series[] => [
    { name: `ejections_detected_${kind}`, type: 'counter', value: counters.detected[kind] },
    { name: `ejections_enforced_${kind}`, type: 'counter', value: counters.enforced[kind] },
  ]);
  return [
    { name: 'ejections_active', type: 'gauge', value: counters.active },
    { name: 'ejections_consecutive_5xx', type: 'counter', value: counters.detected.consecutive_5xx },
    ...byKind,
    { name: 'ejections_enforced_total', type: 'counter', value: counters.enforcedTotal },
    { name: 'ejections_overflow', type: 'counter', value: counters.overflow },
    { name: 'ejections_total', type: 'counter', value: counters.total },
  ];
}

/**
 * Outlier statistics in the Prometheus text format, named as Envoy's admin page names them (Envoy: admin page).
 * `included` decides by full statistic name, like proxyStatsMatcher; by default Istio includes none of these.
 */
export function outlierStatsText(
  clusters: readonly { readonly name: string; readonly counters: OutlierCounters }[],
  included: (statName: string) => boolean,
): string {
  const groups = new Map<string, { type: string; lines: string[] }>();
  for (const { name, counters } of clusters) {
    for (const stat of series(counters)) {
      if (!included(outlierStatName(name, stat.name))) continue;
      const metric = `envoy_cluster_outlier_detection_${stat.name}`;
      const group = groups.get(metric) ?? { type: stat.type, lines: [] };
      group.lines.push(`${metric}{cluster_name="${name}"} ${stat.value}`);
      groups.set(metric, group);
    }
  }
  return [...groups].map(([metric, { type, lines }]) => `# TYPE ${metric} ${type}\n${lines.join('\n')}\n`).join('\n');
}
