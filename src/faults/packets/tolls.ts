import type { PodSet, Toll } from '../../model/toll.ts';
import type { Aim, Peer } from './data.ts';
import type { Effect, Match } from './rules.ts';
import type { Seen } from './tasks.ts';

/**
 * What the rules of one side take from Services: of calls to its pods, and of calls by them. A part of the pods is any of
 * them, as others take the place of those that go.
 */
export function tollsOf({ side, able, tasks, ends }: Seen, effect: Effect): Toll[] {
  const own: PodSet = { kind: 'pods', pods: able.map(({ pod }) => `${pod.namespace}/${pod.name}`) };
  const much = {
    ...shareOf(effect),
    ...(tasks.length < able.length ? { most: tasks.length } : {}),
    ...(isNamed(side.aim) && isNamedEnd(side.peer) ? { named: true as const } : {}),
  };
  return ends.matches.flatMap((match): Toll[] => {
    const other = otherEnd(match, side.peer);
    const more = { ...much, ...(match.port === null ? {} : { port: match.port }) };
    const into: Toll = { to: own, ...(other === undefined ? {} : { by: other }), ...more };
    const out: Toll = { by: own, ...(other === undefined ? {} : { to: other }), ...more };
    return { in: [into], out: [out], both: [into, out] }[match.calls];
  });
}

function shareOf(effect: Effect): Pick<Toll, 'share' | 'afterMs' | 'perTrip'> {
  if (effect.kind === 'loss') return { share: effect.ratio };
  return effect.kind === 'delay' ? { share: 1, afterMs: effect.ms, perTrip: true } : { share: 1 };
}

/** Ranges are of whatever cluster has them; the addresses of pods and Services are those of one. */
function otherEnd({ peers }: Match, { kind }: Peer): PodSet | undefined {
  if (peers === null) return undefined;
  return { kind: 'addresses', addresses: peers, of: kind === 'ranges' ? 'any' : 'cluster' };
}

/** Whether it is said whose pods they are, and not only where; whoever writes addresses means those who have them. */
function isNamed({ owner, service, selector }: Aim): boolean {
  return owner !== null || service !== null || selector !== null;
}

function isNamedEnd(peer: Peer): boolean {
  return peer.kind === 'service' || peer.kind === 'ranges' || (peer.kind === 'pods' && isNamed(peer.aim));
}
