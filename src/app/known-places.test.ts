import { expect } from 'chai';
import { refuseUnknownPlaces } from './known-places.ts';
import { InvalidFile, loadScenario } from './load-files.ts';
import type { OpenTarget } from './targets/index.ts';

const node = (zone: string) => ({ metadata: { name: zone, labels: { 'topology.kubernetes.io/zone': zone } } });

/** A target of two clusters with these nodes; undefined: it does not tell them. */
function target(nodes: readonly string[] | undefined): OpenTarget {
  const list = async ({ kind }: { kind: string }) => {
    if (nodes === undefined) throw new Error('forbidden');
    return kind === 'Node' ? nodes.map(node) : [];
  };
  const open = (name: string, region: string, zones: string[]) => [
    name,
    { cluster: { name, region, list }, gateways: zones.map((zone) => ({ zone })) },
  ];
  const clusters = new Map([
    open('tokyo', 'ap-northeast-1', ['ap-northeast-1a', 'ap-northeast-1b']),
    open('hangzhou', 'cn-hangzhou', ['cn-hangzhou-h']),
  ] as never);
  return { target: { observe: { namespaces: ['default'] } }, clusters } as unknown as OpenTarget;
}

const refused = async (nodes: readonly string[] | undefined, setting: string) => {
  const { value } = loadScenario('scenarios/service-failover.yaml', [setting]);
  const error = await refuseUnknownPlaces(value, target(nodes)).catch((reason: unknown) => reason);
  return error instanceof InvalidFile ? error.diagnostics.map(({ message }) => message) : error;
};

describe('a scenario and its target', () => {
  it('know the same zones: those of nodes and of gateways', async () => {
    const order = (zone: string) => `spec.expect.failoverOrder.order=[{zone: ${zone}}]`;
    expect(await refused(['spare'], order('spare'))).to.equal(undefined);
    expect(await refused(['spare'], order('ap-northeast-1b'))).to.equal(undefined);
    expect(await refused(['spare'], order('mars'))).to.deep.equal(['the target has no zone `mars`']);
  });

  it('are not compared by zones that nobody may read, but by clusters', async () => {
    expect(await refused(undefined, 'spec.expect.failoverOrder.order=[{zone: mars}]')).to.equal(undefined);
    expect(await refused(undefined, 'spec.expect.failoverOrder.order=[{cluster: mars}]')).to.have.length(1);
  });
});
