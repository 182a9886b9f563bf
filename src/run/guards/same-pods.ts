import type { FaultPlan, PodPart } from '../../model/fault.ts';
import type { Guard, Ruling } from './guard.ts';

/**
 * A fault that hits pods, or containers, as they were when it was planned cannot find them once another one of the run has put others in their
 * place: it ends the run there, or does nothing and takes that for its effect.
 */
export const samePods: Guard = {
  name: 'same pods',
  isLive: true,
  check: async ({ faults }) =>
    faults.flatMap(({ plan }, index) => faults.slice(index + 1).flatMap((other) => meeting(plan, other.plan))),
};

/** `one` is injected before `other`, or at the same time. */
function meeting(one: FaultPlan, other: FaultPlan): Ruling[] {
  if (one.cluster !== other.cluster) return [];
  const missed = shared(other.hits, one.replaces);
  if (missed.length > 0) {
    const detail = `fault ${one.fault} replaces, or may, what fault ${other.fault} is to hit after it: ${textOf(missed)} (cluster ${one.cluster})`;
    return [{ refused: true, detail, hint: `Inject ${other.fault} first, ${APART}` }];
  }
  // That a container was restarted in its pod is seen in that pod, as long as the fault is meant to be on.
  const gone = other.replaces?.filter(({ container }) => container === undefined);
  const lost = shared(one.hits, gone).filter(({ container }) => container !== undefined);
  if (lost.length === 0) return [];
  const detail = `fault ${other.fault} replaces, or may, the pods in which fault ${one.fault} is seen to be on: ${textOf(lost)} (cluster ${one.cluster})`;
  return [{ refused: true, detail, hint: `Name other pods, ${APART}` }];
}

const APART = 'or make two scenarios of them: run a.yaml b.yaml.';

/** What is hit of what is replaced: a pod goes with all of its containers, a container that begins anew leaves its pod. */
function shared(hits: readonly PodPart[] = [], replaces: readonly PodPart[] = []): readonly PodPart[] {
  return hits.filter((hit) =>
    replaces.some(({ pod, container }) => pod === hit.pod && (container === undefined || container === hit.container)),
  );
}

function textOf([first, ...more]: readonly PodPart[]): string {
  const name =
    first?.container === undefined ? `Pod ${first?.pod}` : `container ${first.container} of Pod ${first.pod}`;
  return `${name}${more.length === 0 ? '' : ` and ${more.length} more`}`;
}
