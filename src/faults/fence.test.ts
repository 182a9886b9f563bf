import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { FaultContext, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { FENCE_LABEL, KINDS } from '../model/kubernetes.ts';
import { isFenceWrite, suspectedWrites, undoFenced } from './fence.ts';
import type { LostWrite } from './lost-writes.ts';
import { fakeContext, fakeSystem, RUN } from './testing/fake-system.ts';

const NAME = 'mockb-ap-northeast-1a';
const REF = { ...KINDS.deployment, namespace: 'default', name: NAME };
const JOB = { ...KINDS.job, namespace: 'default', name: 'late' };
const DONE: UndoOutcome = { state: 'undone', detail: 'back', objects: [], commands: [] };

const patchOf = (version: string | undefined): LostWrite => ({ verb: 'patch', ref: REF, version, at: 0 });
const CREATION: LostWrite = { verb: 'create', ref: JOB, version: undefined, at: 0 };

/** Undoes after these lost writes; how often the kind's own undo was called, and when. */
async function fenced(lost: readonly LostWrite[], context: FaultContext) {
  const at: number[] = [];
  const undo = async () => {
    at.push(context.now() / 1_000_000);
    return DONE;
  };
  return { outcome: await undoFenced(lost, { runId: RUN, context, undo }), at };
}

describe('an undo after lost writes', () => {
  it('moves the version that a lost patch tests, and leaves nothing on the object', async () => {
    const cluster = fakeSystem();
    const was = cluster.all(KINDS.deployment)[0]?.metadata;
    const before = cluster.snapshot();
    const { outcome, at } = await fenced([patchOf(was?.resourceVersion)], fakeContext(cluster));
    expect([outcome, at]).to.deep.equal([DONE, [0]]);
    expect(
      cluster.all(KINDS.deployment).find(({ metadata }) => metadata.name === NAME)?.metadata.resourceVersion,
    ).to.not.equal(was?.resourceVersion);
    expect(cluster.snapshot()).to.deep.equal(before);
  });

  it('waits for a lost patch where admission takes the fence away, so that no version has moved', async () => {
    const cluster = fakeSystem();
    cluster.admit = (object) => {
      delete object.metadata.labels?.[FENCE_LABEL];
      return object;
    };
    const { resourceVersion } = cluster.all(KINDS.deployment)[0]?.metadata ?? {};
    const { at } = await fenced([patchOf(resourceVersion)], fakeContext(cluster));
    expect(at).to.deep.equal([0, 60]);
  });

  it('writes nothing where the version has moved already, or the object is gone', async () => {
    const cluster = fakeSystem();
    await fenced([patchOf('another')], fakeContext(cluster));
    cluster.objects.delete(`Deployment default/${NAME}`);
    await fenced([patchOf('1')], fakeContext(cluster));
    expect(cluster.writes).to.equal(0);
  });

  it('writes nothing to an object that was created anew: the lost write is for another one', async () => {
    const cluster = fakeSystem();
    const write = { ...patchOf(undefined), uids: ['the one that was planned'] };
    await fenced([write], fakeContext(cluster));
    expect(cluster.writes).to.equal(0);
    const uid = cluster.all(KINDS.deployment).find(({ metadata }) => metadata.name === NAME)?.metadata.uid ?? '';
    await fenced([{ ...write, uids: ['another', uid] }], fakeContext(cluster));
    expect(cluster.writes).to.equal(2);
  });

  it('raises a fence where no controller takes it along: it writes no annotation', async () => {
    const cluster = fakeSystem();
    const seen: string[] = [];
    cluster.after = ({ isWrite }) => {
      const object = cluster.all(KINDS.deployment).find(({ metadata }) => metadata.name === NAME);
      if (isWrite) seen.push(...Object.keys({ ...object?.metadata.labels, ...object?.metadata.annotations }));
    };
    await fenced([patchOf(undefined)], fakeContext(cluster));
    expect(new Set(seen)).to.deep.equal(new Set(['app', FENCE_LABEL]));
  });

  it('takes off a fence that an earlier try has left', async () => {
    const cluster = fakeSystem();
    const deployment = cluster.all(KINDS.deployment)[0];
    if (deployment === undefined) throw new Error('it is there');
    const before = cluster.snapshot();
    const labels = { ...deployment.metadata.labels, [FENCE_LABEL]: RUN };
    cluster.add({ ...deployment, metadata: { ...deployment.metadata, labels } });
    await fenced([patchOf(undefined)], fakeContext(cluster));
    expect(cluster.snapshot()).to.deep.equal(before);
  });

  it('takes off the fence of a try that has failed between its two writes', async () => {
    const cluster = fakeSystem();
    const version = cluster.all(KINDS.deployment)[0]?.metadata.resourceVersion;
    const before = cluster.snapshot();
    let patches = 0;
    cluster.before = ({ verb }) => {
      if (verb === 'patch' && ++patches === 2) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    const failed = await fenced([patchOf(version)], fakeContext(cluster)).catch(({ code }: FaultlineError) => code);
    expect(failed).to.equal('TARGET_UNREACHABLE');
    expect(cluster.snapshot(), 'a fence is left').to.not.deep.equal(before);
    await fenced([patchOf(version)], fakeContext(cluster));
    expect(cluster.snapshot()).to.deep.equal(before);
  });

  it('waits for a lost creation until it shows, and undoes once more', async () => {
    const cluster = fakeSystem();
    cluster.before = ({ at }) => {
      if (at === 4) cluster.add({ ...JOB, metadata: { name: 'late', namespace: 'default' } });
    };
    expect((await fenced([CREATION], fakeContext(cluster))).at).to.deep.equal([0, 3]);
  });

  it('waits no longer than the API server works on a request, and not at all where that time is over', async () => {
    expect((await fenced([CREATION], fakeContext(fakeSystem()))).at).to.deep.equal([0, 60]);
    const context = fakeContext(fakeSystem());
    await context.clock.sleep(60_000);
    expect((await fenced([CREATION], context)).at).to.deep.equal([60, 60]);
  });

  it('looks on while the API server does not answer', async () => {
    const cluster = fakeSystem();
    cluster.before = () => {
      throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
    };
    expect((await fenced([CREATION], fakeContext(cluster))).at).to.deep.equal([0, 60]);
  });

  it('is a write that changes nothing but the fence, and nothing else passes for one', () => {
    const fence = '/metadata/labels/faultline.dev~1fence';
    const test = { op: 'test', path: '/metadata/uid', value: 'u' } as const;
    const raise = { op: 'add', path: fence, value: RUN } as const;
    const map = { op: 'add', path: '/metadata/labels', value: {} } as const;
    const image = { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evil' } as const;
    for (const ops of [[raise], [test, map, raise], [test, { op: 'remove', path: fence } as const]]) {
      expect(isFenceWrite(ops), JSON.stringify(ops)).to.equal(true);
    }
    for (const ops of [[], [test], [map], [image], [raise, image], [image, map, raise]]) {
      expect(isFenceWrite(ops), JSON.stringify(ops)).to.equal(false);
    }
  });

  it('waits as long though it was told to hurry', async () => {
    expect((await fenced([CREATION], fakeContext(fakeSystem(), AbortSignal.abort()))).at).to.deep.equal([0, 60]);
  });

  it('suspects of a dead run that it has patched each object of its plan that it could patch', () => {
    const object = { cluster: 'tokyo', namespace: 'default', change: '', before: 'x', state: 'unknown' } as const;
    const plan = {
      objects: [
        { ...object, kind: 'Deployment', name: NAME },
        { ...object, kind: 'Job', name: 'made', before: 'absent' },
        { ...object, kind: 'Pod', name: 'killed', state: 'one-shot' },
        { ...object, kind: 'Pod', name: 'cut' },
        // Changed, though what the change has set was not there before: a label, or that a node is cordoned.
        { ...object, kind: 'Node', name: 'node-1', namespace: '', before: 'absent' },
      ],
      permissions: [
        { ...KINDS.deployment, verb: 'patch', namespace: 'default' },
        { ...KINDS.job, verb: 'create', namespace: 'default' },
        { ...KINDS.node, verb: 'patch', namespace: '' },
        { ...KINDS.pod, verb: 'patch', subresource: 'ephemeralcontainers', namespace: 'default' },
      ],
    } as unknown as FaultPlan;
    const node: LostWrite = { ...patchOf(undefined), ref: { ...KINDS.node, namespace: '', name: 'node-1' } };
    expect(suspectedWrites({ ...plan, data: {} })).to.deep.equal([patchOf(undefined), node]);
    const data = { uid: 'one', nodes: [{ uid: 'two', before: null }] };
    expect(suspectedWrites({ ...plan, data }).map(({ uids }) => uids)).to.deep.equal(Array(2).fill(['one', 'two']));
  });
});
