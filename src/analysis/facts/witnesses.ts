import type { Hop, RequestRecord } from '../../model/record.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Facts, FaultFacts } from '../timeline/history.ts';
import { WITNESS_DELAY, type Windows } from '../timeline/windows.ts';
import { type Example, exampleOf } from './example.ts';
import { leastOf, mostOf } from './extremes.ts';
import { addressOf } from './pod-address.ts';
import type { Pods } from './pods.ts';

/** What the answers tell of the pods that one fault takes away. */
type Witness = {
  /** Answers before the fault that came from them, or, where answers have no addresses, from where they are. */
  before: number;
  /** Those that are theirs for certain, so that their absence says something. */
  certain: number;
  /** Answers of theirs while the fault was said to be on; such an answer had ended before the undo was asked for. */
  after: number;
  example: Example | undefined;
  /** When the last request that they answered before the proof was sent at the earliest, and by when for certain; -1 for none. */
  lastServed: Micros;
  lastServedBy: Micros;
  /** Rows of the paths whose requests they answered before the fault. */
  readonly paths: Set<number>;
  /** The same, with those that they answered only after it, where traffic had gone. */
  readonly passed: Set<number>;
  /** Zones of the proxies whose calls they answered before the fault. */
  readonly callerZones: Set<string>;
};

type Touch = {
  readonly fault: number;
  readonly certain: boolean;
  readonly first: boolean;
  /** From when on their answers contradict the fault. */
  readonly goneFrom: Micros;
  /** Until when they are theirs. */
  readonly ownUntil: Micros;
  readonly zones: readonly string[];
};

type Matcher = {
  readonly certain: (hop: Hop) => boolean;
  readonly loose: (hop: Hop) => boolean;
  readonly first: (hop: Hop) => boolean;
  /** From when on a pod that a later round hit must be silent; 0 for one of the first round. */
  readonly goneFrom: (hop: Hop) => Micros;
  /** Until when an address was that of the pod for certain: another pod that answers as its service may have had it then. */
  readonly ownUntil: (hop: Hop) => Micros;
};

/** Addresses that only a later round hit, with the time from which on they must be silent. */
function laterVictims(fault: FaultFacts): Map<string, Micros> {
  const first = new Set(fault.affectedFirst.map(addressOf));
  const later = new Map<string, Micros>();
  for (const { step, t, affected = [] } of fault.events) {
    if (step !== 'went-on') continue;
    for (const address of affected.map(addressOf)) {
      if (!first.has(address) && !later.has(address)) later.set(address, t + WITNESS_DELAY);
    }
  }
  return later;
}

/** When another pod was observed at an address of the fault's, and which. */
type NewOwner = { readonly address: string; readonly t: Micros; readonly endpoint: Endpoint };

function newOwners(facts: Facts, fault: FaultFacts): NewOwner[] {
  const pods = new Set(fault.affected.map(addressOf));
  const names = new Set(fault.affected.map((pod) => pod.pod));
  return facts.endpoints
    .filter(({ t }) => t >= (fault.requested ?? 0))
    .flatMap(({ t, endpoints }) => endpoints.map((endpoint) => ({ address: addressOf(endpoint), t, endpoint })))
    .filter(({ address, endpoint }) => pods.has(address) && !names.has(endpoint.pod));
}

/** Whether its pods may go on answering: what they answer says nothing against it then. */
export const isDegraded = ({ header }: FaultFacts): boolean => header?.signature === 'degrades';

/** Whether no answer tells of its pods. */
export const isAside = ({ header }: FaultFacts): boolean => header?.signature === 'aside';

/** Service and zone pairs of which every endpoint was hit: they can be told without an address. */
function deadPlaces(pods: Pods, fault: FaultFacts): Set<string> {
  const dead = new Set<string>();
  if (fault.header?.signature === 'restarts' || isDegraded(fault)) return dead;
  const before = pods.at(fault.requested ?? 0) ?? [];
  const isHit = pods.hitBy([fault]);
  for (const pod of fault.affected) {
    const service = pods.serviceOf(pod);
    if (service === undefined) continue;
    const peers = before.filter((endpoint) => pods.isOf(endpoint, service) && endpoint.zone === pod.zone);
    if (peers.every(isHit)) dead.add(`${service}\u0000${pod.zone}`);
  }
  return dead;
}

function matcherOf(facts: Facts, pods: Pods, fault: FaultFacts): Matcher {
  const owners = newOwners(facts, fault);
  const all = new Set(fault.affected.filter(({ ip }) => ip !== '').map(addressOf));
  const firsts = new Set(fault.affectedFirst.map(addressOf));
  const dead = deadPlaces(pods, fault);
  const later = laterVictims(fault);
  const near = new Set(fault.affected.map((pod) => `${pods.serviceOf(pod)}\u0000${pod.zone}`));
  const place = (hop: Hop): string => `${hop.service}\u0000${hop.zone}`;
  const ownUntil = (hop: Hop): Micros => {
    const answers = ({ endpoint }: NewOwner): boolean => hop.service === '' || pods.isOf(endpoint, hop.service);
    const next = owners.filter((owner) => owner.address === addressOf(hop) && answers(owner));
    return leastOf(
      next.map(({ t }) => t - WITNESS_DELAY),
      Number.POSITIVE_INFINITY,
    );
  };
  return {
    certain: (hop) => (hop.ip === '' ? dead.has(place(hop)) : all.has(addressOf(hop))),
    loose: (hop) => (hop.ip === '' ? near.has(place(hop)) : all.has(addressOf(hop))),
    first: (hop) =>
      hop.ip === '' ? dead.has(place(hop)) : firsts.has(addressOf(hop)) && ownUntil(hop) === Number.POSITIVE_INFINITY,
    goneFrom: (hop) => later.get(addressOf(hop)) ?? 0,
    ownUntil,
  };
}

/** Listens for answers of the pods that faults take away. */
export class WitnessBook {
  readonly #faults: readonly FaultFacts[];
  readonly #windows: Windows;
  readonly #matchers: readonly Matcher[];
  readonly #witnesses: readonly Witness[];
  readonly #touches: (readonly Touch[] | undefined)[] = [];

  constructor(facts: Facts, pods: Pods, windows: Windows) {
    this.#faults = facts.faults;
    this.#windows = windows;
    this.#matchers = facts.faults.map((fault) => matcherOf(facts, pods, fault));
    this.#witnesses = facts.faults.map(() => ({
      before: 0,
      certain: 0,
      after: 0,
      example: undefined,
      lastServed: -1,
      lastServedBy: -1,
      paths: new Set(),
      passed: new Set(),
      callerZones: new Set(),
    }));
  }

  of(fault: FaultFacts): Witness {
    return this.#witnesses[this.#faults.indexOf(fault)] as Witness;
  }

  define({ id, chain, callers }: ChainRef): void {
    const touches = this.#matchers.flatMap((matcher, fault): Touch[] => {
      const hops = chain.hops.filter(matcher.loose);
      if (hops.length === 0) return [];
      const zones = chain.hops.flatMap((hop, i) =>
        matcher.loose(hop) && callers[i] !== undefined ? [chain.hops[callers[i]]?.zone ?? ''] : [],
      );
      const certain = hops.filter(matcher.certain);
      const goneFrom = Math.min(...certain.map(matcher.goneFrom));
      const ownUntil = mostOf(certain.map(matcher.ownUntil), 0);
      return [{ fault, certain: certain.length > 0, first: hops.some(matcher.first), goneFrom, ownUntil, zones }];
    });
    if (touches.length > 0) this.#touches[id] = touches;
  }

  /** Whether answers of this chain say anything about a fault's pods. */
  knows({ id }: ChainRef): boolean {
    return this.#touches[id] !== undefined;
  }

  /** One response, or `n` that came alike. */
  see(path: PathStream, record: RequestRecord, chain: ChainRef, n = 1): void {
    const touches = this.#touches[chain.id];
    if (touches !== undefined) for (const touch of touches) this.#note(touch, path, record, chain, n);
  }

  #note(touch: Touch, path: PathStream, record: RequestRecord, chain: ChainRef, n: number): void {
    const { requested, undoRequested, name } = this.#faults[touch.fault] as FaultFacts;
    const witness = this.#witnesses[touch.fault] as Witness;
    if (requested === undefined || record.end > (undoRequested ?? Number.POSITIVE_INFINITY)) return;
    if (!path.ofProxy) witness.passed.add(path.row);
    if (record.end <= requested && record.due >= this.#windows.baseline.start) noteBefore(witness, touch, path, n);
    const window = this.#windows.witness.get(name);
    const isAfter = window !== undefined && record.due >= window.start && record.end <= window.end;
    const isTheirs = touch.certain && record.end <= touch.ownUntil;
    if (isAfter && isTheirs && record.due >= touch.goneFrom) noteAfter(witness, path, record, chain, n);
    else if (touch.first && !isAfter && record.start > witness.lastServed) {
      witness.lastServed = record.start;
      witness.lastServedBy = path.ofProxy ? record.end : record.start;
    }
  }
}

function noteBefore(witness: Witness, { certain, zones }: Touch, path: PathStream, n: number): void {
  witness.before += n;
  if (certain) witness.certain += n;
  if (!path.ofProxy) witness.paths.add(path.row);
  for (const zone of zones) witness.callerZones.add(zone === '' ? path.zone : zone);
}

function noteAfter(witness: Witness, path: PathStream, record: RequestRecord, chain: ChainRef, n: number): void {
  witness.after += n;
  if (witness.example === undefined || record.due < witness.example.due) {
    witness.example = exampleOf(path.index, record, chain.chain);
  }
}
