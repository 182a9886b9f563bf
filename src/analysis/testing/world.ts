import type { FaultHeader, RunHeader } from '../../model/history.ts';
import type { Expectations, FailoverOrder } from '../../model/scenario.ts';
import type { Endpoint, Path, Topology } from '../../model/target.ts';

/** Three zones of one region and two of another, two pods of each service in each zone. */
const NEAR = ['north-a', 'north-b', 'north-c'] as const;
export const FAR = ['south-h', 'south-k'] as const;
export const ZONES: readonly string[] = [...NEAR, ...FAR];
export const CHAIN = ['mocka', 'mockb', 'mockc'] as const;
export const PODS_PER_ZONE = 2;

export const clusterOf = (zone: string): string => (zone.startsWith('north') ? 'tokyo' : 'osaka');
const regionOf = (zone: string): string => (zone.startsWith('north') ? 'north' : 'south');
export const pathOf = (zone: string): string => `entry@${clusterOf(zone)}/${zone}`;
export const ipOf = (service: string, zone: string, pod: number): string =>
  `10.${CHAIN.indexOf(service as 'mocka')}.${ZONES.indexOf(zone)}.${pod + 1}`;

const TOPOLOGY: Topology = {
  clusters: [
    { name: 'tokyo', region: 'north', zones: NEAR, uid: 't', server: 'https://tokyo', version: 'v1.34.0' },
    { name: 'osaka', region: 'south', zones: FAR, uid: 'o', server: 'https://osaka', version: 'v1.34.0' },
  ],
  paths: ZONES.map((zone): Path => {
    const cluster = clusterOf(zone);
    return {
      id: pathOf(zone),
      name: 'entry',
      cluster,
      region: regionOf(zone),
      zone,
      protocol: 'http',
      host: zone,
      port: 80,
    };
  }),
};

export function endpointsOf(cluster: string, without: (endpoint: Endpoint) => boolean = () => false): Endpoint[] {
  const zones = ZONES.filter((zone) => clusterOf(zone) === cluster);
  const all = CHAIN.flatMap((service) =>
    zones.flatMap((zone) =>
      Array.from({ length: PODS_PER_ZONE }, (_, pod): Endpoint => {
        const workload = `${service}-${zone}`;
        const ip = ipOf(service, zone, pod);
        const place = { cluster, region: regionOf(zone), zone, namespace: 'default' };
        return { ...place, service, workload, pod: `${workload}-${pod}`, ip, ready: true };
      }),
    ),
  );
  return all.filter((endpoint) => !without(endpoint));
}

/** A fault that stops the first `pods` pods of mockb in a zone. */
export function faultOn(zone: string, pods = PODS_PER_ZONE): FaultHeader {
  const cluster = clusterOf(zone);
  const affected = endpointsOf(cluster)
    .filter((endpoint) => endpoint.service === 'mockb' && endpoint.zone === zone)
    .slice(0, pods);
  return {
    name: `mockb-${zone}`,
    kind: 'imageSwap',
    cluster,
    summary: `Swapped the image of Deployment default/mockb-${zone}`,
    signature: 'stops-serving',
    affected: affected.map(({ namespace, workload, pod, ip }) => ({ cluster, namespace, zone, workload, pod, ip })),
  };
}

export const ORDER: FailoverOrder = {
  service: 'mockb',
  from: { zone: 'north-a' },
  order: [
    { place: { zone: 'north-b' }, shareAtLeast: 0.9 },
    { place: { zone: 'north-c' }, shareAtLeast: 0.9 },
    { place: { region: 'south' }, shareAtLeast: 0.9 },
  ],
};

type WorldOptions = {
  readonly rate: number;
  readonly timeoutMs: number;
  readonly latencyMs: number;
  readonly faults: readonly FaultHeader[];
  readonly expect: Expectations;
  readonly durations: { readonly baselineMs: number; readonly holdMs: number; readonly recoverMs: number };
  /** Another one than the five zones'. */
  readonly topology?: Topology;
  readonly versions?: Readonly<Record<string, string>> | undefined;
};

export function headerOf(options: WorldOptions): RunHeader {
  const { rate, timeoutMs, latencyMs, faults, expect, durations, versions = {} } = options;
  return {
    runId: '20261122-000000-test',
    tool: { name: 'faultline', version: '0.0.0' },
    target: { name: 'generated', kind: 'clusters' },
    topology: options.topology ?? TOPOLOGY,
    versions,
    command: 'faultline run generated.yaml',
    faults,
    scenario: {
      name: 'generated',
      annotations: {},
      hypothesis: 'Callers of mockb in north-a are served by north-b.',
      load: {
        paths: [],
        ratePerSecond: rate,
        timeoutMs,
        connections: 'kept',
        chain: { from: { kind: 'body' }, hop: '-> {service}({zone}, {ip})' },
        good: { status: 200, chain: CHAIN, latencyMs },
      },
      phases: durations,
      faults: faults.map(({ name, kind }) => ({ name, kind, afterMs: 0, spec: {} })),
      expect,
      source: { file: 'generated.yaml', text: '', sha256: '' },
    },
  };
}
