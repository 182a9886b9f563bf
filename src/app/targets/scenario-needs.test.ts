import { expect } from 'chai';
import { asked, SWAP, scenarioWith } from '../../run/testing/bench-run.ts';
import { TOPOLOGY_ANNOTATION } from '../../topologies/index.ts';
import { checkTopology, namespacesOf } from './scenario-needs.ts';

describe('app/targets/scenario-needs', () => {
  it('are the namespaces that faults name, and that of the gateways where a kind means those', () => {
    const gone = asked({ name: 'gone', kind: 'gatewayDown', afterMs: 0, spec: { cluster: 'tokyo' } });
    const spec = { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default', 'shop'] };
    const dark = asked({ name: 'dark', kind: 'zoneBlackhole', afterMs: 0, spec });
    expect(namespacesOf(scenarioWith([SWAP, dark]))).to.deep.equal(['default', 'shop']);
    expect(namespacesOf(scenarioWith([SWAP, gone]))).to.deep.equal(['default', 'istio-system']);
  });

  it('are a sandbox of its topology, where its targets file says which one that has', () => {
    const of = (name?: string) => ({ annotations: name === undefined ? {} : { [TOPOLOGY_ANNOTATION]: name } });
    const check = (asked?: string, there?: string) => () => checkTopology(of(asked), of(there));
    expect(check('two-networks', 'multi-region')).to.throw(
      'the scenario is for the topology two-networks; the sandbox of the targets file has multi-region',
    );
    for (const [asked, there] of [['spread', 'spread'], ['spread'], [undefined, 'spread'], []]) {
      expect(check(asked, there)).to.not.throw();
    }
  });
});
