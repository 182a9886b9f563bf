import { percentText } from '../model/abort.ts';
import type { Draw, Question } from './draw.ts';
import type { Packets } from './world.ts';

/** What the prediction takes for granted, because no cluster tells it. */
export function assumptionsOf({ system, chain, moves }: Question, draws: readonly Draw[]): string[] {
  const swaps = moves.filter((move) => move.kind === 'rollout');
  return [
    ...unknownVersions(system),
    ...(chain.length > 1 ? ['a service whose own call fails does not answer its caller with a 5xx'] : []),
    'no proxy has a host ejected now',
    ...(leavesRegion(system, draws)
      ? ['calls that leave their region come in time and lose no packet: nothing tells how good the way is']
      : []),
    ...(swaps.length > 0 ? ['the swapped image runs, and nothing listens on its port'] : []),
    ...(moves.some(({ kind }) => kind === 'inbound-fault')
      ? [
          'the sidecars let go of their listeners from before at once, or up to 45 s later: the fault is on all the while',
        ]
      : []),
    ...moves.flatMap((move) => (move.kind === 'packets' ? packetTexts(move.packets) : [])),
    ...startTexts(system.pods, swaps),
  ];
}

/** What is taken for granted of packets, which is the kernels' and applications' to say. */
function packetTexts({ effect }: Packets): string[] {
  const own = {
    delay:
      'a connection to a late pod comes up after one delay: with mutual TLS it takes two or three, and connectTimeout may end it',
    loss: `whose packets are lost, ${percentText(effect.kind === 'loss' ? effect.ratio : 0)} of them, and how often in a row, is chance`,
    drop: undefined,
    refuse: undefined,
  }[effect.kind];
  return [
    'rules act up to 5 s after a container is asked for: its image is on the nodes',
    ...(own === undefined ? [] : [own]),
  ];
}

function leavesRegion({ pods }: Question['system'], draws: readonly Draw[]): boolean {
  const regions = new Map(pods.map(({ locality }) => [locality.zone, locality.region]));
  return draws.some(({ requests }) =>
    requests.some(({ hops }) =>
      hops.some(({ fromZone, zone }) => zone !== undefined && regions.get(fromZone) !== regions.get(zone)),
    ),
  );
}

function unknownVersions({ clusters }: Question['system']): string[] {
  const unknown = clusters.filter(({ istioKnown }) => !istioKnown);
  const where = unknown.length < clusters.length ? ` in ${unknown.map(({ name }) => name).join(' and ')}` : '';
  return unknown.slice(0, 1).map(({ istio }) => `Istio ${istio}${where}: images do not tell the version`);
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
