import { FAULT_KINDS, marksOf, permissionsIn } from '../faults/index.ts';
import { copiedFrom, historyOn, labelledCopyFrom } from '../faults/marked-plans.ts';
import { planOn } from '../faults/marks.ts';
import { objectName } from '../faults/owned/objects.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan, Mark, Permission, PermissionRule } from '../model/fault.ts';
import { heldPatchText, inContext, patchText } from '../model/kubectl.ts';
import {
  ENABLED_LABEL,
  FENCE_LABEL,
  type KubeKind,
  type KubeObject,
  OWNERS_ANNOTATION,
  PLAN_ANNOTATION,
  RUN_LABEL,
  UNDO_ANNOTATION,
} from '../model/kubernetes.ts';
import { heldText, isLeaving, removalCommand } from '../model/leaving.ts';
import type { Cluster } from '../model/ports.ts';
import { credentialsIn } from '../model/told.ts';
import { readClusterJournal } from './cluster-journal.ts';
import { plansRef } from './lock-objects.ts';

/** One object that still carries a run's mark. */
export type Leftover = {
  readonly runId: string;
  readonly ref: string;
  readonly command: string;
  /** What holds it, in words, where it is deleted already: the command shows it. */
  readonly held?: string;
  /** Annotations, or a fence, without the label of a run: nothing is on, and nothing but the command takes them away. */
  readonly isHistory?: true;
  /** The cluster that its plan was made for, where it is a copy from there (`labelledCopyFrom`). */
  readonly copyOf?: string;
};

/** What every label of ours begins with, and that of owners who allow drills. */
const OURS = 'faultline.dev/';

/**
 * What carries the mark of a run (or of any run) in the namespaces that faults may touch, as far as faults of these
 * kinds mark anything, and the plans of such a run that are still in the cluster.
 */
export async function findLeftovers(
  cluster: Cluster,
  { namespaces, lockNamespace }: { readonly namespaces: readonly string[]; readonly lockNamespace: string },
  runId?: string,
  kinds: readonly FaultKind[] = FAULT_KINDS,
): Promise<Leftover[]> {
  const searches = marksOf(kinds).flatMap((mark) =>
    placesOf(mark, namespaces).map((place) => findLabelled(cluster, place, mark, runId)),
  );
  const inside = namespaces.flatMap((namespace) =>
    kinds.flatMap(({ marks }) => marks.map((mark) => findInside(cluster, { namespace }, mark, runId))),
  );
  const found = await Promise.all([...searches, ...inside, leftPlans(cluster, lockNamespace, runId)]);
  const history = marksOf(kinds).flatMap((mark) =>
    placesOf(mark, namespaces).map((place) => findHistory(cluster, place, mark, runId)),
  );
  return withHistory(found.flat(), (await Promise.all(history)).flat());
}

/** As findLeftovers, of one kind of object in one place: in all namespaces at once where it names none; `marks` are all of that kind. */
export async function leftoversIn(
  cluster: Cluster,
  place: Place,
  marks: readonly [Mark, ...Mark[]],
  runId: string | undefined,
): Promise<readonly Leftover[]> {
  const inside = marks.map((mark) => findInside(cluster, place, mark, runId));
  const found = await Promise.all([findLabelled(cluster, place, marks[0], runId), ...inside]);
  return withHistory(onceEach(found.flat()), await findHistory(cluster, place, marks[0], runId));
}

/** What several searches have found, once. */
export function onceEach(found: readonly Leftover[]): readonly Leftover[] {
  return [...new Map(found.map((left) => [JSON.stringify(left), left])).values()];
}

/** What is told of an object already says more of it than that it carries old annotations. */
function withHistory(found: readonly Leftover[], history: readonly Leftover[]): Leftover[] {
  const told = new Set(found.map(({ ref }) => ref));
  return [...found, ...history.filter(({ ref }) => !told.has(ref))];
}

export type Place = { readonly namespace?: string };

async function findLabelled(
  cluster: Cluster,
  place: Place,
  { kind, resource, ours }: Mark,
  runId: string | undefined,
): Promise<Leftover[]> {
  const labelSelector = runId === undefined ? RUN_LABEL : `${RUN_LABEL}=${runId}`;
  const objects = await listServed(cluster, kind, { ...place, labelSelector });
  return objects
    .filter((object) => !isLeaving(object))
    .map((object) => {
      const { at, ref } = placeOf(object, resource);
      const runId = object.metadata.labels?.[RUN_LABEL] ?? '';
      const copyOf = labelledCopyFrom(object, cluster);
      const held = ours ? heldText(object) : undefined;
      return {
        ...{ runId, ref, command: inContext(commandFor(object, at, { ours, isCopy: copyOf !== undefined }), cluster) },
        ...(copyOf === undefined ? {} : { copyOf }),
        ...(held === undefined ? {} : { held }),
      };
    });
}

/** How kubectl names an object in its namespace, how it begins a command there, and what people are told. */
function placeOf({ metadata: { namespace, name = '' } }: KubeObject, resource: string) {
  const at = `${resource}/${name}`;
  return namespace === undefined
    ? { at, ref: at, kubectl: 'kubectl' }
    : { at, ref: `${namespace}/${at}`, kubectl: `kubectl -n ${namespace}` };
}

/**
 * What a run has left on objects of others without its label: annotations, and the fence of an undo that was cut off. Nothing undoes from
 * them, and they go with this command.
 */
async function findHistory(
  cluster: Cluster,
  place: Place,
  { kind, resource, ours }: Mark,
  runId: string | undefined,
): Promise<Leftover[]> {
  if (ours) return [];
  const objects = await listServed(cluster, kind, place);
  return objects.flatMap((object) => {
    const { labels = {} } = object.metadata;
    const history = historyOn(object, kind.kind);
    const fence = labels[RUN_LABEL] === undefined ? labels[FENCE_LABEL] : undefined;
    const run = history ?? fence;
    if (run === undefined || (runId !== undefined && run !== runId)) return [];
    const { at, ref, kubectl } = placeOf(object, resource);
    const commands = [
      ...(fence === undefined ? [] : [`${kubectl} label ${at} ${FENCE_LABEL}-`]),
      ...(history === undefined ? [] : [`${kubectl} annotate ${at} ${annotationsOff(object)}`]),
    ];
    return [{ runId: run, ref, command: inContext(commands.join(' && '), cluster), isHistory: true }];
  });
}

/** Where objects with a mark are looked for: in each of these namespaces, or in the cluster as a whole. */
export function placesOf({ scope }: Pick<Mark, 'scope'>, namespaces: readonly string[]): readonly Place[] {
  return scope === 'cluster' ? [{}] : namespaces.map((namespace) => ({ namespace }));
}

/** The objects of a kind; none where the cluster does not know the kind, as without Istio. */
async function listServed(
  cluster: Cluster,
  kind: KubeKind,
  filter: { readonly namespace?: string; readonly labelSelector?: string },
): Promise<readonly KubeObject[]> {
  try {
    return await cluster.list(kind, filter);
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'KIND_NOT_SERVED') return [];
    throw error;
  }
}

/** What stands in objects that carry no label for it. */
async function findInside(
  cluster: Cluster,
  place: Place,
  { kind, resource, inside, plans }: Mark,
  runId: string | undefined,
): Promise<Leftover[]> {
  if (inside === undefined) return [];
  const objects = await listServed(cluster, kind, place);
  return objects
    .filter((object) => !isLeaving(object))
    .flatMap((object) => {
      const { namespace, name } = object.metadata;
      const ref = `${namespace}/${resource}/${name}`;
      return inside(object).map((left) => {
        const own = plans?.(object).find((plan) => plan.runId === left.runId);
        const copyOf = own === undefined ? undefined : copiedFrom(object, own, cluster);
        const look = `kubectl -n ${namespace} get ${resource}/${name} -o yaml`;
        const command = inContext(copyOf === undefined ? left.command : look, cluster);
        return { ...left, ref, command, ...(copyOf === undefined ? {} : { copyOf }) };
      });
    })
    .filter((left) => runId === undefined || left.runId === runId);
}

/**
 * Without the plans in the cluster: as long as a fault is not undone, they are no leftover but what `recover` works from. Nor is the Job
 * that stands for one outside of the cluster (`signs` are the plans of such): with it the only sign of that would go.
 */
export function besidePlans<T extends Pick<Leftover, 'ref'>>(
  found: readonly T[],
  { lockNamespace }: { readonly lockNamespace: string },
  signs: readonly FaultPlan[],
): readonly T[] {
  const names = signs.map((plan) => `/job/${objectName(plan)}`);
  const isSign = (ref: string) => names.some((name) => ref.endsWith(name));
  return found.filter(({ ref }) => ref !== plansText(lockNamespace) && !isSign(ref));
}

function plansText(lockNamespace: string): string {
  const { namespace, name } = plansRef(lockNamespace);
  return `${namespace}/configmap/${name}`;
}

async function leftPlans(cluster: Cluster, lockNamespace: string, runId: string | undefined): Promise<Leftover[]> {
  const journal = await readClusterJournal(cluster, lockNamespace, runId);
  if (journal === undefined || (runId !== undefined && runId !== journal.runId)) return [];
  const { namespace, name } = plansRef(lockNamespace);
  const command = inContext(`kubectl -n ${namespace} delete configmap/${name} --wait=false`, cluster);
  return [{ runId: journal.runId, ref: plansText(lockNamespace), command }];
}

/** As `kubectl annotate` takes off what a fault has left. */
function annotationsOff({ metadata: { annotations = {} } }: KubeObject): string {
  const isOwned = annotations[OWNERS_ANNOTATION] !== undefined;
  return [PLAN_ANNOTATION, UNDO_ANNOTATION, ...(isOwned ? [OWNERS_ANNOTATION] : [])]
    .map((name) => `${name}-`)
    .join(' ');
}

/**
 * What a person can type to finish: the undo annotation is a patch that `kubectl patch` takes as it is. Of a copy only the marks are
 * taken off: its patch is about another object.
 */
function commandFor(
  object: KubeObject,
  at: string,
  { ours, isCopy }: { readonly ours: boolean; readonly isCopy: boolean },
): string {
  const { namespace } = object.metadata;
  const kubectl = namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`;
  if (ours) return removalCommand(kubectl, at, object);
  const labels = Object.keys(object.metadata.labels ?? {}).filter(
    (key) => key.startsWith(OURS) && key !== ENABLED_LABEL,
  );
  const unmark = `${kubectl} label ${at} ${labels.map((key) => `${key}-`).join(' ')}`;
  const { [UNDO_ANNOTATION]: undo, [PLAN_ANNOTATION]: plan } = object.metadata.annotations ?? {};
  const isAnnotated = undo !== undefined || plan !== undefined;
  // Either of them alone would keep the next run away from it.
  const bare = isAnnotated ? `${unmark} && ${kubectl} annotate ${at} ${annotationsOff(object)}` : unmark;
  // A rollback brings annotations of an old drill: what that would put back is not what this one has changed.
  const isOfRun = planOn(object) === object.metadata.labels?.[RUN_LABEL];
  if (undo === undefined || !isOfRun || isCopy) return bare;
  const isSecret = credentialsIn(undo).length > 0;
  const patch = isSecret ? heldPatchText(kubectl, at, undo, UNDO_ANNOTATION) : patchText(at, undo);
  return `${kubectl} ${patch} && ${bare}`;
}

/** What the search for leftovers of these kinds asks of the API, beside reading the plans. */
export function leftoverPermissions(namespaces: readonly string[], kinds: readonly FaultKind[]): Permission[] {
  const rules = marksOf(kinds).map(
    ({ kind, scope }): PermissionRule => ({ kind, verbs: ['list'], scope: scope ?? 'namespace' }),
  );
  return permissionsIn(rules, namespaces);
}
