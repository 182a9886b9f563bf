import { expect } from 'chai';
import { asked, SWAP, scenarioWith } from '../../run/testing/bench-run.ts';
import { namespacesOf } from './scenario-needs.ts';

describe('app/targets/scenario-needs', () => {
  it('are the namespaces that faults name, and that of the gateways where a kind means those', () => {
    const gone = asked({ name: 'gone', kind: 'gatewayDown', afterMs: 0, spec: { cluster: 'tokyo' } });
    const spec = { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default', 'shop'] };
    const dark = asked({ name: 'dark', kind: 'zoneBlackhole', afterMs: 0, spec });
    expect(namespacesOf(scenarioWith([SWAP, dark]))).to.deep.equal(['default', 'shop']);
    expect(namespacesOf(scenarioWith([SWAP, gone]))).to.deep.equal(['default', 'istio-system']);
  });
});
