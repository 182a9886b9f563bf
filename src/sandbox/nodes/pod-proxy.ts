import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { PodProxy, ProxyAnswer } from '../api/context.ts';
import type { Network } from './network.ts';
import type { RunningPods } from './running-pods.ts';

/** Address that the API server calls from; no pod, so NetworkPolicy treats it as a client outside. */
const API_SERVER_IP = '127.0.0.1';

/**
 * The API server's pod proxy, for example for the statistics of sidecars. A pod that NetworkPolicy isolates is out of reach
 * for the API server, too: its dial times out after `dialTimeoutMs` (Kubernetes: 30 s).
 */
export function createPodProxy(options: {
  pods: RunningPods;
  network: Network;
  clock: Clock;
  dialTimeoutMs: Millis;
}): PodProxy {
  const { pods, network, clock, dialTimeoutMs } = options;
  return async (namespace, name, port, path, request) => {
    const found = pods.named(namespace, name);
    if (found === undefined) return unreachable(`${name}:${port}`, 'connect: connection refused');
    const { ip, pod } = found;
    if (!network.allows(API_SERVER_IP, ip, port)) {
      await clock.sleep(dialTimeoutMs);
      return unreachable(`${ip}:${port}`, 'i/o timeout');
    }
    return (await pod.answer(port, path, request)) ?? unreachable(`${ip}:${port}`, 'connect: connection refused');
  };
}

function unreachable(address: string, why: string): ProxyAnswer {
  const body = `error trying to reach service: dial tcp ${address}: ${why}`;
  return { status: 503, contentType: 'text/plain', body };
}
