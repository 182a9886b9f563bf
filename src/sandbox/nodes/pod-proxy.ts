import { synPauses } from '../../mesh/retransmission.ts';
import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { PodProxy, ProxyAnswer } from '../api/context.ts';
import type { Network } from './network.ts';
import { type Fate, SPARED } from './packet-filter.ts';
import type { RunningPods } from './running-pods.ts';

/** Address that the API server calls from; no pod, so NetworkPolicy treats it as a client outside. */
const API_SERVER_IP = '127.0.0.1';

/**
 * The API server's pod proxy, for example for the statistics of sidecars. A pod that the network cuts off is out of reach
 * for the API server, too: its dial gets through when the network is back, or times out after `dialTimeoutMs` (Kubernetes:
 * 30 s). `closed` fires when the API server is gone, and its dials with it.
 */
export function createPodProxy(options: {
  pods: RunningPods;
  network: Network;
  clock: Clock;
  dialTimeoutMs: Millis;
  closed: AbortSignal;
}): PodProxy {
  const { pods, network, clock, dialTimeoutMs, closed } = options;
  const dial = async (ip: string, port: number): Promise<Fate> => {
    let left = dialTimeoutMs;
    for (const pause of synPauses()) {
      const fate = network.fate(API_SERVER_IP, ip, port, SPARED);
      if (fate !== 'dropped' || left <= 0 || closed.aborted) return fate;
      await clock.sleep(Math.min(pause, left), closed);
      left -= pause;
    }
    return 'dropped';
  };
  return async (namespace, name, port, path, request) => {
    const found = pods.named(namespace, name);
    if (found === undefined) return unreachable(`${name}:${port}`, 'connect: connection refused');
    const { ip, pod } = found;
    const fate = await dial(ip, port);
    if (fate === 'dropped') return unreachable(`${ip}:${port}`, 'i/o timeout');
    const answer = fate === 'carried' ? await pod.answer(port, path, request) : undefined;
    return answer ?? unreachable(`${ip}:${port}`, 'connect: connection refused');
  };
}

function unreachable(address: string, why: string): ProxyAnswer {
  const body = `error trying to reach service: dial tcp ${address}: ${why}`;
  return { status: 503, contentType: 'text/plain', body };
}
