import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { leastRequest, weightedLocality } from './choice.ts';
import { type Host, newHost } from './host.ts';
import { choosePriority, type PriorityLoad, priorityHealth, priorityLoads } from './load.ts';
import { type Assignment, localityKey } from './locality.ts';
import { MergeWindow } from './merge-window.ts';
import type { AttemptOutcome } from './outcome.ts';
import { type OutlierCounters, OutlierDetector, zeroCounters } from './outlier.ts';
import type { ClusterSettings } from './settings.ts';

/** What a retry would rather not hit again: tried hosts (previous_hosts) and tried priorities (previous_priorities). */
type Avoid = {
  readonly hosts: ReadonlySet<Host>;
  /** `host_selection_retry_max_attempts`: how often another draw is made before a tried host is accepted. */
  readonly redraws: number;
  readonly priorities: ReadonlySet<number>;
};

/**
 * One outbound cluster of one calling proxy (mesh.md B5): its hosts, their ejections and who is called next. Time is an
 * argument in milliseconds that never goes back; sweeps and due deliveries in between are made up for on every call, so
 * no timer runs and hours pass in milliseconds.
 */
export class ClientProxy {
  readonly #random: Random;
  readonly #counters = zeroCounters();
  #settings: ClusterSettings;
  #hosts = new Map<string, Host>();
  #weights: ReadonlyMap<string, number> | undefined;
  #detector: OutlierDetector | undefined;
  #window: MergeWindow;
  #priorities: Host[][] = [];
  #loads: PriorityLoad[] = [];

  constructor(options: { settings: ClusterSettings; random: Random; now: Millis }) {
    this.#random = options.random;
    this.#settings = options.settings;
    this.#window = new MergeWindow(options.settings.mergeWindowMs);
    this.#detector = this.#newDetector(options.now);
  }

  get settings(): ClusterSettings {
    return this.#settings;
  }

  /** Percent of picks by priority, as the workers see it now. */
  loads(now: Millis): readonly number[] {
    this.#advance(now);
    return this.#loads.map((entry) => entry.load);
  }

  hosts(now: Millis): readonly Host[] {
    this.#advance(now);
    return [...this.#hosts.values()];
  }

  counters(now: Millis): OutlierCounters {
    this.#advance(now);
    return this.#counters;
  }

  /** An EDS update: hosts are matched by address and locality, so an ejection outlives renumbering but not a restart (A6). */
  setEndpoints(assignment: Assignment, now: Millis): void {
    this.#advance(now);
    const next = new Map<string, Host>();
    let changed = false;
    for (const { endpoint, priority } of assignment.endpoints) {
      const known = this.#hosts.get(endpoint.address);
      const same = known !== undefined && localityKey(known.endpoint.locality) === localityKey(endpoint.locality);
      const host = same ? known : newHost(endpoint, priority);
      changed = changed || !same || host.priority !== priority;
      host.priority = priority;
      next.set(endpoint.address, host);
    }
    const kept = new Set(next.values());
    for (const host of this.#hosts.values()) {
      if (kept.has(host)) continue;
      changed = true;
      host.removed = true;
      this.#detector?.remove(host);
    }
    for (const host of kept) this.#detector?.add(host);
    this.#hosts = next;
    this.#weights = assignment.localityWeights;
    if (changed) this.#deliver(now);
  }

  /** A CDS update that alters the cluster: every host is new, every ejection gone, the sweep's phase restarts (A6). */
  rebuild(settings: ClusterSettings, assignment: Assignment, now: Millis): void {
    this.#advance(now);
    this.setEndpoints({ endpoints: [] }, now);
    this.#settings = settings;
    this.#window = new MergeWindow(settings.mergeWindowMs);
    this.#detector = this.#newDetector(now);
    this.setEndpoints(assignment, now);
  }

  /** The host for one attempt; undefined is `no healthy upstream`. Every chosen host must be reported exactly once. */
  choose(now: Millis, avoid?: Avoid): Host | undefined {
    this.#advance(now);
    let host = this.#draw(avoid?.priorities);
    for (let redraw = 0; avoid !== undefined && redraw < avoid.redraws; redraw += 1) {
      if (host === undefined || !avoid.hosts.has(host)) break;
      host = this.#draw(avoid.priorities);
    }
    if (host !== undefined) host.active += 1;
    return host;
  }

  /** How the attempt on a chosen host ended. */
  report(host: Host, outcome: AttemptOutcome, now: Millis): void {
    this.#advance(now);
    host.active = Math.max(0, host.active - 1);
    if (this.#detector?.report(host, outcome, now)) this.#healthChanged(now);
  }

  #newDetector(now: Millis): OutlierDetector | undefined {
    const { outlier } = this.#settings;
    return outlier === undefined ? undefined : new OutlierDetector(outlier, this.#counters, this.#random, now);
  }

  #advance(now: Millis): void {
    this.#detector?.skipIdle(now);
    for (;;) {
      const sweepAt = this.#detector?.nextSweep ?? Number.POSITIVE_INFINITY;
      const dueAt = this.#window.dueAt ?? Number.POSITIVE_INFINITY;
      if (Math.min(sweepAt, dueAt) > now) return;
      if (dueAt <= sweepAt) this.#deliver(dueAt);
      else if (this.#detector?.sweep()) this.#healthChanged(sweepAt);
    }
  }

  #healthChanged(now: Millis): void {
    if (this.#window.healthChanged(now)) this.#deliver(now);
  }

  /** Workers take over the current hosts and their health. */
  #deliver(now: Millis): void {
    this.#window.delivered(now);
    const hosts = [...this.#hosts.values()];
    const count = hosts.reduce((most, host) => Math.max(most, host.priority + 1), 0);
    this.#priorities = Array.from({ length: count }, () => []);
    for (const host of hosts) {
      host.usable = host.ejectedAt === undefined;
      this.#priorities[host.priority]?.push(host);
    }
    this.#loads = priorityLoads(this.#priorities.map(healthOf), this.#settings.panicThreshold);
  }

  #draw(avoided: ReadonlySet<number> | undefined): Host | undefined {
    const loads = avoided === undefined || avoided.size === 0 ? this.#loads : this.#loadsWithout(avoided);
    const index = choosePriority(
      loads.map((entry) => entry.load),
      this.#random(),
    );
    const hosts = this.#priorities[index] ?? [];
    if (loads[index]?.panic) return leastRequest(hosts, this.#random);
    if (this.#weights !== undefined) {
      return leastRequest(weightedLocality(hosts, this.#weights, this.#random), this.#random);
    }
    return leastRequest(
      hosts.filter((host) => host.usable),
      this.#random,
    );
  }

  /** Tried priorities count as empty; when that leaves nothing healthy, all count again (Envoy: previous_priorities). */
  #loadsWithout(avoided: ReadonlySet<number>): PriorityLoad[] {
    const rest = this.#priorities.map((hosts, index) =>
      avoided.has(index) ? { total: 0, healthy: 0 } : healthOf(hosts),
    );
    if (rest.every((health) => priorityHealth(health) === 0)) return this.#loads;
    return priorityLoads(rest, this.#settings.panicThreshold);
  }
}

function healthOf(hosts: readonly Host[]): { total: number; healthy: number } {
  return { total: hosts.length, healthy: hosts.filter((host) => host.usable).length };
}
