import type { Load, RequestTemplate } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';

/** An answer of the mock services over two hops. */
export const CHAIN = '-> mocka(version: z1, ip: 127.1.1.1)-> mockb(version: z2, ip: 127.1.1.2)';

/** A load of 100 requests/s with this change, whose one request has that one. */
export function loadOf(change: Partial<Load> = {}, request: Partial<RequestTemplate> = {}): Load {
  return {
    paths: [
      { name: 'entry', request: { method: 'GET', path: '/mock', headers: {}, ...request }, via: 'each-gateway-zone' },
    ],
    ratePerSecond: 100,
    timeoutMs: 1000,
    connections: 'kept',
    chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
    good: { status: 200, chain: ['mocka', 'mockb'], latencyMs: 900 },
    ...change,
  };
}

/** The path through a gateway on a loopback port. */
export function pathTo(port: number, zone = 'a', protocol: Path['protocol'] = 'http'): Path {
  return { id: `entry@t/${zone}`, name: 'entry', cluster: 't', region: 'r', zone, protocol, host: '127.0.0.1', port };
}
