import type { AffectedPod } from '../model/history.ts';
import type { Hop } from '../model/record.ts';
import type { Case } from './case.ts';
import type { Example } from './example.ts';
import type { FaultFacts } from './facts.ts';
import { GOOD, type PathState } from './path-state.ts';
import { type Window, within } from './segments.ts';

/** What the requests saw of the pods that a fault should have stopped. */
export type Sighting = {
  /** Who was seen, in words. */
  readonly what: string;
  /** Answers before the fault that came from them, or, where answers have no addresses, from where they are. */
  readonly before: number;
  /** Those that are theirs for certain, so that their absence says something. */
  readonly certain: number;
  /** Answers of theirs while the fault was said to be on. */
  readonly after: number;
  readonly example?: Example | undefined;
};

type Matcher = (hop: Hop) => boolean;

/** Addresses that the cluster gave to another pod later say nothing about the old one. */
function reusedAddresses(it: Case, fault: FaultFacts): Set<string> {
  const pods = new Map(fault.affected.map((pod) => [pod.ip, pod.pod]));
  const reused = new Set<string>();
  for (const event of it.facts.endpoints) {
    if (event.t < (fault.requested ?? 0)) continue;
    for (const endpoint of event.endpoints) {
      const before = pods.get(endpoint.ip);
      const isAffected = fault.affected.some((pod) => pod.pod === endpoint.pod);
      if (before !== undefined && !isAffected) reused.add(endpoint.ip);
    }
  }
  return reused;
}

/** Service and zone pairs of which every endpoint was hit: they can be told without an address. */
function deadPlaces(it: Case, fault: FaultFacts): Set<string> {
  const before = it.pods.at(fault.requested ?? 0) ?? [];
  const isHit = it.pods.hitBy([fault]);
  const dead = new Set<string>();
  if (fault.header?.signature === 'restarts') return dead;
  for (const pod of fault.affected) {
    const service = it.pods.serviceOf(pod);
    const peers = before.filter((endpoint) => endpoint.service === service && endpoint.zone === pod.zone);
    if (service !== undefined && peers.every(isHit)) dead.add(`${service}\u0000${pod.zone}`);
  }
  return dead;
}

function matcher(it: Case, fault: FaultFacts): Matcher {
  const reused = reusedAddresses(it, fault);
  const addresses = new Set(fault.affected.map((pod) => pod.ip).filter((ip) => ip !== '' && !reused.has(ip)));
  const places = deadPlaces(it, fault);
  return (hop) => (hop.ip === '' ? places.has(`${hop.service}\u0000${hop.zone}`) : addresses.has(hop.ip));
}

/** Answers that can be theirs: where a hop has no address, any pod of the same service and zone may have given it. */
function looseMatcher(it: Case, fault: FaultFacts): Matcher {
  const addresses = new Set(fault.affected.map((pod) => pod.ip).filter((ip) => ip !== ''));
  const places = new Set(fault.affected.map((pod) => `${it.pods.serviceOf(pod)}\u0000${pod.zone}`));
  return (hop) => (hop.ip === '' ? places.has(`${hop.service}\u0000${hop.zone}`) : addresses.has(hop.ip));
}

/** Answers in a window whose chain names a pod that the matcher knows. */
function answers(it: Case, matches: Matcher, window: Window): { count: number; example: Example | undefined } {
  let count = 0;
  let example: Example | undefined;
  const segments = within(it.segments, window);
  for (const plan of it.paths.flatMap((path) => path.plans)) {
    if (plan === undefined || !plan.kind.chain.hops.some(matches)) continue;
    for (const { index } of segments) {
      count += (plan.served[index] as number) + (plan.unserved[index] as number);
      const first = plan.first[index];
      if (first !== undefined && (example === undefined || first.due < example.due)) example = first;
    }
  }
  return { count, example };
}

const GATEWAY = /gateway|ingress/i;

/** Paths whose gateway pods were hit. */
function gatewayPaths(it: Case, fault: FaultFacts): PathState[] {
  const gateways = fault.affected.filter(
    (pod: AffectedPod) => GATEWAY.test(pod.workload) && it.pods.serviceOf(pod) === undefined,
  );
  const zones = new Set(gateways.map((pod) => `${pod.cluster}/${pod.zone}`));
  return it.paths.filter((path) => zones.has(`${path.cluster}/${path.zone}`));
}

const NEVER: Window = { start: 0, end: 0 };

/** Whether pods that a fault should have stopped were still answering. */
export function sightings(it: Case, fault: FaultFacts): Sighting {
  const matches = matcher(it, fault);
  const hit = gatewayPaths(it, fault);
  // Nothing good can come through a gateway that is gone, but one that restarts is soon back.
  const gateways = fault.header?.signature === 'restarts' ? [] : hit;
  const ahead = it.windows.ahead.get(fault.name) ?? NEVER;
  const window = it.windows.witness.get(fault.name) ?? NEVER;
  const after = answers(it, matches, window);
  const segments = within(it.segments, window);
  const through = gateways.filter((path) => path.sum(segments, GOOD) > 0);
  const passed = through.reduce((sum, path) => sum + path.sum(segments, GOOD), 0);
  const goodBefore = (paths: readonly PathState[]): number =>
    paths.reduce((sum, path) => sum + path.sum(within(it.segments, ahead), GOOD), 0);
  return {
    what: after.count > 0 ? 'affected pods' : `the gateway of ${through.map((path) => path.id).join(', ')}`,
    before: answers(it, looseMatcher(it, fault), ahead).count + goodBefore(hit),
    certain: answers(it, matches, ahead).count + goodBefore(gateways),
    after: after.count + passed,
    example:
      after.example ??
      firstGood(
        through,
        segments.map((segment) => segment.index),
      ),
  };
}

function firstGood(paths: readonly PathState[], segments: readonly number[]): Example | undefined {
  for (const plan of paths.flatMap((path) => path.plans)) {
    if (plan === undefined || !plan.kind.complete) continue;
    const first = segments.flatMap((index) => plan.first[index] ?? [])[0];
    if (first !== undefined) return first;
  }
  return undefined;
}
