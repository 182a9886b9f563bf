import { expect } from 'chai';
import type { FaultKind } from '../model/fault.ts';
import { KINDS, type KubeObject, OWNERS_ANNOTATION } from '../model/kubernetes.ts';
import { type KindStage, shortContext, stageOn, stageSystem } from './testing/conformance/stage.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';
import { STAGED_KINDS } from './testing/staged.ts';

type Entry = { readonly manager: string; readonly operation: string; readonly fieldsV1: object };
const entriesOf = (object?: KubeObject): readonly Entry[] =>
  (object?.metadata as { managedFields?: Entry[] } | undefined)?.managedFields ?? [];

/** Who owns what, of everything that is there from the beginning and that somebody has applied. */
function owners(cluster: FakeCluster): Record<string, readonly Entry[]> {
  const applied = [...stageSystem().objects].filter(([, object]) => entriesOf(object).length > 0);
  return Object.fromEntries(applied.map(([key]) => [key, entriesOf(cluster.objects.get(key))]));
}

const kindNamed = (name: string) => STAGED_KINDS.find(({ kind }) => kind === name) as FaultKind;
const NAME = 'Deployment default/mockb-ap-northeast-1a';

function edit(
  cluster: FakeCluster,
  how: (metadata: KubeObject['metadata'] & { managedFields: Entry[] }) => void,
): void {
  const object = structuredClone(cluster.objects.get(NAME)) as KubeObject;
  how(object.metadata as KubeObject['metadata'] & { managedFields: Entry[] });
  cluster.put(object);
}

const undo = ({ cluster, plan }: KindStage, kind: FaultKind) => kind.undo(plan, shortContext(cluster));

describe('who owns a field that a fault has changed', () => {
  const taken = new Set<string>();
  for (const kind of STAGED_KINDS) {
    it(`owns it again after the undo: ${kind.kind}`, async () => {
      const before = owners(stageSystem());
      const on = await stageOn(kind);
      if (JSON.stringify(owners(on.cluster)) !== JSON.stringify(before)) taken.add(kind.kind);
      await undo(on, kind);
      expect(owners(on.cluster)).to.deep.equal(before);
    });
  }

  it('is somebody else while these faults are on', () => {
    expect([...taken]).to.include.members(['imageSwap', 'scale', 'gatewayDown', 'controlPlaneDown', 'eastWestCut']);
  });

  for (const name of ['imageSwap', 'scale']) {
    it(`owns it again wherever the undo was killed: ${name}`, async () => {
      const kind = kindNamed(name);
      const before = owners(stageSystem());
      for (let writes = 0; writes < 3; writes += 1) {
        const on = await stageOn(kind);
        let left = writes;
        on.cluster.before = ({ isWrite }) => {
          if (isWrite && left-- <= 0) throw new Error('killed');
        };
        await undo(on, kind).catch(() => {});
        on.cluster.before = () => {};
        await undo(on, kind);
        expect(owners(on.cluster), `after ${writes} writes`).to.deep.equal(before);
      }
    });
  }

  it('stays who has taken it since', async () => {
    const kind = kindNamed('scale');
    const on = await stageOn(kind);
    const hotfix = {
      manager: 'hotfix',
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    };
    edit(on.cluster, (metadata) => {
      metadata.managedFields = [...metadata.managedFields.filter(({ manager }) => manager !== 'faultline'), hotfix];
    });
    const set = structuredClone(on.cluster.objects.get(NAME)) as KubeObject;
    on.cluster.put({ ...set, spec: { ...(set.spec as object), replicas: 1 } } as KubeObject);
    await undo(on, kind);
    const after = entriesOf(on.cluster.objects.get(NAME));
    expect(after.find(({ manager }) => manager === 'hotfix')?.fieldsV1).to.deep.equal(hotfix.fieldsV1);
    expect(JSON.stringify(after.find(({ manager }) => manager === 'team'))).to.not.contain('f:replicas');
  });

  it('owns it again though its own entry has gone with the last of its fields', async () => {
    const kind = kindNamed('scale');
    const on = await stageOn(kind);
    edit(on.cluster, (metadata) => {
      metadata.managedFields = metadata.managedFields.filter(({ manager }) => manager === 'faultline');
    });
    await undo(on, kind);
    expect(entriesOf(on.cluster.objects.get(NAME))).to.deep.equal([
      {
        manager: 'team',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
    ]);
  });

  it('has set it on purpose, where it is the very value of the fault and not of the fault any more', async () => {
    const set = { manager: 'kubectl-edit', operation: 'Update', apiVersion: 'apps/v1' };
    const fields = {
      scale: { 'f:spec': { 'f:replicas': {} } },
      imageSwap: {
        'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"default"}': { 'f:image': {} } } } } },
      },
    };
    for (const [name, fieldsV1] of Object.entries(fields)) {
      const kind = kindNamed(name);
      const on = await stageOn(kind);
      edit(on.cluster, (metadata) => {
        metadata.managedFields = [
          ...metadata.managedFields.filter(({ manager }) => manager !== 'faultline'),
          { ...set, fieldsV1 },
        ];
      });
      const theirs = structuredClone(on.cluster.objects.get(NAME)?.spec) as {
        replicas: number;
        template: { spec: { containers: { image: string }[] } };
      };
      const outcome = await undo(on, kind);
      expect(outcome.state, name).to.equal('conflict');
      const now = on.cluster.objects.get(NAME)?.spec as typeof theirs;
      expect([now.replicas, now.template.spec.containers[0]?.image]).to.deep.equal([
        theirs.replicas,
        theirs.template.spec.containers[0]?.image,
      ]);
    }
  });

  /** The undo, with each of its writes to the workload coming after another one by a controller, as often as that. */
  async function undoBeside(kind: FaultKind, times: number, change: (entries: Entry[]) => Entry[]) {
    const on = await stageOn(kind);
    edit(on.cluster, (metadata) => {
      metadata.managedFields = [...metadata.managedFields, STATUS];
    });
    let left = times;
    on.cluster.before = ({ isWrite, kind: written }) => {
      if (!isWrite || written !== KINDS.deployment.kind || left-- <= 0) return;
      edit(on.cluster, (metadata) => {
        metadata.managedFields = change(metadata.managedFields);
      });
    };
    const outcome = await undo(on, kind);
    const object = on.cluster.objects.get(NAME);
    const entries = entriesOf(object);
    const team = entries.find(({ manager }) => manager === 'team')?.fieldsV1;
    const managers = entries.map(({ manager }) => manager);
    return { state: outcome.state, annotations: object?.metadata.annotations, team, managers };
  }

  const STATUS = { manager: 'c', operation: 'Update', apiVersion: 'apps/v1', fieldsV1: { 'f:status': {} } };
  let second = 0;
  /** What another write of a status makes of the entries: its time is another one. */
  const renewed = (entries: Entry[]) =>
    entries.map((entry) => (entry.manager === 'c' ? { ...entry, time: `t${second++}` } : entry));

  it('owns it again beside controllers that write the status, however often, and others that move all entries', async () => {
    for (const name of ['imageSwap', 'scale']) {
      const kind = kindNamed(name);
      const quiet = await undoBeside(kind, 0, renewed);
      expect(quiet.managers, name).to.have.members(['team', 'c']);
      for (const [what, times, change] of [
        ['renews its own', Number.POSITIVE_INFINITY, renewed],
        // The API server keeps the entries in the order of their times.
        ['moves its own', 20, (entries: Entry[]) => [...entries.slice(1), ...entries.slice(0, 1)]],
      ] as const) {
        const beside = await undoBeside(kind, times, change);
        expect([beside.state, beside.team], `${name}, ${what}`).to.deep.equal(['undone', quiet.team]);
        expect(beside.managers, `${name}, ${what}`).to.have.members(['team', 'c']);
        expect(beside.annotations, `${name}, ${what}`).to.not.have.property(OWNERS_ANNOTATION);
      }
    }
  });

  it('is no reason to leave anything on: not where somebody has spoilt what tells of it, nor where others write all the time', async () => {
    const kind = kindNamed('imageSwap');
    for (const text of [
      '',
      '{',
      '[]',
      '{"runId":"20261122t090000z-test","owners":[{"manager":1}]}',
      '{"runId":"20261122t090000z-test","owners":7}',
    ]) {
      const on = await stageOn(kind);
      edit(on.cluster, (metadata) => {
        metadata.annotations = { ...metadata.annotations, [OWNERS_ANNOTATION]: text };
      });
      expect((await undo(on, kind)).state, text).to.equal('undone');
    }
    const on = await stageOn(kind);
    let number = 0;
    on.cluster.before = ({ isWrite, kind: written }) => {
      if (!isWrite || written !== KINDS.deployment.kind) return;
      edit(on.cluster, (metadata) => {
        metadata.managedFields = [{ ...STATUS, manager: `c${number++}` }, ...metadata.managedFields];
      });
    };
    expect((await undo(on, kind)).state).to.equal('undone');
    expect(on.cluster.objects.get(NAME)?.metadata.annotations).to.not.have.property(OWNERS_ANNOTATION);
  });

  it('is not noted where the API server does not tell', async () => {
    const kind = kindNamed('scale');
    const cluster = stageSystem();
    edit(cluster, (metadata) => {
      Reflect.deleteProperty(metadata, 'managedFields');
    });
    const plan = (await stageOn(kind)).plan;
    await kind.inject(plan, shortContext(cluster));
    expect(cluster.objects.get(NAME)?.metadata.annotations).to.not.have.property(OWNERS_ANNOTATION);
  });
});
