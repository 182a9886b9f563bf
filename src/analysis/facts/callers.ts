import { GATEWAY } from '../../model/callees.ts';
import type { Hop } from '../../model/record.ts';
import type { GoodRequest } from '../../model/scenario.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import { addressOf } from './pod-address.ts';

/** The calling proxy that is blamed for a bad request. */
export type BlamedProxy = {
  readonly id: string;
  readonly zone: string;
  /** The hop that made the call; absent for a gateway, which is one of this cluster. */
  readonly hop?: Pick<Hop, 'service' | 'zone' | 'ip'>;
  readonly cluster?: string;
  /** What was called; absent where no answer tells. */
  readonly callee?: string;
};

/** A pod of the call chain that made a call. */
export type CallingPod = { readonly service: string; readonly zone: string; readonly ip: string };

const callerId = ({ service, zone, ip }: CallingPod): string => `${service} ${zone}${ip === '' ? '' : ` ${ip}`}`;

/** The hop that made the call that failed; the gateway did when none was parsed, or none failed. */
export function blame(chain: ChainRef | undefined, path: PathStream): BlamedProxy {
  const missing = chain?.missing[path.rule.index];
  const hop = chain?.chain.hops[missing?.caller ?? GATEWAY];
  const callee = missing?.service === undefined ? {} : { callee: missing.service };
  const { cluster, zone } = path;
  if (hop === undefined) return { id: `gateway ${cluster}/${zone}`, zone, cluster, ...callee };
  return { id: callerId(hop), zone: hop.zone, hop, ...callee };
}

/** Who called a service. */
type Calling = {
  readonly before: ReadonlyMap<string, CallingPod>;
  readonly during: ReadonlyMap<string, CallingPod>;
  /** Calls while faults were on, by the callers' zone. */
  readonly calls: ReadonlyMap<string, number>;
};

/** Which pods answered and which called which service, before the first fault and while faults were on. */
export class CallerBook {
  readonly #rules: readonly GoodRequest[];
  readonly #chains: ChainRef[] = [];
  /** By chain and rule: answers before the first fault, then answers while faults were on. */
  #counts = new Float64Array(2048);

  /** `rules`: what is good on some path. */
  constructor(rules: readonly GoodRequest[]) {
    this.#rules = rules;
  }

  define(chain: ChainRef): void {
    this.#chains[chain.id] = chain;
    if (this.#slotOf(chain.id + 1, 0) <= this.#counts.length) return;
    const larger = new Float64Array(this.#counts.length * 2);
    larger.set(this.#counts);
    this.#counts = larger;
  }

  see({ rule }: PathStream, chain: ChainRef, segment: Segment, n = 1): void {
    if (segment.part !== 'baseline' && segment.part !== 'stage') return;
    const slot = this.#slotOf(chain.id, rule.index) + (segment.part === 'stage' ? 1 : 0);
    this.#counts[slot] = (this.#counts[slot] as number) + n;
  }

  /** Pods that called `service` before the first fault and while faults were on, by id; and calls of the latter by zone. */
  of(service: string): Calling {
    const calling = {
      before: new Map<string, CallingPod>(),
      during: new Map<string, CallingPod>(),
      calls: new Map<string, number>(),
    };
    for (const { chain, rule, before, during } of this.#counted()) {
      for (const pod of callersIn(chain, service, rule)) {
        if (before > 0) calling.before.set(callerId(pod), pod);
        if (during === 0) continue;
        calling.during.set(callerId(pod), pod);
        calling.calls.set(pod.zone, (calling.calls.get(pod.zone) ?? 0) + during);
      }
    }
    return calling;
  }

  /** How often the pod of each address and zone (`addressOf`) answered as a service before the first fault. */
  answersOf(service: string): ReadonlyMap<string, number> {
    const answers = new Map<string, number>();
    for (const { id, chain } of this.#chains) {
      for (const hop of chain.hops) {
        if (hop.service !== service || hop.ip === '') continue;
        const address = addressOf(hop);
        const before = this.#rules.reduce((sum, _, rule) => sum + (this.#counts[this.#slotOf(id, rule)] as number), 0);
        answers.set(address, (answers.get(address) ?? 0) + before);
      }
    }
    return answers;
  }

  /** Every chain that answered, by the rule of the paths that it answered on. */
  *#counted() {
    for (const chain of this.#chains) {
      for (const rule of this.#rules.keys()) {
        const slot = this.#slotOf(chain.id, rule);
        const [before, during] = [this.#counts[slot] as number, this.#counts[slot + 1] as number];
        if (before + during > 0) yield { chain, rule, before, during };
      }
    }
  }

  #slotOf(chain: number, rule: number): number {
    return (chain * this.#rules.length + rule) * 2;
  }
}

/** The hops that called a service, the one whose call of it failed included. */
function callersIn({ chain: { hops }, callers, missing }: ChainRef, service: string, rule: number): CallingPod[] {
  const calling = new Set(callers.filter((_, i) => hops[i]?.service === service));
  if (missing[rule]?.service === service) calling.add(missing[rule].caller);
  return hops.filter((hop, i) => hop.ip !== '' && calling.has(i));
}
