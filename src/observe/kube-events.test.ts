import { expect } from 'chai';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { ObservedCluster } from './testing/observed-cluster.ts';

const SCOPE = {
  namespaces: ['default'],
  gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway' } }],
};

function event(name: string, more: Record<string, unknown> = {}, namespace = 'default'): KubeObject {
  return {
    ...KINDS.event,
    metadata: { name, namespace, uid: name },
    reason: 'Killing',
    message: 'Stopping container app',
    type: 'Normal',
    involvedObject: { kind: 'Pod', namespace, name: 'mockb-1' },
    ...more,
  };
}

describe('Events of a cluster', () => {
  it('are written as they come, and again when they are counted up; not what was told before', async () => {
    const cluster = new ObservedCluster().put(event('old', { count: 4 }));
    cluster.start(SCOPE);
    await cluster.clock.sleep(1000);
    cluster.put(event('new'), event('gateway', { type: 'Warning', reason: 'BackOff' }, 'istio-system'));
    cluster.put(event('new'), event('other', {}, 'elsewhere'), event('ignored', { reason: 'NotActedOn' }));
    cluster.put(event('old', { count: 5 }), event('old', { count: 5 }));
    await cluster.run(1000);
    const told = cluster.of('kube-event');
    expect(told.map(({ reason, warning, count, object }) => [reason, warning, count, object.namespace])).to.deep.equal([
      ['Killing', false, 1, 'default'],
      ['BackOff', true, 1, 'istio-system'],
      ['Killing', false, 5, 'default'],
    ]);
    expect(told[0]).to.deep.include({
      cluster: 'tokyo',
      object: { kind: 'Pod', namespace: 'default', name: 'mockb-1' },
      message: 'Stopping container app',
    });
    const [covered, ...more] = cluster.of('kube-events');
    expect(covered).to.deep.include({ t: 0, read: ['default', 'istio-system'], unread: [] });
    expect(more).to.deep.equal([]);
  });

  it('that are not made as they should be keep no other from being written', async () => {
    const cluster = new ObservedCluster();
    cluster.start(SCOPE);
    await cluster.clock.sleep(1000);
    const odd = { involvedObject: null, series: null, reason: null, message: 5, type: {}, count: 'often' };
    const about = { involvedObject: { kind: null, name: 7, namespace: false }, reason: 'NotActedOn' };
    cluster.put(event('odd', odd), event('about', about), event('whole'));
    await cluster.run(1000);
    expect(cluster.of('kube-event').map(({ reason, object, message }) => [reason, object, message])).to.deep.equal([
      ['', { kind: '', name: '', namespace: 'default' }, ''],
      ['Killing', { kind: 'Pod', name: 'mockb-1', namespace: 'default' }, 'Stopping container app'],
    ]);
    expect(cluster.of('not-acted-on').map(({ objects }) => objects)).to.deep.equal([
      [{ ref: ' ', what: 'Stopping container app' }],
    ]);
  });

  it('without a UID are told apart by their names', async () => {
    const cluster = new ObservedCluster();
    cluster.start(SCOPE);
    await cluster.clock.sleep(1000);
    const nameless = (name: string) => ({ ...event(name), metadata: { name, namespace: 'default' } });
    cluster.put(nameless('one'), nameless('two'));
    await cluster.run(1000);
    expect(cluster.of('kube-event')).to.have.length(2);
  });

  it('say at the end where they could not be read, and the run goes on', async () => {
    const cluster = new ObservedCluster();
    const mute = (kind: string, { namespace }: { namespace?: string }) => kind === 'Event' && namespace === 'default';
    cluster.start(SCOPE, mute);
    cluster.trouble(KINDS.event, { cannot: 'list', reason: 'forbidden' });
    await cluster.run(10_000);
    expect(cluster.of('kube-events')[0]).to.deep.include({ read: ['istio-system'], unread: ['default'] });
    expect(
      cluster
        .of('notice')
        .map(({ text }) => text)
        .join(),
    ).to.match(/Events .* are not in the record/);
  });

  it('have an end', async () => {
    const cluster = new ObservedCluster();
    cluster.start(SCOPE);
    await cluster.clock.sleep(1000);
    cluster.put(...Array.from({ length: 1200 }, (_, at) => event(`e${at}`)));
    await cluster.run(10_000);
    expect(cluster.of('kube-event')).to.have.length(1000);
    expect(
      cluster
        .of('notice')
        .map(({ text }) => text)
        .join(),
    ).to.match(/more than 1000 Events/);
  });
});
