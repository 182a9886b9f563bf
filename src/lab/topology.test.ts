import { expect } from 'chai';
import { layoutOf, nodeName } from '../sandbox/topology.ts';
import { DEFAULT_TOPOLOGY, TOPOLOGIES, topologyNamed } from '../topologies/index.ts';
import { labClusters, loopbackOf, machinesOf, namespaceOf } from './topology.ts';

const LONGEST_INTERFACE = 15;

describe('lab topology', () => {
  for (const topology of TOPOLOGIES) {
    const clusters = labClusters(topology);

    it(`has the clusters, regions, zones and node names of the sandbox: ${topology.name}`, () => {
      const lab = clusters.map(({ name, region, nodes }) => ({ name, region, nodes: nodes.map((node) => node.name) }));
      const sandbox = layoutOf(topology).map(({ name, region, zones }) => ({
        ...{ name, region },
        nodes: zones.map(nodeName),
      }));
      expect(lab).to.have.deep.members(sandbox);
      expect(clusters.map(({ nodes }) => nodes.map(({ zone }) => zone))).to.have.deep.members(
        topology.clusters.map(({ zones }) => zones),
      );
    });

    it(`gives every machine an address and an interface name of its own: ${topology.name}`, () => {
      const machines = machinesOf(clusters);
      const count = topology.clusters.reduce((sum, { zones }) => sum + 1 + zones.length, 0);
      for (const key of ['name', 'address'] as const)
        expect(new Set(machines.map((one) => one[key])).size).to.equal(count);
      for (const { name, address } of machines) {
        expect(name.length, name).to.be.at.most(LONGEST_INTERFACE);
        expect(address).to.match(/^10\.210\.0\.\d+$/);
      }
    });

    it(`gives every node and every cluster ranges that nobody else has: ${topology.name}`, () => {
      const ranges = clusters.flatMap(({ services, nodes }) => [services, ...nodes.map(({ pods }) => pods)]);
      expect(new Set(ranges).size).to.equal(ranges.length);
      for (const { pods, services, kubernetesService, dnsService, nodes } of clusters) {
        const within = (range: string) => range.replace(/\.0\.0\/16$/, '.');
        for (const node of nodes) expect(node.pods.startsWith(within(pods)), node.pods).to.equal(true);
        for (const address of [kubernetesService, dnsService])
          expect(address.startsWith(within(services))).to.equal(true);
      }
    });
  }

  it('has the addresses that the documentation names', () => {
    const text = labClusters(DEFAULT_TOPOLOGY).map(
      ({ name, address, pods, services, nodes }) =>
        `${name} ${address} ${pods} ${services} ${nodes.map((node) => `${node.machine} ${node.address} ${node.pods}`)}`,
    );
    expect(text).to.deep.equal([
      'hangzhou 10.210.0.10 10.211.0.0/16 10.96.0.0/16 cn-hangzhou-h 10.210.0.21 10.211.1.0/24,cn-hangzhou-k 10.210.0.22 10.211.2.0/24',
      'tokyo 10.210.0.30 10.212.0.0/16 10.97.0.0/16 ap-northeast-1a 10.210.0.41 10.212.1.0/24,ap-northeast-1b 10.210.0.42 10.212.2.0/24',
    ]);
  });

  it('names a machine by its cluster where two clusters have its zone', () => {
    const nodes = labClusters(topologyNamed('overlapping-zones')).flatMap((cluster) => cluster.nodes);
    expect(nodes.map(({ machine, zone }) => `${machine} in ${zone}`)).to.deep.equal([
      'tokyo-2-node1 in ap-northeast-1a',
      'tokyo-2-node2 in ap-northeast-1b',
      'tokyo-node1 in ap-northeast-1a',
      'tokyo-node2 in ap-northeast-1b',
    ]);
  });

  it('refuses one that has more clusters than there are addresses for', () => {
    const [one] = DEFAULT_TOPOLOGY.clusters;
    if (one === undefined) expect.fail();
    expect(() => labClusters({ ...DEFAULT_TOPOLOGY, clusters: [one, one, one] })).to.throw('the lab has 2 clusters');
  });

  it('reaches the fabric from the machine by the same numbers on the loopback network', () => {
    expect(loopbackOf('10.210.0.41')).to.equal('127.210.0.41');
    expect(namespaceOf('tokyo')).to.equal('faultline-lab-tokyo');
  });
});
