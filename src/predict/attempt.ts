import type { AttemptLimits, Sent } from '../mesh/call.ts';
import { carriedAtLast, synPauses } from '../mesh/retransmission.ts';
import type { PacketEffect } from '../model/fault-move.ts';
import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { SimPod } from './world.ts';

/** The two ends of an attempt. */
type Ends = { readonly from: SimPod; readonly to: SimPod; readonly port: number };

/** What becomes of the packets of one attempt on their way. */
type Fate = { readonly kind: 'carried' | 'refused' | 'dropped' | 'lost'; readonly tripMs: Millis };

/**
 * The attempts of proxies over connections that they keep, and what ends those that come to no end: the limits of route and
 * cluster (Envoy: connect_timeout until there is a connection, the timeout of a try from then on, that of the route all the while).
 */
export class Attempts {
  /** Kept connections, by their ends. */
  readonly #kept = new Map<string, number>();
  readonly #time: VirtualTime;
  readonly #random: Random;

  constructor(time: VirtualTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** One attempt; `isStuck` is called where it hangs and no limit will end it. */
  send<R>(ends: Ends, limits: AttemptLimits, exchange: () => Promise<Sent<R>>, isStuck: () => void): Promise<Sent<R>> {
    const over = new AbortController();
    const late = Promise.withResolvers<Sent<R>>();
    let connected = false;
    const endAfter = (ms: Millis | undefined): void => {
      if (ms === undefined) return;
      void this.#time.sleep(ms).then(() => {
        over.abort();
        late.resolve({ outcome: { kind: 'timeout' }, ...(connected ? {} : { hostless: true }) });
      });
    };
    const onConnected = (): void => {
      connected = true;
      endAfter(limits.perTryTimeoutMs);
    };
    endAfter(limits.timeoutMs);
    const hangs = limits.timeoutMs === undefined && limits.perTryTimeoutMs === undefined ? isStuck : () => {};
    const sent = this.#send(ends, limits, { exchange, onConnected, hangs, signal: over.signal });
    return Promise.race([late.promise, sent]);
  }

  async #send<R>(ends: Ends, { connectTimeoutMs }: AttemptLimits, sending: Sending<R>): Promise<Sent<R>> {
    const key = `${ends.from.ip} ${ends.to.ip}`;
    const kept = this.#kept.get(key) ?? 0;
    const fate = this.#fate(ends);
    if (kept > 0) this.#kept.set(key, kept - 1);
    if (fate.kind === 'refused') return { outcome: { kind: kept > 0 ? 'reset' : 'connect-refused' } };
    if (kept === 0) {
      const takesMs = fate.tripMs + this.#connectMs(fate.kind, ends);
      await this.#time.sleep(Math.min(takesMs, connectTimeoutMs));
      if (takesMs > connectTimeoutMs) return { outcome: { kind: 'connect-timeout' } };
    }
    sending.onConnected();
    if (kept > 0) await this.#carry(fate.kind, ends, sending);
    if (fate.tripMs > 0) await this.#time.sleep(fate.tripMs);
    const sent = await sending.exchange();
    // A request that is reset closes its connection, and so does one that comes too late (HTTP/1.1).
    const isKept = sent.outcome.kind === 'response' && !sending.signal.aborted;
    if (isKept) this.#kept.set(key, (this.#kept.get(key) ?? 0) + 1);
    return sent;
  }

  /** A request on a kept connection, which is sent again until it gets through. */
  async #carry(kind: Fate['kind'], ends: Ends, { hangs, signal }: Sending<unknown>): Promise<void> {
    if (kind === 'lost') await carriedAtLast(() => this.#fate(ends).kind !== 'lost', this.#time, signal);
    if (kind !== 'dropped') return;
    hangs();
    await new Promise(() => {});
  }

  /** How long the first packet of a connection is sent again, until one gets through. */
  #connectMs(kind: Fate['kind'], ends: Ends): Millis {
    if (kind === 'carried') return 0;
    if (kind !== 'lost') return Number.POSITIVE_INFINITY;
    let ms = 0;
    for (const pause of synPauses()) {
      ms += pause;
      if (this.#fate(ends).kind !== 'lost' || ms > LONGEST_MS) break;
    }
    return ms;
  }

  #fate({ from, to, port }: Ends): Fate {
    const acting = [...effectsOf(to, 'in', port), ...effectsOf(from, 'out', port)];
    let tripMs = 0;
    let isLost = false;
    for (const effect of acting) {
      if (effect.kind === 'delay') tripMs += effect.ms;
      // There and back.
      else if (effect.kind === 'loss') isLost ||= this.#random() < effect.ratio || this.#random() < effect.ratio;
      else return { kind: effect.kind === 'refuse' ? 'refused' : 'dropped', tripMs };
    }
    return { kind: isLost ? 'lost' : 'carried', tripMs };
  }
}

function effectsOf({ packets }: SimPod, calls: 'in' | 'out', port: number): PacketEffect[] {
  const isHit = packets !== undefined && [calls, 'both'].includes(packets.calls);
  return isHit && (packets.port ?? port) === port ? [packets.effect] : [];
}

/** Longer than any connection is waited for. */
const LONGEST_MS: Millis = 600_000;

type Sending<R> = {
  readonly exchange: () => Promise<Sent<R>>;
  readonly onConnected: () => void;
  readonly hangs: () => void;
  readonly signal: AbortSignal;
};
