import type { EffectProof, FaultContext, UndoOutcome } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { shellCommand } from '../../model/shell.ts';
import { affectedBy, isAlive, listPods, zonesOfNodes } from '../../workload/pods.ts';
import type { PlanOf } from '../define.ts';
import { markedBy } from '../marks.ts';
import { isAsWritten } from '../owned/as-written.ts';
import { createExpiring } from '../owned/create.ts';
import { whyEndless } from '../owned/expiry.ts';
import { objectName, ownedMetadata } from '../owned/objects.ts';
import { deleteCommand, deletionOutcome, editedText } from '../owned/outcome.ts';
import { removeOwned } from '../owned/undo.ts';
import { poll, pollUndone, unproven } from '../poll.ts';
import { isReached, type ManifestData, objectRef, untilText } from './data.ts';
import { endingText, longestGrace } from './ending.ts';
import { asWritten, withLabels } from './plan.ts';

/** How long a controller may take to say that the fault is on. */
const LIMIT_MS = 90_000;
/** How long finalizers may hold the object: its controller takes the fault back before it lets go. Pods of it get their own time besides. */
const GONE_MS = 60_000;

/** Creates the dead-man Job and the object that it owns. */
export async function inject(plan: PlanOf<ManifestData>, { cluster }: FaultContext): Promise<void> {
  const object = asWritten(plan.data);
  await createExpiring(cluster, plan, plan.data, (job) => {
    const { ownerReferences = [], labels = {} } = ownedMetadata(plan, plan.data.namespace, job);
    const labelled = withLabels(object, labels);
    return { ...labelled, metadata: { ...labelled.metadata, ownerReferences } };
  });
}

/** Why its Job would not end it. */
export function whyEndlessManifest(plan: PlanOf<ManifestData>, { cluster }: FaultContext): Promise<string | undefined> {
  const { expirySeconds } = plan.data;
  return whyEndless(cluster, plan, { ...objectRef(plan.data), kind: objectRef(plan.data), expirySeconds });
}

/** The object is there, ours, and its controller says what is waited for. */
export async function prove(plan: PlanOf<ManifestData>, context: FaultContext): Promise<EffectProof> {
  const { data } = plan;
  const { cluster } = context;
  const text = `${data.kind} ${data.namespace}/${data.name}`;
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    const object = await cluster.get(objectRef(data));
    if (object === undefined || whose(object, plan, context) !== 'ours') return unproven(`${text} is gone`);
    if (object.metadata.deletionTimestamp !== undefined) return unproven(`${text} is being deleted`);
    if (data.until !== null && !isReached(object, data.until)) return undefined;
    const zones = await zonesOfNodes(cluster);
    const pods = (await listPods(cluster, data.namespace, selectorText(data.hits), zones)).filter(isAlive);
    const said = data.until === null ? 'only requests can show what it does' : untilText(data.until);
    const affected = affectedBy(cluster, pods);
    return {
      proven: true,
      observed: data.until !== null,
      detail: `${text} is there: ${said}`,
      effective: before,
      affected,
    };
  };
  const late = data.until === null ? '' : `${text} does not say that ${untilText(data.until)}`;
  return (await poll(context, LIMIT_MS, look)) ?? unproven(late);
}

/**
 * Deletes the object and waits until its finalizers have let go of it, and its pods have ended; then its Job. What somebody else has there stays. While what is there
 * holds the fault, it is not undone.
 */
export async function undo(plan: PlanOf<ManifestData>, context: FaultContext): Promise<UndoOutcome> {
  const { cluster } = context;
  const ref = objectRef(plan.data);
  const text = `${ref.kind} ${ref.namespace}/${ref.name}`;
  const object = await cluster.get(ref);
  const { uid } = object?.metadata ?? {};
  const isDeleted = object !== undefined && uid !== undefined && whose(object, plan, context) === 'ours';
  if (isDeleted) {
    await cluster.delete(ref, { uid, foreground: true });
    let last = object;
    const isGone = await pollUndone(context, GONE_MS + longestGrace(plan.data.body), async () => {
      const now = await cluster.get(ref);
      if (now?.metadata.uid !== uid) return true;
      last = now;
      return undefined;
    });
    if (!isGone) return held(plan, `${text} ${await endingText(last, cluster)}`);
  }
  const other = await cluster.get(ref);
  if (other !== undefined && whose(other, plan, context) !== 'theirs') return stillThere(plan, other, context);
  const job = { ...KINDS.job, namespace: ref.namespace, name: objectName(plan) };
  const stays = other === undefined ? '' : `; the ${text} that is there is not of this run and was left alone`;
  const edited = editedText(isDeleted ? [object] : []);
  return removeOwned(plan, [job], context, async () => `${text} and Job are deleted${edited}${stays}`);
}

function held(plan: PlanOf<ManifestData>, text: string): UndoOutcome {
  const { kind, namespace, name } = plan.data;
  return {
    state: 'failed',
    detail: `left: ${text}`,
    objects: plan.objects.map((object) => ({ ...object, after: 'present', state: 'left-behind' })),
    commands: [shellCommand(['kubectl', '-n', namespace, 'get', `${kind.toLowerCase()}/${name}`, '-o', 'yaml'])],
  };
}

/** It was created in between with our mark on it, or it is what the fault has written, and nobody knows whose it is. */
function stillThere(plan: PlanOf<ManifestData>, object: KubeObject, context: FaultContext): UndoOutcome {
  if (whose(object, plan, context) === 'ours') {
    return deletionOutcome(plan.objects, { left: [object], foreign: [] }, { done: '', commandFor: deleteCommand });
  }
  const { kind, namespace, name } = plan.data;
  return {
    state: 'conflict',
    detail:
      `${kind} ${namespace}/${name} is what the fault has written, without its mark: somebody has taken the marks off it, or has created ` +
      'it anew, and it may be theirs; it was left alone, and the fault is on for as long as it is there',
    // The Job tells of the fault until somebody has decided.
    objects: plan.objects.map((one) => ({ ...one, after: 'present', state: 'conflict' })),
    commands: [deleteCommand(object)],
    stands: true,
  };
}

/**
 * Whose the object of that name is. Ours: marked by the run; where somebody has taken the marks off, still owned by the fault's Job, or the very one that
 * was created, as it was written. Unclaimed: as it was written, which is all that anybody knows of it.
 */
function whose(
  object: KubeObject,
  plan: PlanOf<ManifestData>,
  { created }: Pick<FaultContext, 'created'>,
): 'ours' | 'unclaimed' | 'theirs' {
  const marked = markedBy(object);
  if (marked === plan.runId) return 'ours';
  const { ownerReferences = [], uid = '' } = object.metadata;
  const isSame = isAsWritten(object, asWritten(plan.data));
  if (isSame && created?.has(uid)) return 'ours';
  if (marked !== undefined) return 'theirs';
  if (ownerReferences.some(({ kind, name }) => kind === KINDS.job.kind && name === objectName(plan))) return 'ours';
  return isSame ? 'unclaimed' : 'theirs';
}
