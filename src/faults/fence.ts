import { unlessConflict } from '../model/errors.ts';
import type { FaultContext, FaultPlan } from '../model/fault.ts';
import { FENCE_LABEL, type JsonPatchOp, type KubeObject } from '../model/kubernetes.ts';
import { endAll } from './end-all.ts';
import type { LostWrite } from './lost-writes.ts';
import { FENCE_PATH, hasFaultOf, unchangedOps } from './marks.ts';
import { uidsIn } from './plan-shape.ts';

/** How long an API server may still work on a request that it has given up (`--request-timeout`, 1m0s by default). */
const SERVER_MS = 60_000;
/** Pause between two looks for a write that may still come. */
const LOOK_MS = 1_000;

const LABELS = '/metadata/labels';

type Context = Pick<FaultContext, 'cluster' | 'clock' | 'now'>;

/** An undo that knows what may still come of what it undoes. */
type Undo<T> = {
  readonly runId: string;
  readonly context: Context;
  /** Idempotent, as every undo is. */
  readonly undo: () => Promise<T>;
};

/**
 * Undoes that of which writes were lost, a fault or the plans in a cluster. Those that test a version are fenced first: a write of our own moves it, so
 * that a late one fails its own test, or has been done and is undone. The others are waited for until they are seen or the
 * server's time for them is over, and what has come by then is undone as well. No signal shortens that wait: what comes
 * after the last look would stay. A runner that is killed in it leaves a lease that nobody takes before that time is over.
 */
export async function undoFenced<T>(lost: readonly LostWrite[], { runId, context, undo }: Undo<T>): Promise<T> {
  const open = await stillOpen(lost, runId, context);
  const outcome = await undo();
  if (open.length === 0) return outcome;
  await outwait(open, context);
  return undo();
}

/**
 * What a runner that has died may have sent before: a change of each object that its plan changes and that does not carry
 * its mark. Only such as it was allowed to patch, since a fence is a patch, and only where they are the ones that it has seen.
 */
export function suspectedWrites({ objects, permissions, data }: FaultPlan): LostWrite[] {
  const known = uidsIn(data);
  return objects.flatMap(({ kind, namespace, name, state }): LostWrite[] => {
    const granted = permissions.find(
      (one) => one.kind === kind && one.verb === 'patch' && one.subresource === undefined,
    );
    if (granted === undefined || state === 'one-shot') return [];
    return [
      {
        verb: 'patch',
        ref: { apiVersion: granted.apiVersion, kind, namespace, name },
        version: undefined,
        at: 0,
        ...(known.length === 0 ? {} : { uids: known }),
      },
    ];
  });
}

/** Fences what can be fenced, and returns what still may come after that. */
async function stillOpen(lost: readonly LostWrite[], runId: string, context: Context): Promise<LostWrite[]> {
  const open = await endAll(
    lost.map(async (write) => {
      const isTested = write.verb === 'patch' && write.ref.subresource === undefined;
      const isOver = isTested ? await fence(write, runId, context) : await isSeen(write, context);
      return isOver ? [] : [write];
    }),
  );
  return open.flat();
}

/**
 * Moves the version of an object that the lost write may still find as it expects it: one that was created anew it does not. Resolves to
 * false where nothing has moved, as where admission takes the label of the fence away.
 */
async function fence({ ref, version, uids }: LostWrite, runId: string, { cluster }: Context): Promise<boolean> {
  const object = await cluster.get(ref);
  if (object === undefined || uids?.includes(object.metadata.uid ?? '') === false) return true;
  const isFenced = object.metadata.labels?.[FENCE_LABEL] !== undefined;
  const isDone = version === undefined ? hasFaultOf(object, runId) : object.metadata.resourceVersion !== version;
  if (isDone && !isFenced) return true;
  const bare = object.metadata.labels === undefined;
  const map: JsonPatchOp[] = bare ? [{ op: 'add', path: LABELS, value: {} }] : [];
  const raise: JsonPatchOp[] = [...unchangedOps(object), ...map, { op: 'add', path: FENCE_PATH, value: runId }];
  // Somebody else's write has moved the version as well as ours would have.
  const raised = isFenced ? undefined : await cluster.patch(ref, raise).catch(unlessConflict);
  const lowered = await cluster.patch(ref, lowerOps(object, runId)).catch(unlessConflict);
  const answers = [raised, lowered].filter((one) => one !== undefined);
  return (
    answers.length === 0 || answers.some((one) => one.metadata.resourceVersion !== object.metadata.resourceVersion)
  );
}

/** Whether a patch raises or lowers a fence, and changes nothing else. */
export function isFenceWrite(ops: readonly JsonPatchOp[]): boolean {
  const writes = ops.filter(({ op }) => op !== 'test');
  return (
    writes.some(({ path }) => path === FENCE_PATH) && writes.every(({ path }) => path === FENCE_PATH || path === LABELS)
  );
}

function lowerOps({ metadata: { uid = '', labels = {} } }: KubeObject, runId: string): JsonPatchOp[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: FENCE_PATH, value: labels[FENCE_LABEL] ?? runId },
    { op: 'remove', path: FENCE_PATH },
  ];
}

/** Whether the write shows, or can no longer be done. A deletion is not looked for: nothing would have to be put back. */
async function isSeen({ verb, ref, version }: LostWrite, { cluster }: Context): Promise<boolean> {
  if (verb === 'delete') return false;
  const { apiVersion, kind, namespace, name } = ref;
  const at = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  const object = await cluster.get(at).catch(() => undefined);
  if (verb === 'create') return object !== undefined;
  return object !== undefined && version !== undefined && object.metadata.resourceVersion !== version;
}

/** Waits until each write is seen or the server's time for it is over. */
async function outwait(writes: readonly LostWrite[], context: Context): Promise<void> {
  let open = writes;
  for (;;) {
    open = open.filter(({ at }) => context.now() < at + SERVER_MS * 1000);
    if (open.length === 0) return;
    await context.clock.sleep(LOOK_MS);
    const seen = await endAll(open.map((write) => isSeen(write, context)));
    open = open.filter((_, index) => seen[index] !== true);
  }
}
