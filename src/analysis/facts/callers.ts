import type { Chain } from '../../model/record.ts';
import type { ChainRef } from '../ingest/chains.ts';
import type { PathStream } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';

/** The calling proxy that is blamed for a bad request. */
export type Caller = { readonly id: string; readonly zone: string };

/** A pod of the call chain that made a call. */
export type CallingPod = { readonly service: string; readonly zone: string; readonly ip: string };

export const callerId = ({ service, zone, ip }: CallingPod): string => `${service} ${zone}${ip === '' ? '' : ` ${ip}`}`;

/** The last hop that was parsed made the call that failed; the gateway did when none was, or none failed. */
export function blame(chain: Chain | undefined, path: PathStream): Caller {
  const last = chain?.hops.at(-1);
  if (last === undefined) return { id: `gateway ${path.cluster}/${path.zone}`, zone: path.zone };
  return { id: callerId(last), zone: last.zone };
}

const BEFORE = 1;
const DURING = 2;

/** Which pods called which service, before the first fault and while faults were on. */
export class CallerBook {
  readonly #chainServices: readonly string[];
  readonly #chains: ChainRef[] = [];
  #flags = new Uint8Array(1024);

  /** `services`: the call chain of a good request. */
  constructor(services: readonly string[]) {
    this.#chainServices = services;
  }

  define(chain: ChainRef): void {
    this.#chains[chain.id] = chain;
    if (chain.id < this.#flags.length) return;
    const larger = new Uint8Array(this.#flags.length * 2);
    larger.set(this.#flags);
    this.#flags = larger;
  }

  see(chain: ChainRef, segment: Segment): void {
    const flag = segment.part === 'baseline' ? BEFORE : segment.part === 'stage' ? DURING : 0;
    this.#flags[chain.id] = (this.#flags[chain.id] as number) | flag;
  }

  /** Pods that called `service` before the first fault, and while faults were on; by id. */
  of(service: string): {
    readonly before: ReadonlyMap<string, CallingPod>;
    readonly during: ReadonlyMap<string, CallingPod>;
  } {
    const before = new Map<string, CallingPod>();
    const during = new Map<string, CallingPod>();
    for (const chain of this.#chains) {
      const flags = this.#flags[chain.id] as number;
      if (flags === 0) continue;
      for (const pod of this.#callersOf(chain.chain, service)) {
        if ((flags & BEFORE) !== 0) before.set(callerId(pod), pod);
        if ((flags & DURING) !== 0) during.set(callerId(pod), pod);
      }
    }
    return { before, during };
  }

  /** A hop called what comes after it: the next hop, or, where the chain broke off, the service that should come next. */
  #callersOf({ hops }: Chain, service: string): CallingPod[] {
    return hops.filter((hop, i) => hop.ip !== '' && (hops[i + 1]?.service ?? this.#chainServices[i + 1]) === service);
  }
}
