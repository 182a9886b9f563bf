/** One availability zone; `number` is its place in the address plan. */
export type SandboxZone = { readonly name: string; readonly number: number };

export type ClusterLayout = { readonly name: string; readonly region: string; readonly zones: readonly SandboxZone[] };

/** The two clusters of the vendor page, each over two zones of its region. One mesh spans both, on one flat network. */
export const LAYOUT: readonly ClusterLayout[] = [
  {
    name: 'tokyo',
    region: 'ap-northeast-1',
    zones: [
      { name: 'ap-northeast-1a', number: 1 },
      { name: 'ap-northeast-1b', number: 2 },
    ],
  },
  {
    name: 'hangzhou',
    region: 'cn-hangzhou',
    zones: [
      { name: 'cn-hangzhou-h', number: 3 },
      { name: 'cn-hangzhou-k', number: 4 },
    ],
  },
];

/** Name of the one node in a zone. */
export function nodeName(zone: SandboxZone): string {
  return `node-${zone.name}`;
}

/** Round trip between two regions, over a leased line from Hangzhou to Tokyo; within a region there is none. */
export const BETWEEN_REGIONS_MS = 40;
