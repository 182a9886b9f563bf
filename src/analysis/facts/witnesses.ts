import type { Hop, RequestRecord } from '../../model/record.ts';
import type { Micros } from '../../model/units.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Facts, FaultFacts } from '../timeline/history.ts';
import { WITNESS_DELAY, type Windows } from '../timeline/windows.ts';
import { type Example, exampleOf } from './example.ts';
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
  readonly zones: readonly string[];
};

type Matcher = {
  readonly certain: (hop: Hop) => boolean;
  readonly loose: (hop: Hop) => boolean;
  readonly first: (hop: Hop) => boolean;
  /** From when on a pod that a later round hit must be silent; 0 for one of the first round. */
  readonly goneFrom: (hop: Hop) => Micros;
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

/** Addresses that the cluster gave to another pod later say nothing about the old one. */
function reusedAddresses(facts: Facts, fault: FaultFacts): Set<string> {
  const pods = new Set(fault.affected.map(addressOf));
  const names = new Set(fault.affected.map((pod) => pod.pod));
  const reused = new Set<string>();
  for (const event of facts.endpoints) {
    if (event.t < (fault.requested ?? 0)) continue;
    for (const endpoint of event.endpoints) {
      const address = addressOf(endpoint);
      if (pods.has(address) && !names.has(endpoint.pod)) reused.add(address);
    }
  }
  return reused;
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
  const reused = reusedAddresses(facts, fault);
  const all = new Set(fault.affected.filter(({ ip }) => ip !== '').map(addressOf));
  const own = new Set([...all].filter((address) => !reused.has(address)));
  const firsts = new Set(fault.affectedFirst.map(addressOf).filter((address) => own.has(address)));
  const dead = deadPlaces(pods, fault);
  const later = laterVictims(fault);
  const near = new Set(fault.affected.map((pod) => `${pods.serviceOf(pod)}\u0000${pod.zone}`));
  const place = (hop: Hop): string => `${hop.service}\u0000${hop.zone}`;
  return {
    certain: (hop) => (hop.ip === '' ? dead.has(place(hop)) : own.has(addressOf(hop))),
    loose: (hop) => (hop.ip === '' ? near.has(place(hop)) : all.has(addressOf(hop))),
    first: (hop) => (hop.ip === '' ? dead.has(place(hop)) : firsts.has(addressOf(hop))),
    goneFrom: (hop) => later.get(addressOf(hop)) ?? 0,
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
      return [{ fault, certain: certain.length > 0, first: hops.some(matcher.first), goneFrom, zones }];
    });
    if (touches.length > 0) this.#touches[id] = touches;
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
    if (isAfter && touch.certain && record.due >= touch.goneFrom) noteAfter(witness, path, record, chain, n);
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
