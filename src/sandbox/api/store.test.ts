import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { type ManualClock, manualClock, seeded } from '../testing/controllers-harness.ts';
import { ApiError } from './errors.ts';
import { createStore, type ObjectStore, type StoreEvent } from './store.ts';

describe('object store', () => {
  let clock: ManualClock;
  let store: ObjectStore;
  let events: StoreEvent[];
  beforeEach(() => {
    clock = manualClock();
    store = createStore({ clock, random: seeded(3) });
    events = [];
    store.onChange((event) => events.push(event));
  });

  const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
    ...KINDS.configMap,
    metadata: { name, namespace: 'default' },
    data,
  });
  const pod = (name: string): KubeObject => ({
    ...KINDS.pod,
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'node-a', containers: [{ name: 'c', image: 'x:1' }] },
  });
  const ref = (name: string, kind = KINDS.configMap as { apiVersion: string; kind: string }) => ({
    ...kind,
    namespace: 'default',
    name,
  });
  const codeOf = (work: () => unknown): [number, string | undefined] => {
    try {
      work();
    } catch (error) {
      if (error instanceof ApiError) return [error.status.code, error.status.reason];
      throw error;
    }
    return [200, undefined];
  };
  const seen = (): string[] => events.map(({ type, object }) => `${type} ${object.metadata.name}`);

  it('gives a new object its identity', () => {
    const { metadata } = store.create(configMap('one'));
    expect(metadata).to.include({ name: 'one', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' });
    expect(metadata.uid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(metadata.resourceVersion).to.equal(String(store.revision()));
    const named = store.create({ ...KINDS.configMap, metadata: { generateName: 'gen-', namespace: 'default' } });
    expect(named.metadata.name).to.match(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('hands out objects that nobody can change', () => {
    const created = store.create(configMap('one', { key: 'value' }));
    expect(() => {
      created.metadata.name = 'two';
    }).to.throw(TypeError);
    expect(() => {
      (store.get(ref('one'))?.data as Record<string, string>).key = 'other';
    }).to.throw(TypeError);
  });

  it('does not keep the object it was given', () => {
    const input = configMap('one', { key: 'value' });
    store.create(input);
    (input.data as Record<string, string>).key = 'other';
    expect(store.get(ref('one'))?.data).to.deep.equal({ key: 'value' });
  });

  it('refuses duplicates, unknown namespaces, bad names and outdated versions', () => {
    const first = store.create(configMap('one'));
    expect(codeOf(() => store.create(configMap('one')))).to.deep.equal([409, 'AlreadyExists']);
    expect(
      codeOf(() => store.create({ ...configMap('x'), metadata: { name: 'x', namespace: 'nowhere' } })),
    ).to.deep.equal([404, 'NotFound']);
    expect(codeOf(() => store.create(configMap('Not_A_Name')))).to.deep.equal([422, 'Invalid']);
    store.update({ ...first, data: { a: '1' } });
    expect(codeOf(() => store.update({ ...first, data: { a: '2' } }))).to.deep.equal([409, 'Conflict']);
    expect(codeOf(() => store.update({ ...configMap('one'), data: { a: '2' } }))).to.deep.equal([200, undefined]);
    const impostor = { ...configMap('one'), metadata: { ...configMap('one').metadata, uid: 'other' } };
    expect(codeOf(() => store.update(impostor))).to.deep.equal([409, 'Conflict']);
    expect(codeOf(() => store.update(configMap('none')))).to.deep.equal([404, 'NotFound']);
  });

  it('makes no event of an update that changes nothing', () => {
    const first = store.create(configMap('one', { a: '1' }));
    const again = store.update({ ...first, data: { a: '1' } });
    expect(again.metadata.resourceVersion).to.equal(first.metadata.resourceVersion);
    expect(seen()).to.deep.equal(['ADDED one']);
  });

  it('counts changes of the spec in generation, not changes of status or labels', () => {
    const policy = {
      ...KINDS.networkPolicy,
      metadata: { name: 'np', namespace: 'default' },
      spec: { podSelector: {} },
    };
    const created = store.create(policy);
    expect(created.metadata.generation).to.equal(1);
    const labelled = store.update({ ...created, metadata: { ...created.metadata, labels: { a: 'b' } } });
    expect(labelled.metadata.generation).to.equal(1);
    const changed = store.update({ ...labelled, spec: { podSelector: { matchLabels: { app: 'x' } } } });
    expect(changed.metadata.generation).to.equal(2);
  });

  it('keeps status and spec apart', () => {
    const created = store.create(pod('p'));
    store.update({ ...created, status: { phase: 'Running' } }, { subresource: 'status' });
    expect(store.get(ref('p', KINDS.pod))?.status).to.deep.equal({ phase: 'Running' });
    const current = store.get(ref('p', KINDS.pod)) as KubeObject;
    const labelled = { ...current, metadata: { ...current.metadata, labels: { a: 'b' } }, status: { phase: 'Failed' } };
    expect(store.update(labelled).status).to.deep.equal({ phase: 'Running' });
    const sneaky = store.update(
      { ...current, spec: { containers: [] }, metadata: { ...current.metadata, resourceVersion: '' } },
      { subresource: 'status' },
    );
    expect(sneaky.metadata.labels).to.deep.equal({ a: 'b' });
    expect(sneaky.spec).to.deep.equal(current.spec);
  });

  it('marks a running pod and removes it when the kubelet says so', () => {
    store.create(pod('p'));
    store.delete(ref('p', KINDS.pod));
    const marked = store.get(ref('p', KINDS.pod));
    expect(marked?.metadata).to.include({ deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 });
    store.delete(ref('p', KINDS.pod), { gracePeriodSeconds: 5 });
    expect(store.get(ref('p', KINDS.pod))?.metadata.deletionGracePeriodSeconds).to.equal(5);
    store.delete(ref('p', KINDS.pod), { gracePeriodSeconds: 60 });
    expect(store.get(ref('p', KINDS.pod))?.metadata.deletionGracePeriodSeconds).to.equal(5);
    store.finalizeDelete(ref('p', KINDS.pod));
    expect(store.get(ref('p', KINDS.pod))).to.equal(undefined);
    store.finalizeDelete(ref('p', KINDS.pod));
    expect(seen()).to.deep.equal(['ADDED p', 'MODIFIED p', 'MODIFIED p', 'DELETED p']);
  });

  it('removes a pod at once without grace, without node, or when it has finished', () => {
    store.create(pod('forced'));
    store.delete(ref('forced', KINDS.pod), { gracePeriodSeconds: 0 });
    store.create({ ...pod('waiting'), spec: { containers: [{ name: 'c', image: 'x' }] } });
    store.delete(ref('waiting', KINDS.pod));
    const done = store.create(pod('done'));
    store.update({ ...done, status: { phase: 'Succeeded' } }, { subresource: 'status' });
    store.delete(ref('done', KINDS.pod));
    expect(store.list(KINDS.pod, 'default')).to.deep.equal([]);
  });

  it('waits for finalizers', () => {
    const held = configMap('held');
    held.metadata.finalizers = ['example.com/hold'];
    store.create(held);
    store.delete(ref('held'));
    const marked = store.get(ref('held')) as KubeObject;
    expect(marked.metadata.deletionTimestamp).to.equal('2026-01-01T00:00:00Z');
    store.update({ ...marked, metadata: { ...marked.metadata, finalizers: [] } });
    expect(store.get(ref('held'))).to.equal(undefined);
    expect(seen()).to.deep.equal(['ADDED held', 'MODIFIED held', 'DELETED held']);
  });

  it('checks the preconditions of a delete', () => {
    const { metadata } = store.create(configMap('one'));
    expect(codeOf(() => store.delete(ref('one'), { uid: 'other' }))).to.deep.equal([409, 'Conflict']);
    expect(codeOf(() => store.delete(ref('one'), { resourceVersion: '1' }))).to.deep.equal([409, 'Conflict']);
    expect(codeOf(() => store.delete(ref('one'), { uid: metadata.uid ?? '' }))).to.deep.equal([200, undefined]);
    expect(codeOf(() => store.delete(ref('one')))).to.deep.equal([404, 'NotFound']);
  });

  it('orphans the dependents of a job unless it is told otherwise, as batch/v1 does', () => {
    const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } };
    store.create({ ...KINDS.job, metadata: { name: 'one', namespace: 'default' }, spec });
    store.delete(ref('one', KINDS.job));
    expect(store.get(ref('one', KINDS.job))?.metadata.finalizers).to.deep.equal(['orphan']);
    store.create({ ...KINDS.job, metadata: { name: 'two', namespace: 'default' }, spec });
    store.delete(ref('two', KINDS.job), { propagation: 'Background' });
    expect(store.get(ref('two', KINDS.job))).to.equal(undefined);
  });

  it('stores nothing in a dry run', () => {
    const before = store.revision();
    expect(store.create(configMap('dry'), { dryRun: true }).metadata.uid).to.be.a('string');
    expect(codeOf(() => store.create(configMap('Bad_'), { dryRun: true }))[0]).to.equal(422);
    expect(store.revision()).to.equal(before);
    const real = store.create(configMap('real'));
    store.update({ ...real, data: { a: '1' } }, { dryRun: true });
    store.delete(ref('real'), { dryRun: true });
    expect(store.get(ref('real'))).to.deep.equal(real);
    expect(seen()).to.deep.equal(['ADDED real']);
  });

  it('delivers changes in one order to all listeners, also those that a listener makes', () => {
    const orders: string[][] = [[], []];
    store.onChange(({ object }) => {
      if (object.metadata.name === 'first') store.create(configMap('second'));
    });
    for (const order of orders) store.onChange(({ object }) => order.push(object.metadata.name ?? ''));
    store.create(configMap('first'));
    expect(orders).to.deep.equal([
      ['first', 'second'],
      ['first', 'second'],
    ]);
    expect(seen()).to.deep.equal(['ADDED first', 'ADDED second']);
  });

  it('reads one Istio object in every served version', () => {
    const rule = {
      apiVersion: 'networking.istio.io/v1alpha3',
      kind: 'DestinationRule',
      metadata: { name: 'dr', namespace: 'default' },
      spec: { host: 'a' },
    };
    expect(store.create(rule).apiVersion).to.equal('networking.istio.io/v1alpha3');
    for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
      const kind = { apiVersion: `networking.istio.io/${version}`, kind: 'DestinationRule' };
      expect(store.get(ref('dr', kind))?.apiVersion).to.equal(kind.apiVersion);
      expect(store.list(kind)).to.have.length(1);
    }
    expect(events[0]?.object.apiVersion).to.equal('networking.istio.io/v1');
  });

  it('shows one event in both of its APIs', () => {
    const time = '2026-01-01T00:00:00Z';
    store.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p' },
      message: 'hello',
      source: { component: 'kubelet' },
      firstTimestamp: time,
    });
    const event = store.get(ref('e', { apiVersion: 'events.k8s.io/v1', kind: 'Event' }));
    expect(event).to.deep.include({
      note: 'hello',
      regarding: { kind: 'Pod', name: 'p' },
      deprecatedFirstTimestamp: time,
    });
    expect(event).to.not.have.property('message');
  });

  it('keeps a namespace until its content is gone', () => {
    store.create({ ...KINDS.namespace, metadata: { name: 'shop' } });
    store.delete({ ...KINDS.namespace, name: 'shop' });
    expect(store.get({ ...KINDS.namespace, name: 'shop' })?.status).to.include({ phase: 'Terminating' });
    store.finalizeDelete({ ...KINDS.namespace, name: 'shop' });
    expect(store.get({ ...KINDS.namespace, name: 'shop' })).to.equal(undefined);
  });
});
