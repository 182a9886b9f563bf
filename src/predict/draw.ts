import type { Random } from '../model/ports.ts';
import { slowestRate } from '../model/rates.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Path } from '../model/target.ts';
import type { Millis } from '../model/units.ts';
import type { CallingProxy } from './calling-proxy.ts';
import { Istiod } from './istiod.ts';
import { type LiveSystem, networkGateways } from './live-system.ts';
import type { Move } from './moves.ts';
import { killPods, rollOut, scaleDown } from './rollout.ts';
import { type CallerLoad, loadsOf } from './shares.ts';
import { beginsStage, isAwaited } from './stages.ts';
import { isStuck, lastEjection, lastsUntil, longestWindow } from './standstill.ts';
import { type Crossing, type Ends, type Hanging, type Request, Traffic } from './traffic.ts';
import { VirtualTime } from './virtual-time.ts';
import { type SimPod, World } from './world.ts';

/** What is predicted, and from what. */
export type Question = {
  readonly system: LiveSystem;
  readonly scenario: Scenario;
  readonly paths: readonly Path[];
  /** `namespace/name` of the services of the call chain. */
  readonly chain: readonly string[];
  /** Which of them calls each of them (model/callees.ts). */
  readonly callers: readonly (number | undefined)[];
  readonly moves: readonly Move[];
  /** Those of them whose pods the faults hit. */
  readonly hit: readonly string[];
};

/** A span that was left out because calls went on failing as in the sample before it. */
export type Skip = {
  readonly from: Millis;
  readonly to: Millis;
  readonly sample: readonly Request[];
};

/** One stage of one draw. */
export type DrawnStage = {
  readonly start: Millis;
  readonly end: Millis;
  /** When the faults of the stage had taken effect; undefined where they never did. */
  readonly effect: Millis | undefined;
  /** Those that are on. */
  readonly faults: readonly string[];
  readonly skipped: readonly Skip[];
  readonly loads: readonly CallerLoad[];
  /** Pods that serve at its end. */
  readonly serving: readonly SimPod[];
  /** Ejections carried out, and prevented, by all callers so far, by service. */
  readonly ejections: ReadonlyMap<string, { readonly enforced: number; readonly overflow: number }>;
};

export type Draw = {
  readonly requests: readonly Request[];
  readonly stages: readonly DrawnStage[];
  /** Where a call left its network, and all after it means nothing. */
  readonly crossing?: Crossing | undefined;
  /** Where a call hangs that no timeout ends, and all after it means nothing. */
  readonly hanging?: Hanging | undefined;
  /** How attempts failed, by who called what. */
  readonly ends: Ends;
};

/** Long enough for proxies to have been there before. */
const START_MS = 10_000_000;
const WARM_UP_MS = 1500;
const STEP_MS = 250;
/** Nothing has happened for so long: nothing will until the next event. */
const QUIET_MS = 2500;
/** And so many calls of each path. */
const QUIET_CALLS = 8;
/** Failing for so long with nobody to eject it: failing on. */
const FAILING_MS = 6000;
const RECENT_MS = 1000;
const SAMPLE_MS = 4000;
/** As long as nothing changes, where a fault hits a share of the calls. */
const PARTIAL_MS = 10_000;
/** A fault that is not proven by then ends the run: the limit of the kind that waits longest, for a rollout. */
const PROOF_MS = 90_000;
/** Longest time from the end of a removed pod's preStop hook until the run sees that the pod is gone. */
const ENDS_MS = 500;
/** A sidecar lets go of its listeners from before at once where nobody is connected, and at the latest then (Istio: drainDuration). */
const DRAINED_MS = 45_000;
/** Until a container that is put into a pod has begun, where the node has its image. */
const BEGINS_MS = { from: 500, to: 5000 };
/** From the effect to what the run's look at the cluster says of it. */
const LOOK_MS = 300;

/** Plays a run once, up to its undo, with one kind of luck. */
export function draw(question: Question, random: Random): Promise<Draw> {
  return new Play(question, random).run();
}

/** Whether its application has no call: its sidecar answers all of them, or no packet of one comes through. */
function isSilenced({ injected, packets, services }: SimPod): boolean {
  if (injected?.status !== undefined && injected.percent === 1) return true;
  if (packets === undefined || packets.calls === 'out' || !['drop', 'refuse'].includes(packets.effect.kind))
    return false;
  const { port } = packets;
  return port === undefined || services.some(({ ports }) => Object.values(ports).includes(port));
}

const workloadKey = ({ cluster, namespace, workload }: SimPod) => `${cluster}/${namespace}/${workload}`;

type Open = Pick<DrawnStage, 'start' | 'faults'> & { effect: Millis | undefined };

class Play {
  readonly #question: Question;
  readonly #time = new VirtualTime(START_MS);
  readonly #random: Random;
  readonly #world: World;
  readonly #istiods: ReadonlyMap<string, Istiod>;
  readonly #traffic: Traffic;
  readonly #stages: DrawnStage[] = [];
  #skipped: Skip[] = [];
  #stage: Open = { start: START_MS, effect: undefined, faults: [] };

  constructor(question: Question, random: Random) {
    const { system, scenario, paths, chain, callers } = question;
    const time = this.#time;
    const world = new World(system.pods, time, random);
    const gateways = networkGateways(system);
    const istiods = new Map(
      system.clusters.map((live) => [live.name, new Istiod(live, { world, time, random, gateways })]),
    );
    this.#question = question;
    this.#random = random;
    this.#world = world;
    this.#istiods = istiods;
    this.#traffic = new Traffic({ scenario, paths, chain, callers, world, istiods, time, random });
  }

  async run(): Promise<Draw> {
    await this.#pass(WARM_UP_MS);
    const isOn = await this.#inject();
    if (isOn) await this.#pass(this.#question.scenario.phases.holdMs);
    this.#close();
    const { requests, crossing, hanging, ends } = this.#traffic;
    return { requests, stages: this.#stages, crossing, hanging, ends };
  }

  /** Injects the faults as a run does. Resolves to false where one did not take effect, which ends the run. */
  async #inject(): Promise<boolean> {
    const { moves } = this.#question;
    const effects: Promise<void>[] = [];
    const began = this.#time.ms;
    for (const [index, move] of moves.entries()) {
      await this.#pass(began + move.afterMs - this.#time.ms);
      this.#open(move.fault);
      effects.push(this.#make(move));
      if (!isAwaited(moves, index) && index < moves.length - 1) continue;
      this.#stage.effect = await this.#until(Promise.all(effects));
      if (this.#stage.effect === undefined) return false;
      if (move.kind !== 'removal') await this.#pass(LOOK_MS);
    }
    return true;
  }

  /** A fault comes into the stage that is open, or begins one. */
  #open(fault: string): void {
    const { ms } = this.#time;
    const { effect, faults } = this.#stage;
    if (faults.length > 0 && !(effect !== undefined && beginsStage(this.#question.scenario, effect, ms))) {
      this.#stage = { ...this.#stage, effect: undefined, faults: [...faults, fault] };
      return;
    }
    this.#close();
    this.#stage = { start: ms, effect: undefined, faults: [...faults, fault] };
  }

  /** A fault acts; resolves when it has taken effect. */
  async #make(move: Move): Promise<void> {
    const pods = this.#world.pods.filter(({ gone }) => !gone);
    if (move.kind === 'nothing' || move.kind === 'deaf') return;
    if (move.kind === 'caller-fault') return this.#addRoutes(move);
    if (!('victims' in move)) {
      const own = pods.filter(
        ({ cluster, namespace, workload }) =>
          cluster === move.cluster && namespace === move.namespace && workload === move.workload,
      );
      return move.kind === 'rollout'
        ? rollOut(this.#world, own, move.rollout)
        : scaleDown(this.#world, own, move.scale);
    }
    const victims = pods.filter(({ cluster, namespace, name }) =>
      move.victims.includes(`${cluster}/${namespace}/${name}`),
    );
    if (move.kind === 'removal') {
      await this.#world.react();
      for (const pod of victims) void this.#world.remove(pod);
      const hooks = victims.map(({ preStopMs }) => preStopMs);
      return this.#world.wait(Math.max(0, ...hooks) + ENDS_MS * this.#random());
    }
    if (move.kind === 'inbound-fault') return this.#injectInto(victims, move);
    if (move.kind === 'packets') return this.#disturb(victims, move);
    killPods(this.#world, victims, move.forced);
    if (move.everyMs !== undefined) void this.#killOn(victims, move.everyMs, move.forced);
  }

  /** All proxies that the cluster configures get the routes. */
  async #addRoutes({ cluster, routes }: Extract<Move, { kind: 'caller-fault' }>): Promise<void> {
    const served = this.#question.system.clusters.filter(({ configuredBy }) => configuredBy === cluster);
    await Promise.all(served.map(({ name }) => this.#istiods.get(name)?.addRoutes(routes)));
  }

  /** It acts when the sidecars have it, and is proven when they have let go of the listeners from before. */
  async #injectInto(
    victims: readonly SimPod[],
    { cluster, injected }: Extract<Move, { kind: 'inbound-fault' }>,
  ): Promise<void> {
    await this.#istiods.get(cluster)?.pushed();
    for (const pod of victims) pod.injected = injected;
    this.#world.changedAt = this.#time.ms;
    const luck = this.#random();
    await this.#world.wait(luck < 1 / 3 ? 0 : luck > 2 / 3 ? DRAINED_MS : DRAINED_MS * this.#random());
  }

  /** A container is put into the pods, whose rules act once it has begun. */
  async #disturb(victims: readonly SimPod[], { packets }: Extract<Move, { kind: 'packets' }>): Promise<void> {
    await this.#world.wait(BEGINS_MS.from + (BEGINS_MS.to - BEGINS_MS.from) * this.#random());
    for (const pod of victims) pod.packets = packets;
    this.#world.changedAt = this.#time.ms;
  }

  /** Each further round hits as many ready pods of the same workloads. */
  async #killOn(victims: readonly SimPod[], everyMs: Millis, forced: boolean): Promise<void> {
    const workloads = new Set(victims.map(workloadKey));
    for (;;) {
      await this.#world.wait(everyMs);
      const all = this.#world.pods.filter((pod) => pod.ready && workloads.has(workloadKey(pod)));
      killPods(this.#world, all.slice(0, victims.length), forced);
    }
  }

  /** Lets load go on until something has come true; returns when it did, undefined where it did not in time. */
  async #until(event: Promise<unknown>): Promise<Millis | undefined> {
    let at: Millis | undefined;
    void event.then(() => {
      at = this.#time.ms;
    });
    const end = this.#time.ms + PROOF_MS;
    await this.#time.runUntil(this.#time.ms);
    while (at === undefined && this.#time.ms < end) await this.#step(end);
    return at;
  }

  async #pass(ms: Millis): Promise<void> {
    const end = this.#time.ms + ms;
    while (this.#time.ms < end) await this.#step(end);
  }

  /** A little time with load, or a long one without where nothing would change. */
  async #step(end: Millis): Promise<void> {
    const from = this.#time.ms;
    const to = Math.min(end, from + STEP_MS);
    const { until, isFailing } = this.#standsUntil();
    const still = Math.min(end, until);
    if (still <= to) return this.#traffic.send(to);
    const { requests } = this.#traffic;
    if (isFailing) {
      const lengthMs = this.#isPartial ? PARTIAL_MS : SAMPLE_MS;
      this.#skipped.push({ from, to: still, sample: requests.filter(({ due }) => due >= from - lengthMs) });
    }
    await this.#time.runUntil(still);
  }

  /** How far nothing will change, and whether calls fail all the while; no further than now where that cannot be said. */
  #standsUntil(): { until: Millis; isFailing: boolean } {
    const { ms } = this.#time;
    const { badAt } = this.#traffic;
    const proxies = this.#proxies();
    const every = 1000 / slowestRate(this.#question.scenario.load);
    const calm = ms - Math.max(this.#world.changedAt, lastEjection(proxies, ms));
    // What hits a share of the calls spares some for a while: only a long look tells how many.
    if (this.#isPartial) {
      const until = Math.min(this.#world.nextAt - 1, lastsUntil(proxies, ms));
      const played = ms - (this.#skipped.at(-1)?.to ?? 0);
      return Math.min(calm, played) > PARTIAL_MS ? { until, isFailing: true } : { until: ms, isFailing: false };
    }
    const quiet = Math.max(QUIET_MS, 2 * longestWindow(proxies), QUIET_CALLS * every);
    // What was never tried may have been failing all along.
    const isHealthy = this.#traffic.requests.length > 0 && calm > quiet && ms - badAt > quiet;
    const isRecent = ms - badAt < Math.max(RECENT_MS, QUIET_CALLS * every);
    const isFailing = calm > Math.max(FAILING_MS, quiet) && isRecent && isStuck(proxies, ms);
    const until = Math.min(this.#world.nextAt - 1, lastsUntil(proxies, ms));
    return { until: isHealthy || isFailing ? until : ms, isFailing };
  }

  /** Whether a fault is on that hits a share of the calls. */
  get #isPartial(): boolean {
    const on = this.#question.moves.filter(({ fault }) => this.#stage.faults.includes(fault));
    return on.some((move) => {
      if (move.kind === 'caller-fault') return move.percent < 1;
      if (move.kind === 'packets') return move.packets.effect.kind === 'loss';
      return move.kind === 'inbound-fault' && move.injected.percent < 1;
    });
  }

  #proxies(): CallingProxy[] {
    return [...this.#istiods.values()].flatMap(({ proxies }) => [...proxies]);
  }

  #close(): void {
    const stage = this.#stage;
    if (stage.faults.length === 0) return;
    const { ms } = this.#time;
    const proxies = this.#proxies();
    const ejections = new Map<string, { enforced: number; overflow: number }>();
    for (const { called, way } of proxies) {
      if (way.kind !== 'mesh') continue;
      const { enforcedTotal, overflow } = way.proxy.counters(ms);
      const known = ejections.get(called.service) ?? { enforced: 0, overflow: 0 };
      const sum = { enforced: known.enforced + enforcedTotal, overflow: known.overflow + overflow };
      ejections.set(called.service, sum);
    }
    const seconds = (ms - (stage.effect ?? stage.start)) / 1000;
    const hit = proxies.filter(({ called }) => this.#question.hit.includes(called.service));
    const loads = loadsOf(hit, ms, seconds * slowestRate(this.#question.scenario.load));
    const serving = this.#world.pods.filter((pod) => pod.ready && pod.listed && !pod.dead && !isSilenced(pod));
    this.#stages.push({ ...stage, end: ms, skipped: this.#skipped, loads, serving, ejections });
    this.#skipped = [];
  }
}
