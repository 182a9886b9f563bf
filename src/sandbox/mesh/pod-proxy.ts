import { request as send } from 'undici';
import { messageOf } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import type { PodProxy, ProxyAnswer } from '../api/context.ts';
import type { Passed } from '../api/request.ts';
import type { Network } from '../nodes/network.ts';
import type { HostedPods } from '../programs/hosted-pods.ts';
import { TEXT } from '../programs/http.ts';
import type { PodRegistry } from './pod-registry.ts';

/** Address that the API server calls from; no pod, so NetworkPolicy treats it as a client outside. */
const API_SERVER_IP = '127.0.0.1';

/**
 * The API server's pod proxy, for the statistics of sidecars and the ports of hosted programs. A pod that NetworkPolicy
 * isolates is out of reach for the API server, too: its dial times out after `dialTimeoutMs` (Kubernetes: 30 s).
 */
export function createPodProxy(options: {
  cluster: string;
  pods: PodRegistry;
  hosted: HostedPods;
  network: Network;
  clock: Clock;
  dialTimeoutMs: Millis;
}): PodProxy {
  const { cluster, pods, hosted, network, clock, dialTimeoutMs } = options;
  return async (namespace, name, port, path, request) => {
    const program = hosted.named(namespace, name);
    const pod = pods.named(cluster, namespace, name);
    const ip = program?.ip ?? pod?.options.ip;
    if (ip === undefined) return unreachable(`${name}:${port}`, 'connect: connection refused');
    if (!network.allows(API_SERVER_IP, ip, port)) {
      await clock.sleep(dialTimeoutMs);
      return unreachable(`${ip}:${port}`, 'i/o timeout');
    }
    const local = program?.program.ports[port];
    const answer = local === undefined ? pod?.admin(port, path) : await passOn(local, path, request);
    return answer ?? unreachable(`${ip}:${port}`, 'connect: connection refused');
  };
}

async function passOn(port: number, path: string, { method, contentType, body }: Passed): Promise<ProxyAnswer> {
  try {
    const answer = await send(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
      ...(body.length > 0 ? { body } : {}),
    });
    return {
      status: answer.statusCode,
      contentType: String(answer.headers['content-type'] ?? TEXT),
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  } catch (error) {
    return unreachable(`127.0.0.1:${port}`, messageOf(error));
  }
}

function unreachable(address: string, why: string): ProxyAnswer {
  const body = `error trying to reach service: dial tcp ${address}: ${why}`;
  return { status: 503, contentType: 'text/plain', body };
}
