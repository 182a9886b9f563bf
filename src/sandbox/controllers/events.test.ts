import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { type ManualClock, manualClock, seeded } from '../testing/controllers-harness.ts';
import { createEventRecorder, type EventFacts, type EventRecorder } from './events.ts';

describe('event recorder', () => {
  const EVENT = { apiVersion: 'v1', kind: 'Event' };
  const facts: EventFacts = {
    type: 'Normal',
    reason: 'Killing',
    message: 'Stopping',
    component: 'kubelet',
    host: 'node-a',
  };
  let clock: ManualClock;
  let store: ObjectStore;
  let recorder: EventRecorder;
  let object: KubeObject;
  beforeEach(() => {
    clock = manualClock();
    const random = seeded(2);
    store = createStore({ clock, random });
    recorder = createEventRecorder({ store, clock, random });
    object = store.create({ ...KINDS.configMap, metadata: { name: 'cm', namespace: 'default' } });
  });

  it('says what happened to which object', () => {
    recorder.record(object, facts);
    const [event] = store.list(EVENT, 'default');
    expect(event).to.deep.include({
      reason: 'Killing',
      message: 'Stopping',
      count: 1,
      source: { component: 'kubelet', host: 'node-a' },
      firstTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(event?.involvedObject).to.include({ kind: 'ConfigMap', name: 'cm', uid: object.metadata.uid });
  });

  it('counts what happens again', () => {
    recorder.record(object, facts);
    clock.advance(5000);
    recorder.record(object, facts);
    recorder.record(object, { ...facts, reason: 'Other' });
    const events = store
      .list(EVENT, 'default')
      .map(({ reason, count, lastTimestamp }) => ({ reason, count, lastTimestamp }));
    expect(events).to.have.deep.members([
      { reason: 'Killing', count: 2, lastTimestamp: '2026-01-01T00:00:05Z' },
      { reason: 'Other', count: 1, lastTimestamp: '2026-01-01T00:00:05Z' },
    ]);
  });

  it('forgets the oldest when there are too many', () => {
    for (let index = 0; index < 1010; index += 1) recorder.record(object, { ...facts, message: `number ${index}` });
    const messages = store.list(EVENT).map((event) => event.message);
    expect(messages).to.have.length(1000).and.include('number 1009').and.not.include('number 9');
  });

  it('keeps events about cluster-scoped objects in the default namespace, and writes none where a namespace goes away', () => {
    const namespace = store.create({ ...KINDS.namespace, metadata: { name: 'shop' } });
    recorder.record(namespace, facts);
    expect(store.list(EVENT, 'default')).to.have.length(1);
    const inside = store.create({ ...KINDS.configMap, metadata: { name: 'cm', namespace: 'shop' } });
    store.delete({ ...KINDS.namespace, name: 'shop' });
    recorder.record(inside, facts);
    expect(store.list(EVENT, 'shop')).to.deep.equal([]);
  });
});
