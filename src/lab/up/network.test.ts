import { expect } from 'chai';
import { topologyNamed } from '../../topologies/index.ts';
import { CLUSTERS } from '../testing/clusters.ts';
import { labClusters } from '../topology.ts';
import { FABRIC, inNamespace, namespacesOf, networkCommands } from './network.ts';

const lines = networkCommands(CLUSTERS).map((command) => command.join(' '));

describe('lab network', () => {
  it('has a namespace for the fabric and for every machine', () => {
    expect(namespacesOf(CLUSTERS)).to.deep.equal([
      'faultline-lab-fabric',
      'faultline-lab-hangzhou',
      'faultline-lab-cn-hangzhou-h',
      'faultline-lab-cn-hangzhou-k',
      'faultline-lab-tokyo',
      'faultline-lab-ap-northeast-1a',
      'faultline-lab-ap-northeast-1b',
    ]);
  });

  it('changes nothing outside of its namespaces', () => {
    for (const line of lines) expect(line).to.match(/^(ip -n|nsenter --net=\/run\/netns\/)\s?faultline-lab-/);
  });

  it('leads nowhere but to the pods of nodes, and from control planes to their services', () => {
    expect(lines.filter((line) => line.includes('default'))).to.deep.equal([]);
    const from = (machine: string) =>
      lines
        .filter((line) => line.startsWith(`ip -n faultline-lab-${machine} route`))
        .map((line) => line.split('add ')[1]);
    const pods = {
      h: '10.211.1.0/24 via 10.210.0.21',
      k: '10.211.2.0/24 via 10.210.0.22',
      a: '10.212.1.0/24 via 10.210.0.41',
      b: '10.212.2.0/24 via 10.210.0.42',
    };
    expect(from('fabric')).to.deep.equal([pods.h, pods.k, pods.a, pods.b]);
    expect(from('ap-northeast-1a')).to.deep.equal([pods.h, pods.k, pods.b]);
    expect(from('tokyo')).to.deep.equal([pods.h, pods.k, pods.a, pods.b, '10.97.0.0/16 via 10.210.0.41']);
  });

  it('leads from no network to the pods of another one, and masks the pods of what leaves one', () => {
    expect(lines.filter((line) => line.includes('MASQUERADE'))).to.deep.equal([]);
    const two = networkCommands(labClusters(topologyNamed('two-networks'))).map((command) => command.join(' '));
    const routes = (machine: string) => two.filter((line) => line.startsWith(`ip -n faultline-lab-${machine} route`));
    expect(routes('fabric')).to.have.length(4);
    for (const machine of ['tokyo', 'ap-northeast-1a', 'ap-northeast-1b'])
      expect(routes(machine).filter((line) => line.includes(' 10.211.'))).to.deep.equal([]);
    expect(routes('ap-northeast-1a').join()).to.match(/add 10\.212\.2\.0\/24 via 10\.210\.0\.42$/);
    const masks = (machine: string) =>
      two.filter((line) => line.includes(`faultline-lab-${machine} `) && line.endsWith('--jump MASQUERADE'));
    expect(masks('ap-northeast-1a').map((line) => line.split('POSTROUTING ')[1])).to.deep.equal(
      ['10.210.0.10', '10.210.0.21', '10.210.0.22'].map(
        (address) => `--source 10.212.0.0/16 --destination ${address} --jump MASQUERADE`,
      ),
    );
    expect(masks('tokyo')).to.deep.equal([]);
  });

  it('enters a namespace without hiding the cgroups', () => {
    expect(inNamespace(FABRIC, ['true'])).to.deep.equal(['nsenter', '--net=/run/netns/faultline-lab-fabric', 'true']);
  });
});
