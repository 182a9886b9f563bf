import type { KubeObject } from '../../model/kubernetes.ts';
import { node, ObservedCluster } from './observed-cluster.ts';

type Host = { ip: string; total?: number; error?: number; refused?: number; zone?: string; ejected?: boolean };

/** The clusters page of a proxy with one Service. */
export function clustersPage(hosts: readonly Host[], service = 'mock', namespace = 'default'): string {
  const host_statuses = hosts.map(({ ip, total = 0, error = 0, refused = 0, zone = 'a', ejected = false }) => ({
    address: { socket_address: { address: ip, port_value: 80 } },
    stats: [
      { name: 'cx_connect_fail', value: `${refused}` },
      { name: 'rq_error', value: `${error}` },
      { name: 'rq_success', value: `${total - error}` },
      { name: 'rq_total', value: `${total}` },
    ],
    health_status: { eds_health_status: 'HEALTHY', ...(ejected ? { failed_outlier_check: true } : {}) },
    locality: { region: 'r', zone },
  }));
  const name = `outbound|80||${service}.${namespace}.svc.cluster.local`;
  return JSON.stringify({ cluster_statuses: [{ name, host_statuses }] });
}

/** A cluster with these objects and one node, whose callers of the Service `mock` are followed. */
export function observedCallers(...objects: readonly KubeObject[]): ObservedCluster {
  const cluster = new ObservedCluster().put(node('a'), ...objects);
  cluster.named = { services: ['mock'], affected: [] };
  return cluster;
}
