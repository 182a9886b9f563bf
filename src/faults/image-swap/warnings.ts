import { gitopsOwner } from '../../model/gitops.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { probeOf } from '../../model/pod-object.ts';
import type { Pod } from '../../workload/pods.ts';
import { isRollout, strategyTexts } from './argo.ts';
import { keptPods, partitionOf, reachOf } from './rolling.ts';
import { readWorkload } from './workload.ts';

/** What the reader should know of a workload before its image is swapped. */
export function warningsOf(object: KubeObject, container: string, pods: readonly Pod[]): string[] {
  const { kind, metadata } = object;
  const gitops = gitopsOwner(object);
  const partition = partitionOf(object);
  const isSlow = kind !== 'Deployment' && !isRollout(object) && reachOf(object) > 1;
  const told = [
    maskedText(object, container),
    ...strategyTexts(object),
    partition > 0 && `has partition ${partition}: its ${partition} lowest pods keep the old image and go on serving.`,
    isSlow && 'replaces its pods one after another: the fault is proven when all have the new image, within 90 s.',
    gitops !== undefined && `is managed by GitOps (${gitops}): it may revert the fault.`,
    pods.length === 0 && 'has no pods now.',
  ];
  const name = `${kind} ${metadata.namespace}/${metadata.name}`;
  return told.filter((text) => typeof text === 'string').map((text) => `${name} ${text}`);
}

/** Why the fault may change nothing, with what does: old pods that wait for a new one to be ready go on serving. */
function maskedText(object: KubeObject, container: string): string | undefined {
  const own = readWorkload(object).containers.find(({ name }) => name === container);
  const probe = own && probeOf(own);
  const kept = keptPods(object);
  if (probe === undefined || kept === 0) return undefined;
  const ways =
    object.kind === 'Deployment' ? 'podKill, zoneBlackhole, or strategy Recreate' : 'podKill or zoneBlackhole';
  return (
    `has a ${probe} probe in container ${container}: a new pod that fails it is never ready, and until one is, the rolling ` +
    `update keeps at least ${kept} old pod${kept === 1 ? '' : 's'} serving: the fault is then not proven, and the run is ` +
    `inconclusive. Use an image that passes the probe and fails requests, ${ways}.`
  );
}
