import { expect } from 'chai';
import { marksOf } from '../faults/index.ts';
import { wholePlan } from '../faults/marked-plans.ts';
import { shortContext, stageOn, stageSystem } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { paste } from '../faults/testing/paste.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, MarkedPlan } from '../model/fault.ts';
import { KINDS, PLAN_ANNOTATION, RUN_LABEL } from '../model/kubernetes.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { findLeftovers } from './leftovers.ts';
import { isClean, recoverCluster } from './recover.ts';
import { copyAll } from './testing/copied.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

/** Kinds that change fields of what they did not make: what their marks say was before was so in one cluster. */
const CHANGING = ['imageSwap', 'scale', 'gatewayDown', 'eastWestCut', 'controlPlaneDown'];
const SCOPE = { namespaces: ['default'], lockNamespace: 'default' };
const COPY = 'its plan is of cluster tokyo, and of no object that is here';

/** Another cluster with all that a fault in tokyo has marked there, as a sync or a backup brings it. */
async function copied(kind: FaultKind): Promise<FakeCluster> {
  const { cluster } = await stageOn(kind);
  const kobe = Object.assign(stageSystem(), { name: 'kobe' });
  for (const mark of marksOf([kind]).filter((one) => one.kind.kind !== KINDS.pod.kind)) {
    copyAll(mark.kind, cluster, kobe);
  }
  return kobe;
}

const recover = (cluster: FakeCluster, kind: FaultKind, accept = {}) => {
  const ports = recoverPorts(virtualClock(), new AbortController().signal);
  return recoverCluster(cluster, { ...SCOPE, kinds: [kind] }, [], { ...ports, ...accept, faultKind: () => kind });
};

type Spec = { replicas: number; template: { spec: object } };
const valuesOf = (cluster: FakeCluster) =>
  cluster.all(KINDS.deployment).map(({ metadata: { namespace, name }, spec }) => {
    const { replicas, template } = spec as unknown as Spec;
    return { namespace, name, replicas, spec: template.spec };
  });
const LOOKS = /^kubectl -n default get \S+ -o yaml$/;

describe('what was copied from another cluster with the marks of a fault', () => {
  for (const kind of STAGED_KINDS.filter((one) => CHANGING.includes(one.kind))) {
    it(`is told as a copy, and nothing is put back there that was so elsewhere, nor told to be: ${kind.kind}`, async () => {
      const kobe = await copied(kind);
      const values = valuesOf(kobe);
      const result = await recover(kobe, kind);
      expect(result.undone).to.have.length(1);
      for (const { outcome } of result.undone) {
        expect(outcome.state).to.equal('conflict');
        expect(outcome.detail).to.contain(COPY).and.contain('look whether that belongs here');
        for (const command of outcome.commands) expect(command).to.match(LOOKS);
      }
      const left = await findLeftovers(kobe, SCOPE, undefined, [kind]);
      expect(left.map(({ copyOf }) => copyOf)).to.deep.equal(['tokyo']);
      for (const { command } of left) paste(kobe, command);
      expect(valuesOf(kobe)).to.deep.equal(values);
      expect(kobe.all(KINDS.deployment).filter(({ metadata }) => metadata.labels?.[RUN_LABEL])).to.deep.equal([]);
      const again = await recover(kobe, kind);
      // A template has the plan as well, which is taken off it by who accepts it as it stands.
      expect(again.leftovers.every(({ copyOf, command }) => copyOf === 'tokyo' && LOOKS.test(command))).to.equal(true);
      expect(isClean(again)).to.equal(kind.kind !== 'imageSwap');
    });

    it(`is told as a copy where the plans of its run were copied as well: ${kind.kind}`, async () => {
      const kobe = await copied(kind);
      const [deployment] = kobe.all(KINDS.deployment).filter(({ metadata }) => metadata.labels?.[RUN_LABEL]);
      const told = JSON.parse(deployment?.metadata.annotations?.[PLAN_ANNOTATION] ?? '') as MarkedPlan;
      await writeClusterJournal(kobe, 'default', told.runId, [wholePlan(told, 'tokyo')]);
      const values = valuesOf(kobe);
      const { undone } = await recover(kobe, kind);
      expect(undone.map(({ outcome }) => outcome.state)).to.not.include('undone');
      for (const { outcome } of undone) {
        expect(outcome.detail).to.contain(COPY);
        for (const command of outcome.commands) expect(command).to.match(LOOKS);
      }
      expect(valuesOf(kobe)).to.deep.equal(values);
      expect(isClean(await recover(kobe, kind, { accept: { only: [] } }))).to.equal(true);
      expect(valuesOf(kobe)).to.deep.equal(values);
    });

    it(`is closed as it stands where a person says so, and only its marks are taken off: ${kind.kind}`, async () => {
      const kobe = await copied(kind);
      const values = valuesOf(kobe);
      expect(isClean(await recover(kobe, kind, { accept: { only: [] } }))).to.equal(true);
      expect(valuesOf(kobe)).to.deep.equal(values);
    });

    it(`is no copy where it is the object itself, whatever its cluster is called by now: ${kind.kind}`, async () => {
      const { cluster, plan, before } = await stageOn(kind);
      cluster.name = 'prod';
      await kind.prove(plan, shortContext(cluster));
      const result = await recover(cluster, kind);
      expect(result.undone.map(({ outcome }) => outcome.state)).to.deep.equal(['undone']);
      expect(JSON.stringify(result)).to.not.contain('copy');
      expect(cluster.snapshot()).to.deep.equal(before);
    });
  }

  it('is deleted where a fault has created it, with the same words', async () => {
    const deleted: string[] = [];
    for (const kind of STAGED_KINDS.filter((one) => one.marks.some(({ ours }) => ours) && one.local === undefined)) {
      const kobe = await copied(kind);
      const result = await recover(kobe, kind);
      for (const { outcome } of result.undone) {
        expect([outcome.state, outcome.detail.includes(COPY)], `${kind.kind}: ${outcome.detail}`).to.deep.equal([
          'undone',
          true,
        ]);
        deleted.push(kind.kind);
      }
      expect(isClean(result), kind.kind).to.equal(true);
    }
    expect(deleted).to.include.members(['meshFault', 'clientFault', 'zoneNetworkPolicy']);
  });
});
