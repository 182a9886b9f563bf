import { type JsonPatchOp, type KubeObject, type ObjectRef, PLAN_ANNOTATION } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import { pointerStep, sameJson, setOps } from '../marks.ts';
import { isTakenSince } from '../ownership.ts';
import { isRollout } from './argo.ts';
import { readWorkload, WORKLOADS, type Workload, type WorkloadKind } from './workload.ts';

/** The fields that an image swap touches; `command` is absent where the container runs its image's own. */
export type SwapFields = { readonly image: string; readonly command?: readonly string[] | undefined };

/** The workload of a swap: as `Kind/name`, or the name of a Deployment in a plan of an older version. */
type SwapOwner = { readonly owner: `${WorkloadKind}/${string}` } | { readonly name: string };

/** An image swap's own part of its plan. */
export type SwapData = SwapOwner & {
  readonly namespace: string;
  readonly uid: string;
  readonly container: string;
  readonly before: SwapFields;
  readonly during: SwapFields;
};

/** Image and command of a container as they are now; an image of '' means that the container is not there. */
export function containerFields(workload: Workload, name: string): SwapFields {
  const container = workload.containers.find((candidate) => candidate.name === name);
  return container?.command === undefined
    ? { image: container?.image ?? '' }
    : { image: container.image ?? '', command: container.command };
}

/** Patch operations that move a container from one pair of fields to the other and fail if it holds anything else. */
export function fieldOps(workload: Workload, container: string, from: SwapFields, to: SwapFields): JsonPatchOp[] {
  const path = containerPath(workload, container);
  return [
    { op: 'test', path: `${path}/name`, value: container },
    ...setOps(`${path}/image`, from.image, to.image),
    ...setOps(`${path}/command`, from.command as Json | undefined, to.command as Json | undefined),
  ];
}

/** Where a template carries the plan of its fault. */
export const TEMPLATE_PLAN_PATH = `/spec/template/metadata/annotations/${pointerStep(PLAN_ANNOTATION)}`;

/** Names of the fields that a swap changes. */
const FIELDS = ['image', 'command'] as const;

/** A field that holds neither what was there before nor what the swap wrote. */
type Foreign = { readonly field: (typeof FIELDS)[number]; readonly now: Json | undefined };

/** What somebody else has made of the fields of a swap, field by field: a third value, or the fault's own, set once more since. */
export function foreignFields(object: KubeObject, { container, before, during }: SwapData): Foreign[] {
  const now = containerFields(readWorkload(object), container);
  return FIELDS.filter((field) => !isSame(before[field], during[field]) && !isSame(now[field], before[field]))
    .filter((field) => !isSame(now[field], during[field]) || isTheirs(object, container, field))
    .map((field) => ({ field, now: now[field] as Json | undefined }));
}

/** Whether somebody has written a field since the swap did. */
function isTheirs(object: KubeObject, container: string, field: (typeof FIELDS)[number]): boolean {
  return isTakenSince(object, `${containerPath(readWorkload(object), container)}/${field}`);
}

/** Patch operations that put back each field that is still as the swap wrote it, whatever the other one holds. */
export function ownOps(object: KubeObject, data: SwapData): JsonPatchOp[] {
  const { container, before } = data;
  const theirs = FIELDS.filter((field) => isTheirs(object, container, field));
  // What is as it was before needs no write.
  const during = { ...data.during, ...Object.fromEntries(theirs.map((field) => [field, before[field]])) };
  return putBackOps(readWorkload(object), { ...data, during });
}

/** Patch operations that put back each field that still holds what the swap wrote, whatever the other one holds. */
export function putBackOps(workload: Workload, { container, before, during }: SwapData): JsonPatchOp[] {
  const now = containerFields(workload, container);
  const path = containerPath(workload, container);
  const ops = FIELDS.filter(
    (field) => !isSame(before[field], during[field]) && isSame(now[field], during[field]),
  ).flatMap((field) =>
    setOps(`${path}/${field}`, during[field] as Json | undefined, before[field] as Json | undefined),
  );
  return ops.length === 0 ? [] : [{ op: 'test', path: `${path}/name`, value: container }, ...ops];
}

/** What the fields hold once those are put back that still hold what the swap wrote. */
export function fieldsPutBack(now: SwapFields, { before, during }: SwapData): SwapFields {
  const { image } = isSame(now.image, during.image) ? before : now;
  const { command } = isSame(now.command, during.command) ? before : now;
  return command === undefined ? { image } : { image, command };
}

function containerPath({ containers }: Workload, name: string): string {
  return `/spec/template/spec/containers/${containers.findIndex((candidate) => candidate.name === name)}`;
}

function isSame(a: SwapFields['image' | 'command'], b: SwapFields['image' | 'command']): boolean {
  return sameJson(a as Json | undefined, b as Json | undefined);
}

/** What the fields of a workload hold, and whether its template carries a plan. */
type Held = { readonly now: SwapFields; readonly isMarked: boolean };

/**
 * The patch that puts the fields of a container back, as `kubectl patch` takes it, and takes the plan out of the template: a
 * strategic merge patch, or a JSON patch for a custom resource, which has no other that leaves the other containers alone.
 */
export function restorePatch(object: KubeObject, container: string, fields: SwapFields, held: Held): Json {
  if (isRollout(object)) return customPatch(readWorkload(object), container, fields, held) as unknown as Json;
  const command = fields.command === undefined ? null : [...fields.command];
  const metadata = { annotations: { [PLAN_ANNOTATION]: null } };
  const spec = { containers: [{ name: container, image: fields.image, command }] };
  return { spec: { template: { metadata, spec } } };
}

function customPatch(
  workload: Workload,
  container: string,
  fields: SwapFields,
  { now, isMarked }: Held,
): JsonPatchOp[] {
  const path = containerPath(workload, container);
  const { image, command } = fields;
  const ops: JsonPatchOp[] = [
    { op: 'test', path: `${path}/name`, value: container },
    { op: 'add', path: `${path}/image`, value: image },
  ];
  if (command !== undefined) ops.push({ op: 'add', path: `${path}/command`, value: [...command] });
  else if (now.command !== undefined) ops.push({ op: 'remove', path: `${path}/command` });
  if (isMarked) ops.push({ op: 'remove', path: TEMPLATE_PLAN_PATH });
  return ops;
}

/** Whether two pairs of fields are the same. */
export function sameFields(a: SwapFields, b: SwapFields): boolean {
  return FIELDS.every((field) => isSame(a[field], b[field]));
}

/** Whether the data of a plan is that of an image swap. */
export function isSwapData(data: Json): boolean {
  const { before, during, owner } = (data ?? {}) as { readonly [field: string]: Json | undefined };
  const own = hasFields(data, { namespace: 'string', uid: 'string', container: 'string' });
  const isNamed =
    typeof owner === 'string' ? Object.hasOwn(WORKLOADS, kindIn(owner)) : hasFields(data, { name: 'string' });
  return own && isNamed && hasFields(before, { image: 'string' }) && hasFields(during, { image: 'string' });
}

function kindIn(owner: string): WorkloadKind {
  return owner.slice(0, owner.indexOf('/')) as WorkloadKind;
}

/** The workload that a swap is about. */
export function workloadRef(data: SwapData): ObjectRef & { namespace: string } {
  const owner = 'owner' in data ? data.owner : (`Deployment/${data.name}` as const);
  return { ...WORKLOADS[kindIn(owner)], namespace: data.namespace, name: owner.slice(owner.indexOf('/') + 1) };
}

/** As messages name it: `StatefulSet default/db`. */
export function workloadText({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace}/${name}`;
}
