import { expect } from 'chai';
import type { FaultKind } from '../model/fault.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import { isAsBefore } from '../model/touched-object.ts';
import { type KindStage, shortContext, stageOn, stageSystem } from './testing/conformance/stage.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';
import { STAGED_KINDS } from './testing/staged.ts';

const keyOf = ({ kind, metadata: { namespace = '', name } }: KubeObject) => `${kind} ${namespace}/${name}`;

/** Puts an object in place of another of its name. */
function createAnew(cluster: FakeCluster, { metadata, ...object }: KubeObject): void {
  cluster.put({ ...structuredClone(object), metadata: { ...metadata, uid: `${metadata.uid}-anew` } } as KubeObject);
}

/** Somebody else's values of what faults change. */
function theirs(object: KubeObject): KubeObject {
  return JSON.parse(
    JSON.stringify(object).replace('asm-mock:v0.1', 'theirs:v9').replace('"replicas":1', '"replicas":2'),
  );
}

/** What others do to what a fault has touched. */
const DEEDS: Readonly<Record<string, (cluster: FakeCluster, was: KubeObject, key: string) => void>> = {
  deleted: (cluster, _was, key) => cluster.objects.delete(key),
  'created anew as it was before': createAnew,
  'created anew with values of their own': (cluster, was) => createAnew(cluster, theirs(was)),
  'created anew with all that it held': (cluster, _was, key) => {
    const now = cluster.objects.get(key);
    if (now !== undefined) createAnew(cluster, now);
  },
};

/** Does it to all that was there before and the fault has touched, pods excepted: controllers replace those. */
function befall({ cluster, plan }: KindStage, deed: string): boolean {
  const touched = new Set(plan.objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
  const objects = [...stageSystem().objects.values()].filter((was) => {
    return was.kind !== KINDS.pod.kind && touched.has(keyOf(was));
  });
  const keys = [...cluster.objects].map(([key, object]) => [keyOf(object), key] as const);
  const stored = new Map(keys);
  for (const was of objects) DEEDS[deed]?.(cluster, was, stored.get(keyOf(was)) ?? '');
  return objects.length > 0;
}

describe('what a fault has changed and somebody has', () => {
  for (const deed of Object.keys(DEEDS)) {
    it(`${deed} is said to be as it must, object by object, where its undo is over, and only there`, async () => {
      const met: string[] = [];
      const said = async (kind: FaultKind) => {
        const on = await stageOn(kind);
        if (!befall(on, deed)) return;
        const { state, detail, objects } = await kind.undo(on.plan, shortContext(on.cluster));
        met.push(kind.kind);
        const what = `${kind.kind}: ${detail}: ${JSON.stringify(objects)}`;
        expect(objects.every(isAsBefore), what).to.equal(state === 'undone');
      };
      for (const kind of STAGED_KINDS) await said(kind);
      expect(met).to.include.members(['imageSwap', 'scale', 'gatewayDown', 'nodeDrain']);
    });
  }
});
