import { expect } from 'chai';
import { conditionOf, isServing, isTrue } from './conditions.ts';
import { KINDS, type KubeObject } from './kubernetes.ts';
import { addressesOf, containersOf, isEnded, nodeOf, podSpec, waitingText } from './pod-object.ts';
import type { Json } from './scenario.ts';

const pod = (parts: Record<string, Json>, metadata: KubeObject['metadata'] = {}): KubeObject => ({
  ...KINDS.pod,
  metadata,
  ...parts,
});

describe('what is read of a pod', () => {
  it('is nothing where it has neither spec nor status', () => {
    const empty = pod({});
    expect([podSpec(empty), containersOf(empty), nodeOf(empty), addressesOf(empty)]).to.deep.equal([{}, [], '', []]);
    expect([isEnded(empty), isServing(empty), conditionOf(empty, 'Ready')]).to.deep.equal([false, false, undefined]);
  });

  it('has native sidecars among its containers', () => {
    const spec = { containers: [{ name: 'a' }], initContainers: [{ name: 'b' }], ephemeralContainers: [{ name: 'c' }] };
    expect(containersOf(pod({ spec })).map(({ name }) => name)).to.deep.equal(['a', 'b']);
  });

  it('has every address once', () => {
    const status = { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] };
    expect(addressesOf(pod({ status }))).to.deep.equal(['10.0.0.1', 'fd00::1']);
  });

  it('has ended in two phases', () => {
    const ended = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'].filter((phase) =>
      isEnded(pod({ status: { phase } })),
    );
    expect(ended).to.deep.equal(['Succeeded', 'Failed']);
  });

  it('tells why a container waits', () => {
    expect(waitingText({ waiting: { reason: 'ErrImagePull', message: 'no such image' } })).to.equal(
      'ErrImagePull: no such image',
    );
    expect(waitingText({ waiting: { reason: 'ContainerCreating' } })).to.equal('ContainerCreating');
    expect(waitingText({ waiting: { message: '' } })).to.equal('');
    expect(waitingText({})).to.equal('');
  });
});

describe('a condition', () => {
  const ready = (status: string) => pod({ status: { conditions: [{ type: 'Ready', status }] } });

  it('holds when it is True', () => {
    expect(['True', 'False', 'Unknown'].map((status) => isTrue(ready(status), 'Ready'))).to.deep.equal([
      ...[true, false, false],
    ]);
    expect(isTrue(ready('True'), 'PodScheduled')).to.equal(false);
  });

  it('lets no pod serve that is on its way out', () => {
    expect(isServing(ready('True'))).to.equal(true);
    expect(isServing({ ...ready('True'), metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })).to.equal(false);
  });

  it('is none where an object has something else of that name', () => {
    for (const conditions of [null, 'none', { Ready: 'True' }]) {
      expect(conditionOf(pod({ status: { conditions } }), 'Ready')).to.equal(undefined);
    }
  });
});
