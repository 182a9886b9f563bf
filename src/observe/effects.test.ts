import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { ObservedCluster } from './testing/observed-cluster.ts';

function event(name: string, reason: string, namespace = 'default'): KubeObject {
  const involvedObject = { kind: 'DestinationRule', namespace, name };
  return {
    ...KINDS.event,
    metadata: { name: `${name}.1`, namespace },
    reason,
    message: 'nothing acts on it',
    involvedObject,
  };
}
const GATEWAYS = [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }];

describe('what nothing acts on', () => {
  it('is written as the cluster tells it, in the namespaces that are observed, and again when it changes', async () => {
    const cluster = new ObservedCluster().put(
      event('web', 'NotActedOn'),
      event('all', 'NotActedOn', 'istio-system'),
      event('far', 'NotActedOn', 'other'),
      event('pulled', 'Pulled'),
    );
    cluster.start({ namespaces: ['default'], gateways: GATEWAYS });
    await cluster.clock.sleep(1_000);
    cluster.remove(event('web', 'NotActedOn'));
    await cluster.run(1_000);
    expect(cluster.of('not-acted-on').map(({ objects }) => objects.map(({ ref }) => ref))).to.deep.equal([
      ['DestinationRule default/web'],
      ['DestinationRule default/web', 'DestinationRule istio-system/all'],
      ['DestinationRule istio-system/all'],
    ]);
    expect(cluster.of('not-acted-on')[0]?.objects[0]?.what).to.equal('nothing acts on it');
    expect(cluster.of('not-acted-on')[0]?.cluster).to.equal('tokyo');
  });

  it('is no line where there is none', async () => {
    const cluster = new ObservedCluster().put(event('pulled', 'Pulled'));
    await cluster.start({ namespaces: ['default'] }).run(1_000);
    expect(cluster.of('not-acted-on')).to.deep.equal([]);
  });
});
