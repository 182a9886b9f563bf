import { alertsOf } from '../model/alert.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import type { Phase, RunHeader, RunStatus, StopSignal } from '../model/history.ts';
import { askedBeyondZone } from '../model/place.ts';
import type { LoadHandle, Stall } from '../model/ports.ts';
import { recoverOf } from '../model/recover-command.ts';
import { observeAlerts } from '../observe/alerts.ts';
import { observeAll } from '../observe/index.ts';
import { namedBy } from '../observe/named.ts';
import { QueryRecord } from './abort/query-record.ts';
import { AbortWatch } from './abort/watch.ts';
import { Announcement } from './announcement.ts';
import { byHandOf } from './by-hand.ts';
import { DeadMen } from './dead-man/keep.ts';
import { deadlineOf, withDeadline } from './deadline.ts';
import { endingCluster } from './ending.ts';
import { requireGuards } from './guards/index.ts';
import { missedRequirements } from './guards/requirements.ts';
import { holdFaults } from './hold.ts';
import { identifiedRun } from './identified-cluster.ts';
import { injectAll } from './inject.ts';
import { lookForLeftovers, withinLast } from './last-look.ts';
import { leasedUndo } from './leased-undo.ts';
import { Leases } from './leases.ts';
import { requirePermissions } from './permissions.ts';
import { requireUnchanged } from './plan.ts';
import { type PlannedRun, withClusters } from './planned-run.ts';
import { shownOutcome } from './shown.ts';
import { RunStopped, type StopReason, signalIn, throwIfStopped } from './stop.ts';
import { boundedUndo, undoBound } from './undo-bound.ts';
import { type OpenFault, undoAll } from './undo-stack.ts';
import type { RunPorts } from './wiring.ts';

/** How a run ended, as the machine knows it; the verdict is the analysis' business. */
export type RunEnd = { readonly status: RunStatus; readonly reason?: string; readonly signal?: StopSignal };

/** What an undo may take after the deadline, with load all the while. */
const LOAD_SLACK_MS = 600_000;
/** How often people hear from a running phase. */
const PROGRESS_MS = 250;

/**
 * The phase machine: baseline, inject, hold, undo, recover. Whatever happens between the first write and the last, the
 * undo runs: on success, failure, timeout and signals. Never rejects: what went wrong is the status, and in the history. Once
 * it has resolved nothing of the run goes on: whoever answers late, its clusters are asked for nothing more.
 */
export async function executeRun(planned: PlannedRun, header: RunHeader, ports: RunPorts): Promise<RunEnd> {
  const { history } = ports;
  history.append({ type: 'run-start', run: header });
  history.append({ type: 'prediction', prediction: planned.prediction });
  const deadline = withDeadline(ports.stop, deadlineOf(planned.scenario), ports.clock);
  const ended = new AbortController();
  const run = withClusters(identifiedRun(planned, ports.clock), (cluster) => endingCluster(cluster, ended.signal));
  const leases = new Leases(run, ports);
  const watch = new AbortWatch(run, leases, ports);
  const blind = new AbortController();
  const deadMen = new DeadMen(ports);
  const stop = AbortSignal.any([deadline.signal, leases.lost, watch.met, blind.signal, deadMen.lost]);
  const recover = recoverOf({ ...header, runId: run.runId });
  const machine = new Machine(leases, watch, { ...ports, stop }, { recover, blind, deadMen });
  const end = await machine.run().catch((error: unknown): RunEnd => ({ status: 'failed', reason: messageOf(error) }));
  await leases.release();
  ended.abort('the run has ended');
  deadline.release();
  history.append({ type: 'run-end', ...end });
  return end;
}

class Machine {
  readonly #run: PlannedRun;
  /** The same, asked for nothing once the run is told to stop. */
  readonly #untilStopped: PlannedRun;
  readonly #bound: ReturnType<typeof undoBound>;
  readonly #ports: RunPorts;
  readonly #stack: OpenFault[] = [];
  /** How to undo by hand what lies outside of its cluster and was not undone. */
  readonly #outside: { readonly cluster: string; readonly ref: string; readonly command: string }[] = [];
  readonly #observing = new AbortController();
  /** Aborted where what happens in the clusters cannot be observed any more. */
  readonly #blind: AbortController;
  readonly #announcement: Announcement;
  readonly #deadMen: DeadMen;
  readonly #leases: Leases;
  readonly #watch: AbortWatch;
  readonly #values: QueryRecord;
  /** The command that recovers this run. */
  readonly #recover: string;
  #load: LoadHandle | undefined;

  constructor(
    leases: Leases,
    watch: AbortWatch,
    ports: RunPorts,
    {
      recover,
      blind,
      deadMen,
    }: { readonly recover: string; readonly blind: AbortController; readonly deadMen: DeadMen },
  ) {
    this.#blind = blind;
    this.#deadMen = deadMen;
    this.#leases = leases;
    this.#watch = watch;
    this.#run = leases.injecting();
    this.#ports = ports;
    this.#recover = recover;
    this.#values = new QueryRecord(ports.history);
    this.#bound = undoBound(ports.stop, ports.clock);
    const refuse = () => new RunStopped(ports.stop.reason as StopReason);
    this.#untilStopped = withClusters(this.#run, (cluster) => endingCluster(cluster, ports.stop, refuse));
    this.#announcement = new Announcement(this.#untilStopped, ports, (...args) => leases.undoing(...args));
  }

  async run(): Promise<RunEnd> {
    const observing = this.#observe().catch((error: unknown) => {
      const message = `the clusters cannot be observed any more: ${messageOf(error)}`;
      this.#blind.abort({ kind: 'crash', message } satisfies StopReason);
    });
    let end: RunEnd = { status: 'completed' };
    try {
      await this.#experiment();
    } catch (error) {
      const { aborted, reason } = this.#ports.stop;
      // What fails once the run is told to stop fails for that.
      end = endOf(aborted ? new RunStopped(reason as StopReason) : error, this.#stack.length > 0);
    }
    this.#watch.disarm();
    this.#deadMen.end();
    const { clean, released } = await this.#putBack();
    if (end.status === 'completed') end = await this.#watchWayHome(clean);
    this.#watch.end();
    await this.#stopLoad();
    await this.#ports.settle();
    this.#observing.abort();
    // At once: one silent cluster is waited for once.
    const looked = this.#stack.length > 0 || !released ? this.#lookForLeftovers(clean) : undefined;
    await Promise.all([looked, withinLast(this.#ports.clock, observing, undefined)]);
    return end;
  }

  async #observe(): Promise<void> {
    const { history, clock } = this.#ports;
    const clusters = [...this.#run.clusters.values()].map(({ cluster }) => cluster);
    const { scenario, faults, target } = this.#run;
    const named = namedBy(
      scenario,
      faults.flatMap(({ plan }) => plan.affected),
    );
    const networks = new Map(
      target.clusters.flatMap(({ name, network }) => (network === undefined ? [] : [[name, network]])),
    );
    const bySubset = askedBeyondZone(scenario.expect).has('subset');
    const asked = { clusters, scope: target.observe, named, networks, bySubset };
    const alerts = alertsOf(scenario.expect);
    const { prometheus } = this.#run;
    await Promise.all([
      observeAll({ ...asked, history, clock }, this.#observing.signal),
      alerts.length > 0 && prometheus && observeAlerts(alerts, prometheus, this.#ports, this.#observing.signal),
    ]);
  }

  async #experiment(): Promise<void> {
    const { scenario, topology } = this.#run;
    const { engine, history, records, stop } = this.#ports;
    requirePermissions(this.#run);
    requireGuards(this.#run);
    throwIfStopped(stop);
    await this.#leases.take(stop);
    const onStall = ({ from, to }: Stall) => {
      history.append({ type: 'load-stall', from, to });
      this.#watch.doubt({ from, to });
    };
    this.#ports.hearBlind?.((stretch) => this.#watch.doubt(stretch));
    const order = {
      load: scenario.load,
      paths: topology.paths,
      file: records,
      zero: history.zero,
      signal: stop,
      onStall,
    };
    const longestMs = deadlineOf(scenario) + LOAD_SLACK_MS;
    this.#load = await engine.start({ ...order, longestMs }).catch((error: unknown) => {
      throwIfStopped(stop);
      throw error;
    });
    this.#watch.begin(this.#load);
    await this.#timed('baseline', scenario.phases.baselineMs);
    await this.#requireSteadyState();
    const proven = await this.#phase('inject', undefined, async () => {
      await this.#announcement.make((...armed) => this.#deadMen.keep(...armed));
      // What keeps a fault up goes on until its undo begins, and not after that was given up.
      const faults = withClusters(this.#run, (cluster) => endingCluster(cluster, this.#bound.over));
      const ready = async () => {
        await this.#requireSteadyState();
        await this.#requireGuards();
      };
      const injected = (open: OpenFault) => this.#deadMen.keepExpiry(open);
      return injectAll(faults, this.#ports, this.#stack, stop, { ready, injected });
    });
    if (!proven) return;
    const { holdMs } = scenario.phases;
    // A stop in it is one of the run: the phase after the undo says so.
    await this.#phase('hold', holdMs, () => holdFaults(this.#stack, holdMs, this.#ports));
  }

  /** At the end of the baseline, and again right before the first write: what is failing then was not broken by the fault. */
  async #requireSteadyState(): Promise<void> {
    // The judgement reaches to the last event; on a quiet cluster that may be the end of the baseline.
    const text = 'the steady state is judged up to here';
    const { t: until } = this.#ports.history.append({ type: 'notice', level: 'info', text });
    // What the requests have shown must be in the records before they are judged.
    await this.#ports.clock.sleep(this.#load?.lagMs ?? 0, this.#ports.stop);
    throwIfStopped(this.#ports.stop);
    const steady = await this.#ports.steadyState(until);
    this.#ports.history.append({ type: 'steady-state', when: 'before', ...steady });
    if (!steady.holds) throw new FaultlineError('STEADY_STATE', `nothing was injected: ${steady.detail}`);
    await this.#requireValues();
  }

  /** Somebody may have changed the clusters since the plan, so that what was little then would be all by now. */
  async #requireGuards(): Promise<void> {
    try {
      await requireUnchanged(this.#untilStopped);
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error;
      const what = `nothing was injected: right before the first fault ${error.message}`;
      throw new FaultlineError(error.code, what, { cause: error, ...(error.hint && { hint: error.hint }) });
    }
  }

  /** What the guard has asked may have changed in the meantime. */
  async #requireValues(): Promise<void> {
    const { scenario, prometheus } = this.#run;
    if (scenario.require === undefined || prometheus === undefined) return;
    const asked = this.#ports.history.now();
    const missed = await missedRequirements(scenario.require, prometheus, (index, { limit }, word) =>
      this.#values.note({ of: 'require', index }, limit, asked, word),
    );
    throwIfStopped(this.#ports.stop);
    if (missed.length === 0) return;
    const why = missed.map((one) => one.why).join('; ');
    throw new FaultlineError('FAULT_REFUSED', `nothing was injected: ${why}`);
  }

  /** `clean`: every fault is undone. `released`: no copy of the plans is left in a cluster. */
  async #putBack(): Promise<{ readonly clean: boolean; readonly released: boolean }> {
    const { over, release } = this.#bound;
    const clean = this.#stack.length === 0 || (await this.#undo(over));
    const released = clean && (await this.#announcement.takeBack(over));
    release();
    return { clean, released };
  }

  async #undo(over: AbortSignal): Promise<boolean> {
    const recover = this.#recover;
    const bound = { over, clock: this.#ports.clock, recover };
    const faults = this.#stack.map((open) => boundedUndo((givenUp) => this.#undoing(open, givenUp), bound));
    const onUndone = (name: string, open: readonly FaultPlan[]) => this.#announcement.closeIn(name, open, over);
    const outcomes = await this.#phase('undo', undefined, () =>
      undoAll(faults, { ...this.#ports, hurry: this.#ports.stop, recover, onUndone }),
    );
    // In the reverse order of injection, as all undos are told.
    const open = faults.toReversed().filter((_, at) => outcomes[at]?.state !== 'undone');
    if (open.length === 0) return true;
    await this.#tellByHand(open);
    await this.#announcement.close(
      open.map(({ plan }) => plan),
      over,
    );
    return false;
  }

  /** What lies outside of the clusters is none of what is looked for in them afterwards. */
  async #tellByHand(open: readonly OpenFault[]): Promise<void> {
    for (const { kind, plan, context } of open) {
      const nothing = { state: 'failed', detail: '', objects: [] } as const;
      const byHand = { ...nothing, ...(await byHandOf(plan, () => kind, context)) };
      const { commands } = shownOutcome(plan, byHand, this.#recover);
      const ref = `fault ${plan.fault}, outside of its cluster`;
      this.#outside.push(...commands.map((command) => ({ cluster: plan.cluster, ref, command })));
    }
  }

  #undoing(open: OpenFault, givenUp: AbortSignal): OpenFault {
    const { lockNamespace } = this.#run.target;
    const { cluster: name } = open.plan;
    const leased = this.#leases.undoing(name, givenUp);
    return leasedUndo(open, leased, lockNamespace, () => this.#leases.reclaim(name, givenUp));
  }

  async #lookForLeftovers(clean: boolean): Promise<void> {
    await lookForLeftovers(this.#run, this.#ports, { clean, recover: this.#recover, outside: this.#outside });
    if (clean) return;
    const text = `not everything could be put back: ${this.#recover}`;
    this.#ports.history.append({ type: 'notice', level: 'error', text });
  }

  async #stopLoad(): Promise<void> {
    if (this.#load === undefined) return;
    try {
      this.#ports.history.append({ type: 'load', ...(await this.#load.stop()) });
    } catch (error) {
      const degraded = [`the load engine failed: ${messageOf(error)}`];
      this.#ports.history.append({ type: 'load', counts: [], lateP99: 0, degraded });
    }
  }

  /** A phase that the clock ends; throws when the run is told to stop. */
  async #timed(phase: Phase, lastsMs: number): Promise<void> {
    await this.#phase(phase, lastsMs, () => this.#ports.clock.sleep(lastsMs, this.#ports.stop));
    throwIfStopped(this.#ports.stop);
  }

  /** The phase after the undo. A stop in one of these two has nothing more to undo, and is one all the same. */
  async #watchWayHome(clean: boolean): Promise<RunEnd> {
    try {
      throwIfStopped(this.#ports.stop);
      if (clean) await this.#timed('recover', this.#run.scenario.phases.recoverMs);
      return { status: 'completed' };
    } catch (error) {
      return endOf(error, true);
    }
  }

  async #phase<T>(phase: Phase, lastsMs: number | undefined, work: () => Promise<T>): Promise<T> {
    const { history, clock, onProgress } = this.#ports;
    const { t } = history.append({ type: 'phase-start', phase });
    const done = new AbortController();
    const tell = async () => {
      while (!done.signal.aborted) {
        const elapsedMs = (history.now() - t) / 1000;
        const activeFaults = phase === 'recover' ? [] : this.#stack.map((open) => open.plan.fault);
        onProgress({ phase, elapsedMs, lastsMs, activeFaults, load: this.#load?.progress() });
        await clock.sleep(PROGRESS_MS, done.signal);
      }
    };
    const telling = tell();
    try {
      return await work();
    } finally {
      done.abort();
      await telling;
      history.append({ type: 'phase-end', phase });
    }
  }
}

/** With what to do about it: of a run that fails its reason is all that is told. */
function reasonOf(error: unknown): string {
  const hint = error instanceof FaultlineError ? error.hint : undefined;
  return `${messageOf(error)}${hint === undefined ? '' : ` (${hint})`}`;
}

/** Before the first intent an error refuses the run; after it, it aborts. */
function endOf(error: unknown, injected: boolean): RunEnd {
  const reason = reasonOf(error);
  if (error instanceof RunStopped) {
    const stop = error.reason;
    const signal = signalIn(stop);
    if (signal !== undefined) return { status: 'interrupted', reason, signal };
    return { status: stop.kind === 'crash' || stop.kind === 'record' ? 'failed' : 'aborted', reason };
  }
  if (error instanceof FaultlineError && error.code !== 'INTERNAL') {
    if (!injected) return { status: 'refused', reason };
    return { status: error.code === 'JOURNAL' ? 'failed' : 'aborted', reason };
  }
  return { status: 'failed', reason: error instanceof Error ? (error.stack ?? reason) : reason };
}
