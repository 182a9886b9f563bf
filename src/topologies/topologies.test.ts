import { expect } from 'chai';
import { DEFAULT_TOPOLOGY, manifestsOf, TOPOLOGIES, topologyNamed } from './index.ts';

describe('topologies', () => {
  it('have names of their own, and so have their clusters and the zones of a cluster', () => {
    const differ = (names: readonly string[]) => expect(new Set(names).size, names.join(' ')).to.equal(names.length);
    differ(TOPOLOGIES.map(({ name }) => name));
    for (const { clusters } of TOPOLOGIES) {
      differ(clusters.map(({ name }) => name));
      for (const { zones } of clusters) differ(zones);
    }
  });

  const clusters = TOPOLOGIES.flatMap((topology) => topology.clusters.map((cluster) => ({ topology, cluster })));
  for (const { topology, cluster } of clusters) {
    const name = `${topology.name}/${cluster.name}`;
    const text = manifestsOf(topology, cluster).join('\n---\n');

    it(`give ${name} a gateway in every zone and all services, with nothing left open`, () => {
      const places = topology.workloads === 'zoned' ? cluster.zones.map((zone) => `-${zone}`) : [''];
      const services = ['mocka', 'mockb', 'mockc'].flatMap((app) => places.map((place) => `${app}${place}`));
      const gateways = cluster.zones.map((zone) => `istio-ingressgateway-${zone}`);
      if (cluster.network !== undefined) gateways.push('istio-eastwestgateway');
      if (cluster.istiod === cluster.name) gateways.push('istiod');
      const deployments = [...text.matchAll(/kind: Deployment\nmetadata:\n {2}name: (.*)\n/g)].map(
        ([, found]) => found,
      );
      expect(deployments).to.have.members([...gateways, ...services]);
      expect(text).not.to.include('${');
    });
  }

  it('have mesh configuration where an istiod reads it', () => {
    for (const { topology, cluster } of clusters) {
      const isConfigured = manifestsOf(topology, cluster).some((text) => text.includes('kind: DestinationRule'));
      const { name, istiod = name } = cluster;
      expect(isConfigured, `${topology.name}/${name}`).to.equal(istiod === name);
    }
  });

  it('are found by their names; any other name is answered with all of them', () => {
    expect(topologyNamed('multi-region')).to.equal(DEFAULT_TOPOLOGY);
    expect(() => topologyNamed('multi-regoin')).to.throw(
      /no topology is called 'multi-regoin'.*single-cluster.*spread/,
    );
  });
});
