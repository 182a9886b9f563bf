import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { leastRequest } from './choice.ts';
import { type Host, newHost } from './host.ts';
import { choosePriority, type PriorityLoad, priorityHealth, priorityLoads } from './load.ts';
import { type Assignment, localityKey } from './locality.ts';
import { LocalityWheel } from './locality-wheel.ts';
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
 * One outbound cluster of one calling proxy (docs/mesh-model.md): its hosts, their ejections and who is called next. Time is an
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
  /** One for each priority: an update of one does not hold back the health of another. */
  #windows: MergeWindow[] = [];
  #priorities: Host[][] = [];
  /** One for each priority, where localities have weights. */
  #wheels: (LocalityWheel | undefined)[] = [];
  #loads: PriorityLoad[] = [];

  constructor(options: { settings: ClusterSettings; random: Random; now: Millis }) {
    this.#random = options.random;
    this.#settings = options.settings;
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

  /**
   * An EDS update: hosts are matched by address and locality, so an ejection outlives renumbering but not a restart (A6).
   * Priorities whose hosts came or went are delivered at once; a change of readiness alone merges (Envoy:
   * upstream_impl.cc updateDynamicHostList).
   */
  setEndpoints(assignment: Assignment, now: Millis): void {
    this.#advance(now);
    const next = new Map<string, Host>();
    const touched = new Set<number>();
    const mergeable = new Set<number>();
    for (const { endpoint, priority } of assignment.endpoints) {
      const known = this.#hosts.get(endpoint.address);
      const same = known !== undefined && localityKey(known.endpoint.locality) === localityKey(endpoint.locality);
      const host = same ? known : newHost(endpoint, priority);
      if (!same || host.priority !== priority) touched.add(priority).add(host.priority);
      else if (host.ready !== endpoint.ready) mergeable.add(priority);
      host.endpoint = endpoint;
      host.priority = priority;
      host.ready = endpoint.ready;
      next.set(endpoint.address, host);
    }
    this.#forget(new Set(next.values()), touched);
    for (const host of next.values()) this.#detector?.add(host);
    this.#hosts = next;
    this.#weights = assignment.localityWeights;
    for (const priority of touched) this.#deliver(priority, now);
    for (const priority of mergeable) if (!touched.has(priority)) this.#healthChanged(priority, now);
  }

  /** A CDS update that alters the cluster: every host is new, every ejection gone, the sweep's phase restarts (A6). */
  rebuild(settings: ClusterSettings, assignment: Assignment, now: Millis): void {
    this.#advance(now);
    this.setEndpoints({ endpoints: [] }, now);
    this.#settings = settings;
    this.#windows = [];
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
    if (this.#detector?.report(host, outcome, now)) this.#ejectionsChanged(now);
  }

  #newDetector(now: Millis): OutlierDetector | undefined {
    const { outlier } = this.#settings;
    return outlier === undefined ? undefined : new OutlierDetector(outlier, this.#counters, this.#random, now);
  }

  /** Hosts that EDS no longer has; notes their priorities. */
  #forget(kept: ReadonlySet<Host>, touched: Set<number>): void {
    for (const host of this.#hosts.values()) {
      if (kept.has(host)) continue;
      touched.add(host.priority);
      host.removed = true;
      this.#detector?.remove(host);
    }
  }

  #advance(now: Millis): void {
    this.#detector?.skipIdle(now);
    for (;;) {
      const sweepAt = this.#detector?.nextSweep ?? Number.POSITIVE_INFINITY;
      const [dueAt, priority] = this.#nextDelivery();
      if (Math.min(sweepAt, dueAt) > now) return;
      if (dueAt <= sweepAt) this.#deliver(priority, dueAt);
      else if (this.#detector?.sweep()) this.#ejectionsChanged(sweepAt);
    }
  }

  #nextDelivery(): [dueAt: Millis, priority: number] {
    let next: [Millis, number] = [Number.POSITIVE_INFINITY, 0];
    for (const [priority, { dueAt }] of this.#windows.entries()) {
      if (dueAt !== undefined && dueAt < next[0]) next = [dueAt, priority];
    }
    return next;
  }

  /** An ejection or its end is news in every priority (Envoy: upstream_impl.cc reloadHealthyHostsHelper). */
  #ejectionsChanged(now: Millis): void {
    for (const priority of this.#priorities.keys()) this.#healthChanged(priority, now);
  }

  #healthChanged(priority: number, now: Millis): void {
    if (this.#windowOf(priority).healthChanged(now)) this.#deliver(priority, now);
  }

  #windowOf(priority: number): MergeWindow {
    this.#windows[priority] ??= new MergeWindow(this.#settings.mergeWindowMs);
    return this.#windows[priority];
  }

  /** Workers take over the hosts of a priority and their health. */
  #deliver(priority: number, now: Millis): void {
    this.#windowOf(priority).delivered(now);
    const hosts = [...this.#hosts.values()].filter((host) => host.priority === priority);
    for (const host of hosts) host.usable = host.ready && host.ejectedAt === undefined;
    while (this.#priorities.length <= priority) this.#priorities.push([]);
    this.#priorities[priority] = hosts;
    this.#wheels[priority] = this.#weights === undefined ? undefined : new LocalityWheel(hosts, this.#weights);
    while (this.#priorities.at(-1)?.length === 0) this.#priorities.pop();
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
    const wheel = this.#wheels[index];
    if (wheel !== undefined) return leastRequest(wheel.next(), this.#random);
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
