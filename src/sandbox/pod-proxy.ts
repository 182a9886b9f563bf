import type { Clock } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { PodProxy, ProxyAnswer } from './api/context.ts';
import type { Network } from './network.ts';
import type { PodRegistry } from './pod-registry.ts';

/** Address that the API server calls from; no pod, so NetworkPolicy treats it as a client outside. */
const API_SERVER_IP = '127.0.0.1';

/**
 * The API server's pod proxy, for the statistics of sidecars. A pod that NetworkPolicy isolates is out of reach for the
 * API server, too: its dial times out after `dialTimeoutMs` (Kubernetes: 30 s).
 */
export function createPodProxy(options: {
  cluster: string;
  pods: PodRegistry;
  network: Network;
  clock: Clock;
  dialTimeoutMs: Millis;
}): PodProxy {
  const { cluster, pods, network, clock, dialTimeoutMs } = options;
  return async (namespace, name, port, path) => {
    const pod = pods.named(cluster, namespace, name);
    if (pod === undefined) return unreachable(`${name}:${port}`, 'connect: connection refused');
    const { ip } = pod.options;
    if (!network.allows(API_SERVER_IP, ip, port)) {
      await clock.sleep(dialTimeoutMs);
      return unreachable(`${ip}:${port}`, 'i/o timeout');
    }
    return pod.admin(port, path) ?? unreachable(`${ip}:${port}`, 'connect: connection refused');
  };
}

function unreachable(address: string, why: string): ProxyAnswer {
  const body = `error trying to reach service: dial tcp ${address}: ${why}`;
  return { status: 503, contentType: 'text/plain', body };
}
