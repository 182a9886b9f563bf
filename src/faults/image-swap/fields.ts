import { type JsonPatchOp, KINDS, type KubeObject, type ObjectRef } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import { sameJson, setOps } from '../marks.ts';

/** The fields that an image swap touches; `command` is absent where the container runs its image's own. */
export type SwapFields = { readonly image: string; readonly command?: readonly string[] | undefined };

/** An image swap's own part of its plan. */
export type SwapData = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly container: string;
  readonly before: SwapFields;
  readonly during: SwapFields;
};

type Container = { name: string; image?: string; command?: string[]; readinessProbe?: Json; startupProbe?: Json };

/** What faultline reads of a Deployment. */
export type Deployment = {
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly Container[];
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly rolledOut: boolean;
};

type Raw = {
  spec?: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    template?: { spec?: { containers?: Container[] } };
  };
  status?: { observedGeneration?: number; updatedReplicas?: number; availableReplicas?: number; replicas?: number };
};

/** Reads a Deployment; `rolledOut` is what `kubectl rollout status` waits for. */
export function readDeployment(object: KubeObject): Deployment {
  const { spec, status } = object as unknown as Raw;
  const wanted = spec?.replicas ?? 1;
  const rolledOut =
    (status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0) &&
    (status?.updatedReplicas ?? 0) >= wanted &&
    (status?.replicas ?? 0) <= wanted &&
    (status?.availableReplicas ?? 0) >= wanted;
  return {
    name: object.metadata.name ?? '',
    namespace: object.metadata.namespace ?? '',
    containers: spec?.template?.spec?.containers ?? [],
    matchLabels: spec?.selector?.matchLabels ?? {},
    rolledOut,
  };
}

/** Image and command of a container as they are now; an image of '' means that the container is not there. */
export function containerFields(deployment: Deployment, name: string): SwapFields {
  const container = deployment.containers.find((candidate) => candidate.name === name);
  return container?.command === undefined
    ? { image: container?.image ?? '' }
    : { image: container.image ?? '', command: container.command };
}

/** Patch operations that move a container from one pair of fields to the other and fail if it holds anything else. */
export function fieldOps(deployment: Deployment, container: string, from: SwapFields, to: SwapFields): JsonPatchOp[] {
  const index = deployment.containers.findIndex((candidate) => candidate.name === container);
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
  const { before, during } = (data ?? {}) as { readonly before?: Json; readonly during?: Json };
  const own = hasFields(data, { namespace: 'string', name: 'string', uid: 'string', container: 'string' });
  return own && hasFields(before, { image: 'string' }) && hasFields(during, { image: 'string' });
}

/** The Deployment that a swap is about. */
export function deploymentRef({ namespace, name }: SwapData): ObjectRef & { namespace: string } {
  return { ...KINDS.deployment, namespace, name };
}
