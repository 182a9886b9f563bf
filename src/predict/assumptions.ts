import type { Question } from './draw.ts';

/** What the prediction takes for granted, because no cluster tells it. */
export function assumptionsOf({ system, chain, moves }: Question): string[] {
  const swaps = moves.filter((move) => move.kind === 'rollout');
  return [
    ...(system.istioKnown ? [] : [`Istio ${system.istio}: images do not tell the version`]),
    ...(chain.length > 1 ? ['a service whose own call fails does not answer its caller with a 5xx'] : []),
    'no proxy has a host ejected now',
    ...(swaps.length > 0 ? ['the swapped image runs, and nothing listens on its port'] : []),
    ...(moves.some(({ kind }) => kind === 'inbound-fault')
      ? [
          'the sidecars let go of their listeners from before at once, or up to 45 s later: the fault is on all the while',
        ]
      : []),
    ...startTexts(system.pods, swaps),
  ];
}

function startTexts(
  pods: Question['system']['pods'],
  swaps: readonly { readonly namespace?: string; readonly workload?: string }[],
): string[] {
  const own = pods.filter((pod) =>
    swaps.some((swap) => swap.namespace === pod.namespace && swap.workload === pod.workload),
  );
  const known = own.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs / 1000]));
  if (own.length === 0) return [];
  if (known.length === 0) return ['new pods are ready within 10 s: nothing tells how long the old ones took'];
  return [
    `new pods are ready about as soon as the old ones were: in ${Math.max(1, ...known)} s, or half of it more or less`,
  ];
}
