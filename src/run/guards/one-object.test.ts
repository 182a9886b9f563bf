import { expect } from 'chai';
import { narrowTo } from '../../faults/index.ts';
import { blockOf, shortContext, stageSystem } from '../../faults/testing/conformance/stage.ts';
import { STAGED_KINDS } from '../../faults/testing/staged.ts';
import { spoken } from '../../faults/testing/words.ts';
import type { FaultKind } from '../../model/fault.ts';
import type { PlannedFault } from '../planned-run.ts';
import { Bench } from '../testing/guard-bench.ts';
import { undoTogether } from '../undo-order.ts';
import type { Guarded } from './guard.ts';
import { oneObject } from './one-object.ts';
import { samePods } from './same-pods.ts';

const KINDS = STAGED_KINDS.map((kind) => spoken(narrowTo(kind, kind.example)));

async function together(one: FaultKind, other: FaultKind) {
  const cluster = stageSystem();
  const before = cluster.snapshot();
  const faults: PlannedFault[] = [];
  for (const [index, kind] of [one, other].entries()) {
    const plan = await kind.plan({ name: `f${index + 1}`, spec: blockOf(kind) }, shortContext(cluster));
    faults.push({ kind, plan } as PlannedFault);
  }
  return { cluster, before, faults };
}

/** The pods of a rollout have no sidecar in the fake system. */
const isWithoutSidecar = (one: FaultKind, other: FaultKind) =>
  other.kind === 'podNetwork' && ['imageSwap', 'scale', 'podKill', 'nodeDrain', 'controlPlaneDown'].includes(one.kind);

describe('guards: two faults on one object', () => {
  for (const one of KINDS) {
    it(`are refused, or both are injected and undone: ${one.kind} before any other`, async () => {
      for (const other of KINDS) {
        const { cluster, before, faults } = await together(one, other);
        const guarded = { faults } as unknown as Guarded;
        const refused = [...(await oneObject.check(guarded)), ...(await samePods.check(guarded))];
        if (refused.length > 0 || isWithoutSidecar(one, other)) continue;
        for (const { kind, plan } of faults) await kind.inject(plan, shortContext(cluster));
        const undone = await undoTogether(
          faults,
          ({ plan }) => plan,
          ({ kind, plan }) => kind.undo(plan, shortContext(cluster)),
        );
        const what = `${one.kind}, then ${other.kind}`;
        expect(
          undone.map(({ state }) => state),
          what,
        ).to.deep.equal(['undone', 'undone']);
        expect(cluster.snapshot(), what).to.deep.equal(before);
      }
    });
  }

  it('are refused by what a plan asks', async () => {
    const objects = [
      { cluster: 'tokyo', kind: 'Node', namespace: '', name: 'n', change: 'cordon', state: 'unknown' as const },
    ];
    const bench = new Bench()
      .enable('tokyo')
      .fault('tokyo', { fault: 'a', objects })
      .fault('tokyo', { fault: 'b', objects });
    bench.kind.marks = [{ kind: { apiVersion: 'v1', kind: 'Node' } }];
    expect((await bench.refused()).slice(0, 1)).to.deep.equal([
      'faults a and b would both change Node n (cluster tokyo) | Give each object one fault, or make two scenarios of them: run a.yaml b.yaml.',
    ]);
  });

  it('are refused by their names, with the object, where it has room for one mark', async () => {
    const refused = async (...kinds: string[]) => {
      const [one, other] = kinds.map((name) => KINDS.find(({ kind }) => kind === name)) as [FaultKind, FaultKind];
      const { faults } = await together(one, other);
      return (await oneObject.check({ faults } as unknown as Guarded)).map(({ detail }) => detail);
    };
    expect(await refused('imageSwap', 'scale')).to.deep.equal([
      'faults f1 and f2 would both change Deployment default/mockb-ap-northeast-1a (cluster tokyo)',
    ]);
    expect(await refused('nodeDrain', 'nodeDrain')).to.have.length(1);
    expect((await refused('zoneNetworkPolicy', 'zoneNetworkPolicy'))[0]).to.match(/Pod default\/\S+ and \d+ more/);
    expect(await refused('manifest', 'manifest')).to.have.length(1);
    expect(await refused('podNetwork', 'cpuStress'), 'containers beside each other').to.deep.equal([]);
    expect(await refused('imageSwap', 'podKill')).to.deep.equal([]);
  });
});
