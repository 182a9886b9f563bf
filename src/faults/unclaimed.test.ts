import { expect } from 'chai';
import type { FaultKind, UndoOutcome } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import { settled, shortContext, stageOn, stageSystem } from './testing/conformance/stage.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';
import { STAGED_KINDS } from './testing/staged.ts';

/** Kinds that write what nobody else writes: an image of their own, on which a service does not run. */
const OWN = ['imageSwap'];

const isOurs = (key: string) => key.startsWith('faultline.dev/');
const others = (map: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !isOurs(key)));

/** All but pods: a container that a fault has put into one has the name of its run, and ends. */
const stateOf = ({ objects }: FakeCluster) =>
  structuredClone([...objects.values()].filter(({ kind }) => kind !== KINDS.pod.kind));

/**
 * Undoes a fault of which neither a mark nor a plan is left on any object that was there before, and all that it had set
 * stands: somebody has set it on purpose, after it was recovered.
 */
async function undoStale(kind: FaultKind): Promise<{ outcome: UndoOutcome; before: unknown; after: unknown }> {
  const { cluster, plan } = await stageOn(kind);
  const there = stageSystem().objects;
  for (const [key, object] of [...cluster.objects]) {
    const { labels, annotations } = object.metadata;
    const metadata = { ...object.metadata, labels: others(labels), annotations: others(annotations) };
    if (!there.has(key)) cluster.objects.delete(key);
    else cluster.put({ ...object, metadata });
  }
  const before = stateOf(cluster);
  const outcome = (await settled(kind.undo(plan, { ...shortContext(cluster), plansGone: true }))) as UndoOutcome;
  return { outcome, before, after: stateOf(cluster) };
}

describe('a fault of which neither marks nor plans are left', () => {
  for (const kind of STAGED_KINDS.filter((one) => !OWN.includes(one.kind))) {
    it(`is not undone over what somebody has set since: ${kind.kind}`, async () => {
      const { before, after } = await undoStale(kind);
      expect(after).to.deep.equal(before);
    });
  }

  for (const name of ['scale', 'gatewayDown', 'eastWestCut', 'controlPlaneDown', 'nodeDrain']) {
    it(`is a conflict while what it had set stands, with the command that puts it back: ${name}`, async () => {
      const { outcome } = await undoStale(STAGED_KINDS.find(({ kind }) => kind === name) as FaultKind);
      expect(outcome).to.include({ state: 'conflict', stands: true });
      expect(outcome.detail).to.contain('somebody has set it on purpose since');
      expect(outcome.objects.filter(({ state }) => state === 'conflict')).to.not.deep.equal([]);
      expect(outcome.commands.join()).to.match(/kubectl (-n default scale|uncordon)/);
    });
  }
});
