import { expect } from 'chai';
import type { FaultKind } from '../../model/fault.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { shortContext, stageOn } from '../testing/conformance/stage.ts';
import { STAGED_KINDS } from '../testing/staged.ts';

/** Undoes a fault whose object has this generation by now; what is said of it, and of what. */
async function undoAt(name: string, generation: number): Promise<{ detail: string; made: string }> {
  const kind = STAGED_KINDS.find((one) => one.kind === name) as FaultKind;
  const { cluster, plan } = await stageOn(kind);
  const { kind: what, name: called } = plan.objects.find((one) => !['Job', 'Pod'].includes(one.kind)) ?? {};
  const made = `${what} default/${called}`;
  const object = cluster.objects.get(made) as KubeObject;
  cluster.put({ ...object, metadata: { ...object.metadata, generation } });
  const { state, detail } = await kind.undo(plan, shortContext(cluster));
  expect(state).to.equal('undone');
  return { detail, made };
}

describe('an object of a fault that somebody has changed', () => {
  for (const name of ['meshFault', 'clientFault', 'zoneNetworkPolicy', 'manifest']) {
    it(`is deleted all the same, and that is told: ${name}`, async () => {
      const { detail, made } = await undoAt(name, 3);
      expect(detail).to.contain(`; what somebody had changed since it was made has gone with it: ${made}`);
      expect((await undoAt(name, 1)).detail).to.not.contain('somebody');
    });
  }
});
