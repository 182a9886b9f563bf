import { expect } from 'chai';
import fc from 'fast-check';
import { FAULT_KINDS, faultKind } from '../faults/index.ts';
import { OTHER_NAMESPACE, shortContext, stageOn } from '../faults/testing/conformance/stage.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { STAGED_KINDS } from '../faults/testing/staged.ts';
import type { FaultKind, FaultPlan } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { writeClusterJournal } from './cluster-journal.ts';
import { isClean, recoverCluster } from './recover.ts';
import { sortPlans } from './sound-plans.ts';
import { recoverPorts } from './testing/recover-ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';

const SCOPE = { namespaces: ['default', OTHER_NAMESPACE], lockNamespace: 'default', kinds: FAULT_KINDS };

/** One field, by the way to it, and what is there instead, of another type; nothing where it is undefined. */
type Damage = { readonly steps: readonly number[]; readonly value: Json | undefined };

const damages = fc.record<Damage>({
  steps: fc.array(fc.nat(50), { minLength: 1, maxLength: 3 }),
  value: fc.constantFrom<(Json | undefined)[]>(undefined, null, 7, true, 'other', [], {}, [null], [{}]),
});

function damaged(plan: Json, { steps: [first = 0, ...rest], value }: Damage): Json {
  const keys = plan === null || typeof plan !== 'object' ? [] : Object.keys(plan);
  const key = keys[first % Math.max(1, keys.length)];
  if (key === undefined) return value ?? null;
  const copy = structuredClone(plan) as { [key: string]: Json };
  const old = copy[key] ?? null;
  if (rest.length > 0 && typeof old === 'object' && old !== null && Object.keys(old).length > 0)
    copy[key] = damaged(old, { steps: rest, value });
  else if (value === undefined && !Array.isArray(copy)) delete copy[key];
  else copy[key] = isAlike(value, old) ? null : (value ?? null);
  return copy as Json;
}

const isAlike = (a: Json | undefined, b: Json) => typeof a === typeof b && Array.isArray(a) === Array.isArray(b);

/** A dead run with two faults on, in namespaces of their own. */
async function dead(kind: FaultKind): Promise<{ cluster: FakeCluster; plans: FaultPlan[]; before: unknown }> {
  const { cluster, plan, before } = await stageOn(kind);
  const spec = { cluster: 'tokyo', namespace: OTHER_NAMESPACE, deployment: 'mockb-ap-northeast-1a', replicas: 0 };
  const scale = faultKind('scale');
  const other = await scale.plan({ name: 'down', spec }, shortContext(cluster));
  await scale.inject(other, shortContext(cluster));
  return { cluster, plans: [plan, JSON.parse(JSON.stringify(other))], before };
}

/** All but what runs lock a cluster by. */
const besideLock = (objects: unknown) =>
  (objects as { kind: string }[]).filter(({ kind }) => kind !== KINDS.lease.kind && kind !== KINDS.configMap.kind);

describe('a plan of two that is damaged', () => {
  for (const kind of STAGED_KINDS.filter(({ local }) => local === undefined)) {
    it(`keeps neither fault on, and is named, wherever it stands: ${kind.kind}`, async () => {
      const cases = fc.asyncProperty(
        fc.constantFrom(0, 1),
        fc.constantFrom('cluster', 'journal', 'both'),
        damages,
        async (which, place, damage) => {
          const { cluster, plans, before } = await dead(kind);
          const read = plans.map((plan, at) => (at === which ? damaged(plan as unknown as Json, damage) : plan));
          const own = read as unknown as FaultPlan[];
          const runId = plans[0]?.runId ?? '';
          if (place !== 'journal') await writeClusterJournal(cluster, 'default', runId, own);
          const { signal } = new AbortController();
          const known = place === 'cluster' ? [] : own;
          const result = await recoverCluster(cluster, SCOPE, known, recoverPorts(virtualClock(), signal));
          const told = JSON.stringify(
            result.undone.map(({ fault, outcome: { state, detail } }) => [fault, state, detail]),
          );
          expect(besideLock(cluster.snapshot()), told).to.deep.equal(besideLock(before));
          if (sortPlans(own, faultKind).damaged.length > 0) expect(isClean(result), told).to.equal(false);
        },
      );
      await fc.assert(cases, { numRuns: 8 });
    });
  }
});
