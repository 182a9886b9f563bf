import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import type { Host } from './host.ts';
import type { AttemptOutcome } from './outcome.ts';
import { EJECTION_KINDS, type EjectionKind, type OutlierSettings } from './settings.ts';

/** Envoy's outlier statistics of one cluster. Counters never go down; `active` is a gauge. */
export type OutlierCounters = {
  active: number;
  enforcedTotal: number;
  overflow: number;
  /** Deprecated `ejections_total`. */
  total: number;
  readonly detected: Record<EjectionKind, number>;
  readonly enforced: Record<EjectionKind, number>;
};

const zeroByKind = (): Record<EjectionKind, number> => ({
  consecutive_5xx: 0,
  consecutive_gateway_failure: 0,
  consecutive_local_origin_failure: 0,
});

export function zeroCounters(): OutlierCounters {
  return { active: 0, enforcedTotal: 0, overflow: 0, total: 0, detected: zeroByKind(), enforced: zeroByKind() };
}

/**
 * Envoy's outlier detector of one cluster in one proxy (Envoy: outlier_detection_impl.cc). The step from worker to main
 * thread takes well under a millisecond there and no time here. Methods return whether the health of a host changed.
 */
export class OutlierDetector {
  readonly #settings: OutlierSettings;
  readonly #random: Random;
  readonly #hosts = new Set<Host>();
  readonly #counters: OutlierCounters;
  #nextSweep: Millis;

  /** The sweep's phase starts with the cluster: its first run is one interval after `now`. */
  constructor(settings: OutlierSettings, counters: OutlierCounters, random: Random, now: Millis) {
    this.#settings = settings;
    this.#counters = counters;
    this.#random = random;
    this.#nextSweep = now + settings.intervalMs;
  }

  get nextSweep(): Millis {
    return this.#nextSweep;
  }

  add(host: Host): void {
    this.#hosts.add(host);
  }

  /** A removed host takes its ejection with it: the gauge goes down, no counter moves. */
  remove(host: Host): void {
    this.#hosts.delete(host);
    if (host.ejectedAt !== undefined) this.#counters.active -= 1;
  }

  /** Feeds the end of one attempt (Envoy: putHttpResponseCode, putResultWithLocalExternalSplit). */
  report(host: Host, outcome: AttemptOutcome, now: Millis): boolean {
    if (outcome.kind === 'abandoned' || outcome.kind === 'overflow' || host.removed) return false;
    if (!this.#settings.splitLocalOrigin) {
      return this.#onStatus(host, statusWithoutSplit(outcome), now);
    }
    const connected = outcome.kind !== 'connect-refused' && outcome.kind !== 'connect-timeout';
    if (connected) host.failures.consecutive_local_origin_failure = 0;
    if (outcome.kind === 'response') return this.#onStatus(host, outcome.status, now);
    return this.#count(host, 'consecutive_local_origin_failure', now);
  }

  /** The interval timer (Envoy: onIntervalTimer): ends ejections that have lasted long enough, lets backoff decay. */
  sweep(): boolean {
    const now = this.#nextSweep;
    let changed = false;
    for (const host of this.#hosts) {
      if (host.ejectedAt !== undefined) changed = this.#maybeUneject(host, host.ejectedAt, now) || changed;
      else this.#decay(host, now);
    }
    this.#nextSweep = now + this.#settings.intervalMs;
    return changed;
  }

  /** Jumps over sweeps up to `now` when none of them could change anything. */
  skipIdle(now: Millis): void {
    if (this.#nextSweep > now) return;
    for (const host of this.#hosts) if (host.ejectedAt !== undefined || host.backoff > 0) return;
    const missed = Math.floor((now - this.#nextSweep) / this.#settings.intervalMs) + 1;
    this.#nextSweep += missed * this.#settings.intervalMs;
  }

  #onStatus(host: Host, status: number, now: Millis): boolean {
    if (status < 500) {
      host.failures.consecutive_5xx = 0;
      host.failures.consecutive_gateway_failure = 0;
      return false;
    }
    let changed = false;
    if (status >= 502 && status <= 504) changed = this.#count(host, 'consecutive_gateway_failure', now);
    else host.failures.consecutive_gateway_failure = 0;
    return this.#count(host, 'consecutive_5xx', now) || changed;
  }

  /** Equality, not "at least": going past the threshold does not notify again. */
  #count(host: Host, kind: EjectionKind, now: Millis): boolean {
    host.failures[kind] += 1;
    if (host.failures[kind] !== this.#settings.rules[kind].threshold) return false;
    return this.#onConsecutive(host, kind, now);
  }

  #onConsecutive(host: Host, kind: EjectionKind, now: Millis): boolean {
    if (host.ejectedAt !== undefined) return false;
    this.#counters.detected[kind] += 1;
    const ejected = this.#eject(host, kind, now);
    host.failures[kind] = 0;
    return ejected;
  }

  /** Capacity is tested before the enforcing roll: an overflow is counted for rules that are never enforced, too. */
  #eject(host: Host, kind: EjectionKind, now: Millis): boolean {
    const { maxEjectionPercent, alwaysEjectOneHost, baseEjectionMs, maxEjectionMs, maxJitterMs } = this.#settings;
    const share = (100 * (this.#counters.active + 1)) / this.#hosts.size;
    const first = alwaysEjectOneHost && this.#counters.active === 0;
    if (share > Math.min(100, maxEjectionPercent) && !first) {
      this.#counters.overflow += 1;
      return false;
    }
    if (kind === 'consecutive_5xx') this.#counters.total += 1;
    if (Math.floor(this.#random() * 100) >= this.#settings.rules[kind].enforcing) return false;
    this.#counters.active += 1;
    this.#counters.enforcedTotal += 1;
    this.#counters.enforced[kind] += 1;
    host.ejectedAt = now;
    if (host.backoff * baseEjectionMs < maxEjectionMs + baseEjectionMs) host.backoff += 1;
    host.jitterMs = Math.floor(this.#random() * (maxJitterMs + 1));
    return true;
  }

  #maybeUneject(host: Host, ejectedAt: Millis, now: Millis): boolean {
    const { baseEjectionMs, maxEjectionMs } = this.#settings;
    const length = Math.min(baseEjectionMs * host.backoff, maxEjectionMs) + host.jitterMs;
    if (length > now - ejectedAt) return false;
    this.#counters.active -= 1;
    host.ejectedAt = undefined;
    host.lastUnejection = now;
    for (const kind of EJECTION_KINDS) host.failures[kind] = 0;
    return true;
  }

  #decay(host: Host, now: Millis): void {
    if (host.backoff === 0 || host.lastUnejection === undefined) return;
    if (now - host.lastUnejection >= this.#settings.intervalMs) host.backoff -= 1;
  }
}

/** Without the split, what happened locally becomes an HTTP code (Envoy: outlier_detection_impl.cc resultToHttpCode). */
function statusWithoutSplit(outcome: AttemptOutcome): number {
  if (outcome.kind === 'response') return outcome.status;
  return outcome.kind === 'timeout' ? 504 : 503;
}
