import { hostMatches, namespaceOf, number, object, objects, strings } from '../mesh/config-read.ts';
import type { KubeObject } from '../model/kubernetes.ts';

/** The Gateways that bind to a gateway's pod for a host, and the port of the first one's server (mesh/route-config.ts). */
export type GatewayListener = {
  readonly gateways: readonly { readonly name: string; readonly from: string }[];
  readonly port: number | undefined;
};

/** Servers of plain HTTP that the pod's labels are for and that take the host. */
export function listenerFor(
  gateways: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
  host: string,
): GatewayListener {
  const bound = gateways.flatMap((gateway) => {
    const { selector, servers } = object(gateway.spec);
    if (!Object.entries(object(selector)).every(([label, value]) => labels[label] === value)) return [];
    return objects(servers)
      .filter(({ port }) => /^(HTTP|HTTP2|GRPC)$/.test(String(object(port).protocol)))
      .flatMap((server) =>
        sources(strings(server.hosts), host, namespaceOf(gateway)).map((from) => ({
          from,
          name: `${namespaceOf(gateway)}/${gateway.metadata.name ?? ''}`,
          port: number(object(server.port).number),
        })),
      );
  });
  return { gateways: bound.map(({ name, from }) => ({ name, from })), port: bound[0]?.port };
}

/** Namespaces whose VirtualServices a server takes for a host, `*` for all. */
function sources(hosts: readonly string[], host: string, own: string): string[] {
  return hosts.flatMap((entry) => {
    const [pattern = '', namespace = '*'] = entry.split('/', 2).reverse();
    if (!hostMatches(pattern, host)) return [];
    return [namespace === '.' ? own : namespace];
  });
}
