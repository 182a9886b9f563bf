import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { asMap, asObject, clone } from '../api/json.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { createNetwork } from './network.ts';

const REF = { ...KINDS.networkPolicy, namespace: 'default', name: 'deny' };

function addPod(store: ObjectStore, name: string, ip: string): void {
  const labels = { app: name };
  const spec = { nodeName: 'n', containers: [{ name: 'default', image: 'example/mock:1' }] };
  const created = store.create({ ...KINDS.pod, metadata: { name, namespace: 'default', labels }, spec });
  const next = { ...clone(asMap(created)), status: { phase: 'Running', podIP: ip } };
  store.update(asObject(next), { subresource: 'status' });
}

function start(networks = new Map<string, string>()) {
  const clock = new ManualClock();
  const stores = new Map(
    ['tokyo', 'hangzhou'].map((name) => [name, createStore({ clock, random: Math.random })] as const),
  );
  const tokyo = stores.get('tokyo') as ObjectStore;
  const network = createNetwork(stores, undefined, networks);
  addPod(tokyo, 'mocka', '127.30.1.10');
  addPod(tokyo, 'mockb', '127.30.1.11');
  addPod(stores.get('hangzhou') as ObjectStore, 'mocka', '127.30.3.10');
  let changes = 0;
  network.changed.listen(() => {
    changes += 1;
  });
  const deny = (): void => {
    const spec = { podSelector: { matchLabels: { app: 'mockb' } }, policyTypes: ['Ingress', 'Egress'] };
    tokyo.create({ ...KINDS.networkPolicy, metadata: { name: 'deny', namespace: 'default' }, spec });
  };
  const reach = (from: string, to: string): boolean => network.allows(from, to, 8000);
  return { tokyo, network, deny, reach, changes: () => changes };
}

describe('network', () => {
  it('drops what a policy denies, both ways and from everywhere, for as long as the policy is there', () => {
    const { tokyo, deny, reach, changes } = start();
    const ways = [
      ['127.30.1.10', '127.30.1.11'],
      ['127.30.1.11', '127.30.1.10'],
      ['127.30.3.10', '127.30.1.11'],
      ['127.0.0.1', '127.30.1.11'],
      ['127.30.1.10', '127.30.3.10'],
    ] as const;
    const all = () => ways.map(([from, to]) => reach(from, to));
    expect(all()).to.deep.equal([true, true, true, true, true]);
    deny();
    expect(changes()).to.equal(1);
    expect(all()).to.deep.equal([false, false, false, false, true]);
    tokyo.delete(REF);
    expect(changes()).to.equal(2);
    expect(all()).to.deep.equal([true, true, true, true, true]);
  });

  it('follows the labels of a running pod', () => {
    const { tokyo, deny, reach } = start();
    deny();
    const found = tokyo.get({ ...KINDS.pod, namespace: 'default', name: 'mockb' });
    const next = clone(asMap(found ?? { ...KINDS.pod, metadata: {} }));
    next.metadata = { ...(next.metadata as object), labels: { app: 'other' } };
    tokyo.update(asObject(next));
    expect(reach('127.30.1.10', '127.30.1.11')).to.equal(true);
  });

  it('knows a pod no more when it is gone', () => {
    const { tokyo, network } = start();
    expect(network.peer('127.30.1.11').pod?.cluster).to.equal('tokyo');
    tokyo.delete({ ...KINDS.pod, namespace: 'default', name: 'mockb' }, { gracePeriodSeconds: 0 });
    expect(network.peer('127.30.1.11').pod).to.equal(undefined);
  });

  it('has no route between pods of two networks; clients outside and the own pods are as before', () => {
    const { reach } = start(
      new Map([
        ['tokyo', 'east'],
        ['hangzhou', 'west'],
      ]),
    );
    expect(reach('127.30.1.10', '127.30.3.10')).to.equal(false);
    expect(reach('127.30.3.10', '127.30.1.10')).to.equal(false);
    expect(reach('127.30.1.10', '127.30.1.11')).to.equal(true);
    expect(reach('127.0.0.1', '127.30.3.10')).to.equal(true);
  });
});
