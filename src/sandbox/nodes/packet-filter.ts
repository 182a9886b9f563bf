import { createSignal } from '../api/signal.ts';

/** A packet of TCP, as far as rules look at it. */
type Packet = {
  readonly from: string;
  readonly to: string;
  readonly sport?: number;
  readonly dport?: number;
};

/** What a rule asks of a packet; what it does not ask matches all. */
export type Match = {
  readonly source?: string;
  readonly destination?: string;
  readonly sport?: number;
  readonly dport?: number;
  /** Only packets that stay inside the pod, of which the sandbox has none. */
  readonly loopback?: boolean;
};

export type Rule = { readonly match: Match; readonly target: string; packets: number; readonly text: string };

/** The builtin chains of the table `filter` that packets of a pod pass. */
type Hook = 'INPUT' | 'OUTPUT';

/** The table `filter` of one pod's network: chains of rules, which commands in its containers write. */
export class PacketFilter {
  readonly chains = new Map<string, Rule[]>([
    ['INPUT', []],
    ['OUTPUT', []],
  ]);

  /** Whether a packet gets through. Rules that it meets count it. */
  passes(hook: Hook, packet: Packet): boolean {
    return this.#walk(hook, packet) !== 'DROP';
  }

  /** The verdict of a chain; undefined where the packet comes out at its end, or by RETURN. */
  #walk(chain: string, packet: Packet): 'ACCEPT' | 'DROP' | undefined {
    for (const rule of this.chains.get(chain) ?? []) {
      if (!matches(rule.match, packet)) continue;
      rule.packets += 1;
      if (rule.target === 'RETURN') return undefined;
      if (rule.target === 'DROP' || rule.target === 'ACCEPT') return rule.target;
      const verdict = this.#walk(rule.target, packet);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }
}

function matches({ source, destination, sport, dport, loopback }: Match, packet: Packet): boolean {
  return (
    loopback !== true &&
    (source === undefined || source === packet.from) &&
    (destination === undefined || destination === packet.to) &&
    (sport === undefined || sport === packet.sport) &&
    (dport === undefined || dport === packet.dport)
  );
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

  /** Whether a request to a port gets there and its answer back. */
  carry(from: string, to: string, port: number): boolean {
    const there = { from, to, dport: port };
    const back = { from: to, to: from, sport: port };
    return (
      this.#passes(from, 'OUTPUT', there) &&
      this.#passes(to, 'INPUT', there) &&
      this.#passes(to, 'OUTPUT', back) &&
      this.#passes(from, 'INPUT', back)
    );
  }

  #passes(ip: string, hook: Hook, packet: Packet): boolean {
    return this.#byIp.get(ip)?.passes(hook, packet) ?? true;
  }
}
