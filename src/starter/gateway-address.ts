import { object, objects, strings, text } from '../mesh/config-read.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { REACHED_AT } from '../model/practice.ts';
import type { StarterGateway } from '../scenario/index.ts';

/** A way into a cluster, and what is to be known of it. */
export type Door = StarterGateway & { readonly note?: string };

type Fields = ReturnType<typeof object>;

/**
 * How a gateway's Service is reached from outside: by its load balancer, whose address is looked up when a run starts, or an
 * external IP; undefined where it is not. Plain HTTP is preferred where the Gateways' `servers` listen for it.
 */
export function addressOf(service: KubeObject, servers: readonly Fields[]): Omit<StarterGateway, 'zone'> | undefined {
  const { namespace = '', name = '', annotations } = service.metadata;
  const reached = annotations?.[REACHED_AT];
  if (reached !== undefined) return { address: reached };
  const port = portOf(service, servers);
  if (port === undefined) return undefined;
  const { number, protocol } = port;
  if (objects(object(object(service.status).loadBalancer).ingress).length > 0) {
    return { service: { namespace, name, port: number, ...(protocol === 'https' ? { protocol } : {}) } };
  }
  const [ip] = strings(object(service.spec).externalIPs);
  return ip === undefined ? undefined : { address: `${protocol}://${ip.includes(':') ? `[${ip}]` : ip}:${number}` };
}

type Port = { readonly number: number; readonly protocol: 'http' | 'https' };

function portOf(service: KubeObject, servers: readonly Fields[]): Port | undefined {
  const own = new Set(objects(object(service.spec).ports).map(({ port }) => Number(port)));
  const heard = servers.flatMap(({ number, protocol }): Port[] => {
    const kind = text(protocol)?.toUpperCase() ?? '';
    const spoken = /^(?:HTTP|HTTP2|GRPC)$/.test(kind) ? 'http' : /^(?:HTTPS|TLS)$/.test(kind) ? 'https' : undefined;
    return spoken !== undefined && own.has(Number(number)) ? [{ number: Number(number), protocol: spoken }] : [];
  });
  return heard.find(({ protocol }) => protocol === 'http') ?? heard[0];
}
