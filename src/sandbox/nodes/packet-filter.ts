import type { Random } from '../../model/ports.ts';
import type { Millis } from '../../model/units.ts';
import { createSignal } from '../api/signal.ts';

/** A packet, as far as rules look at it. */
export type Packet = {
  readonly protocol: Protocol;
  readonly from: string;
  readonly to: string;
  readonly sport?: number;
  readonly dport?: number;
  /** The port that the connection was made to, and whether this packet answers who made it. */
  readonly called: number;
  readonly answers: boolean;
};

/** Calls go over TCP; a name is asked for over UDP. */
export type Protocol = 'tcp' | 'udp';

export type Rule = {
  /** Whether the rule is about a packet. */
  readonly matches: (packet: Packet) => boolean;
  /** Share of the packets that it is about which it takes. */
  readonly share: number;
  readonly target: string;
  /** Where the target is CLASSIFY: the class of the pod's queues. */
  readonly queue?: string;
  packets: number;
  readonly text: string;
};

/** The builtin chains that packets of a pod pass. */
type Hook = 'INPUT' | 'OUTPUT';
export type Table = 'filter' | 'mangle';

/** What becomes of a packet, or of a request and its answer. */
export type Fate = 'carried' | 'dropped' | 'refused';

/** The queues of a pod's interface: how long packets of a class wait. */
export type Queues = { root: string | undefined; readonly waitMs: Map<string, Millis> };

/** Luck that no rule about a share of the packets takes any. */
export const SPARED: Random = () => 1;

const builtin = () =>
  new Map<string, Rule[]>([
    ['INPUT', []],
    ['OUTPUT', []],
  ]);

/** The rules and queues of one pod's network, which commands in its containers write. */
export class PacketFilter {
  readonly tables: Readonly<Record<Table, Map<string, Rule[]>>> = { filter: builtin(), mangle: builtin() };
  readonly queues: Queues = { root: undefined, waitMs: new Map() };

  /** Whether a packet gets through. Rules that it meets count it. */
  fate(hook: Hook, packet: Packet, luck: Random): Fate {
    const verdict = this.#walk('filter', hook, packet, luck, () => {});
    return verdict === 'DROP' ? 'dropped' : verdict === 'REJECT' ? 'refused' : 'carried';
  }

  /** How long a packet that leaves waits in a queue. */
  waitMs(packet: Packet, luck: Random): Millis {
    if (this.queues.waitMs.size === 0) return 0;
    let queue = '';
    this.#walk('mangle', 'OUTPUT', packet, luck, (own) => {
      queue = own;
    });
    return this.queues.waitMs.get(queue) ?? 0;
  }

  /** The verdict of a chain; undefined where the packet comes out at its end, or by RETURN. */
  #walk(
    table: Table,
    chain: string,
    packet: Packet,
    luck: Random,
    classify: (queue: string) => void,
  ): Verdict | undefined {
    for (const rule of this.tables[table].get(chain) ?? []) {
      if (!takes(rule, packet, luck)) continue;
      rule.packets += 1;
      const { target, queue } = rule;
      if (target === 'RETURN') return undefined;
      if (isVerdict(target)) return target;
      if (queue !== undefined) classify(queue);
      else {
        const verdict = this.#walk(table, target, packet, luck, classify);
        if (verdict !== undefined) return verdict;
      }
    }
    return undefined;
  }
}

type Verdict = 'ACCEPT' | 'DROP' | 'REJECT';

function isVerdict(target: string): target is Verdict {
  return target === 'ACCEPT' || target === 'DROP' || target === 'REJECT';
}

function takes({ matches, share }: Rule, packet: Packet, luck: Random): boolean {
  return matches(packet) && (share >= 1 || luck() < share);
}

/** The filters of all pods, by address. */
export class PacketFilters {
  /** Fires when somebody may have written rules. */
  readonly changed = createSignal();
  readonly #byIp = new Map<string, PacketFilter>();

  /** The filter of a pod's network; empty at first. */
  of(ip: string): PacketFilter {
    const known = this.#byIp.get(ip) ?? new PacketFilter();
    this.#byIp.set(ip, known);
    return known;
  }

  /** A pod's network is gone. */
  remove(ip: string): void {
    this.#byIp.delete(ip);
  }

  /** Whether a request to a port gets there and its answer back: the first filter on the way that does not let it decides. */
  fate(from: string, to: string, port: number, luck: Random, protocol: Protocol = 'tcp'): Fate {
    if (this.#byIp.size === 0) return 'carried';
    const { there, back } = packetsOf(protocol, from, to, port);
    const ways = [[from, 'OUTPUT', there] as const, [to, 'INPUT', there] as const];
    for (const [ip, hook, packet] of [...ways, [to, 'OUTPUT', back] as const, [from, 'INPUT', back] as const]) {
      const fate = this.#byIp.get(ip)?.fate(hook, packet, luck) ?? 'carried';
      if (fate !== 'carried') return fate;
    }
    return 'carried';
  }

  /** How long a request and its answer wait in queues on their way. */
  waitMs(from: string, to: string, port: number, luck: Random): Millis {
    const { there, back } = packetsOf('tcp', from, to, port);
    return (this.#byIp.get(from)?.waitMs(there, luck) ?? 0) + (this.#byIp.get(to)?.waitMs(back, luck) ?? 0);
  }
}

function packetsOf(protocol: Protocol, from: string, to: string, port: number): { there: Packet; back: Packet } {
  return {
    there: { protocol, from, to, dport: port, called: port, answers: false },
    back: { protocol, from: to, to: from, sport: port, called: port, answers: true },
  };
}
