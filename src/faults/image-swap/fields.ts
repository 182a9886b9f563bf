import type { JsonPatchOp, ObjectRef } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import { sameJson, setOps } from '../marks.ts';
import { WORKLOADS, type Workload, type WorkloadKind } from './workload.ts';

/** The fields that an image swap touches; `command` is absent where the container runs its image's own. */
export type SwapFields = { readonly image: string; readonly command?: readonly string[] | undefined };

/** The workload of a swap: as `Kind/name`, or the name of a Deployment in a plan of an older version. */
type Target = { readonly owner: `${WorkloadKind}/${string}` } | { readonly name: string };

/** An image swap's own part of its plan. */
export type SwapData = Target & {
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
  const index = workload.containers.findIndex((candidate) => candidate.name === container);
  const path = `/spec/template/spec/containers/${index}`;
  return [
    { op: 'test', path: `${path}/name`, value: container },
    ...setOps(`${path}/image`, from.image, to.image),
    ...setOps(`${path}/command`, from.command as Json | undefined, to.command as Json | undefined),
  ];
}

/** The strategic merge patch that puts the fields of a container back, as `kubectl patch` takes it. */
export function restorePatch(container: string, fields: SwapFields): Json {
  const command = fields.command === undefined ? null : [...fields.command];
  return { spec: { template: { spec: { containers: [{ name: container, image: fields.image, command }] } } } };
}

/** Whether two pairs of fields are the same. */
export function sameFields(a: SwapFields, b: SwapFields): boolean {
  return a.image === b.image && sameJson(a.command as Json | undefined, b.command as Json | undefined);
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
