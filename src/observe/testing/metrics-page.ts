import { RequestMetrics } from '../../mesh/requests-text.ts';

/** Requests of the Service `mock` that ended at a workload, of the cluster `id-of-tokyo` unless it is said otherwise. */
export type Sent = {
  readonly to?: string;
  readonly times: number;
  readonly status?: number;
  readonly flags?: string;
  readonly cluster?: string;
};

/** What a proxy of Istio's cluster `id-of-tokyo` prints of its requests. */
export function metricsPage(...sent: readonly Sent[]): string {
  const metrics = new RequestMetrics('id-of-tokyo');
  for (const { to, times, status = 200, flags = '-', cluster = 'id-of-tokyo' } of sent) {
    const workload = to === undefined ? undefined : { name: to, namespace: 'default', clusterId: cluster };
    for (let i = 0; i < times; i += 1) {
      metrics.count({ host: 'mock.default.svc.cluster.local', workload, status, flags });
    }
  }
  return metrics.text(/./);
}
