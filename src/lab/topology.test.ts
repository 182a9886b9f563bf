import { expect } from 'chai';
import { layoutOf, nodeName } from '../sandbox/topology.ts';
import { DEFAULT_TOPOLOGY } from '../topologies/index.ts';
import { CLUSTERS, loopbackOf, machinesOf, namespaceOf } from './topology.ts';

const LONGEST_INTERFACE = 15;

describe('lab topology', () => {
  it('has the clusters, regions, zones and node names of the sandbox', () => {
    const lab = CLUSTERS.map(({ name, region, nodes }) => ({ name, region, nodes: nodes.map((node) => node.name) }));
    const sandbox = layoutOf(DEFAULT_TOPOLOGY).map(({ name, region, zones }) => ({
      name,
      region,
      nodes: zones.map(nodeName),
    }));
    expect(lab).to.have.deep.members(sandbox);
  });

  it('gives every machine an address and an interface name of its own', () => {
    const machines = machinesOf(CLUSTERS);
    expect(new Set(machines.map(({ address }) => address)).size).to.equal(6);
    for (const { name, address } of machines) {
      expect(name.length, name).to.be.at.most(LONGEST_INTERFACE);
      expect(address).to.match(/^10\.210\.0\.\d+$/);
    }
  });

  it('gives every node and every cluster ranges that nobody else has', () => {
    const ranges = CLUSTERS.flatMap(({ services, nodes }) => [services, ...nodes.map(({ pods }) => pods)]);
    expect(new Set(ranges).size).to.equal(ranges.length);
    for (const { pods, services, kubernetesService, dnsService, nodes } of CLUSTERS) {
      const within = (range: string) => range.replace(/\.0\.0\/16$/, '.');
      for (const node of nodes) expect(node.pods.startsWith(within(pods)), node.pods).to.equal(true);
      for (const address of [kubernetesService, dnsService])
        expect(address.startsWith(within(services))).to.equal(true);
    }
  });

  it('reaches the fabric from the machine by the same numbers on the loopback network', () => {
    expect(loopbackOf('10.210.0.41')).to.equal('127.210.0.41');
    expect(namespaceOf('tokyo')).to.equal('faultline-lab-tokyo');
  });
});
