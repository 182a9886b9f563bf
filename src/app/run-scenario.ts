import { steadyStateOf } from '../analysis/index.ts';
import type { ScriptFiles } from '../model/engine.ts';
import { FaultlineError, messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';
import { shortestGood } from '../model/good.ts';
import type { HistoryEvent, RunHeader } from '../model/history.ts';
import type { SentLoad, Stall, UnstampedEvent } from '../model/ports.ts';
import { metKind } from '../model/practice.ts';
import { ratesOf } from '../model/rates.ts';
import { recoverCommand } from '../model/recover-command.ts';
import { redactor, tracesOf } from '../model/redact.ts';
import type { RunResult } from '../model/result.ts';
import type { Scenario } from '../model/scenario.ts';
import { shellCommand } from '../model/shell.ts';
import { LOCK_NAMESPACE, uncheckedText } from '../model/target.ts';
import type { Millis } from '../model/units.ts';
import { namedBy } from '../observe/named.ts';
import { journalCluster } from '../run/announcement.ts';
import { refuseOpenOrHeld } from '../run/cluster-journal.ts';
import { refuseFrozen } from '../run/freeze.ts';
import { refuseBlackout } from '../run/guards/blackout.ts';
import { requireGuards } from '../run/guards/index.ts';
import { executeRun } from '../run/machine.ts';
import { requirePermissions } from '../run/permissions.ts';
import { planRun } from '../run/plan.ts';
import type { PlannedRun } from '../run/planned-run.ts';
import type { StopReason } from '../run/stop.ts';
import { systemClock } from '../run/system-clock.ts';
import { waitUntilFree } from '../run/wait-free.ts';
import { waitUntilHome } from '../run/wait-home.ts';
import type { PlanInputs, RunProgress } from '../run/wiring.ts';
import { openHistory } from '../store/history-file.ts';
import { openFaults } from '../store/journal-clusters.ts';
import { createJournal, readJournal } from '../store/journal-file.ts';
import { unwritableText } from '../store/ndjson.ts';
import { createRunFolder, pointLatest, type RunFolder, removeRunFolder } from '../store/run-folder.ts';
import { analyzeFolder, writeReports } from './analyze-folder.ts';
import { recordBlind } from './blind.ts';
import { type ChosenEngine, chooseEngine } from './choose-engine.ts';
import type { GatewayMaterial } from './gateway-tls.ts';
import { holderOf } from './holder.ts';
import { refuseUnknownPlaces } from './known-places.ts';
import { ENGINE_PORTS } from './load-cluster.ts';
import { planInputs } from './plan-inputs.ts';
import { readBodies } from './request-bodies.ts';
import { keepScript, scriptFiles } from './script-files.ts';
import { hiddenTexts, redactEvent, redactHeader, refuseToldSecrets, reveal, type Secrets } from './secrets.ts';
import type { OpenTarget } from './targets/index.ts';
import { type Tokens, tokenFeed } from './tokens.ts';
import { toolVersion } from './version.ts';
import { openWebhooks } from './webhooks.ts';

/** What a finished run leaves. */
export type FinishedRun = {
  readonly result: RunResult;
  readonly folder: RunFolder;
  /** Why the reports could not be written; the result holds all the same. */
  readonly problem?: string;
};

/** The run is over and its record cannot be judged; the exit code says whether everything was put back. */
class RunLost extends FaultlineError {
  readonly exitCode: number;
  constructor(folder: RunFolder, recover: string, undone: boolean, cause: unknown) {
    const state = undone ? 'every fault was undone' : 'NOT every fault is known to be undone';
    super('RUN_FOLDER', `${folder.path}: the record cannot be judged (${messageOf(cause)}); ${state}`, {
      hint: undone ? `Free disk space, then: ${shellCommand(['faultline', 'analyze', folder.path])}` : recover,
      cause,
    });
    this.exitCode = undone ? EXIT.internal : EXIT.undoIncomplete;
  }
}

type RunHooks = {
  /** Called with the plan before the first write; resolve to false to refuse. */
  readonly confirm: (run: PlannedRun) => Promise<boolean>;
  readonly onProgress: (progress: RunProgress) => void;
  /** One line for people: phases, faults, notices. */
  readonly onEvent: (event: HistoryEvent) => void;
  /** One line for people that belongs to no record: whom the run waits for, and who could not be told of it. */
  readonly say: (text: string) => void;
  /** Aborted with a StopReason when the operator wants the run to end. */
  readonly stop: AbortSignal;
};

/**
 * Runs one scenario against an open target: plan, guards, phases, analysis, reports. Rejects with a FaultlineError when
 * the run is refused before a run folder exists; after that every way it can end is in the result.
 */
export async function runScenario(
  scenario: Scenario,
  open: OpenTarget,
  options: {
    out: string;
    /** What `--target` says. */
    target: string;
    command: string;
    secrets: Secrets;
    tokens: Tokens;
    allowProtected: readonly string[];
    noDeadMan: boolean;
    /**
     * How long it waits for the end of another run that holds a cluster of the target, and for hosts to be back that are
     * ejected since an earlier one. @default 0: it is refused by the one, and begins beside the other
     */
    waitMs?: Millis;
  } & RunHooks,
): Promise<FinishedRun> {
  const material = open.gatewayTls(process.env);
  const asked = open.prometheus(process.env);
  const bodies = readBodies(scenario, options.secrets);
  const secrets = [...options.secrets, ...options.tokens.secrets];
  refuseToldSecrets(scenario, hiddenTexts(secrets, scenario));
  await refuseUnknownPlaces(scenario, open);
  const { allowProtected, noDeadMan } = options;
  const inputs = planInputs(open, { scenario, allowProtected, noDeadMan, prometheus: asked?.prometheus });
  const run = await planWhenFree(open, inputs, options);
  const script = await scriptFiles(scenario);
  const chosen = await engineFor(run, open, script);
  if (!(await options.confirm(run))) throw new FaultlineError('FAULT_REFUSED', 'not confirmed: nothing was touched');
  // The answer may have come much later than the plan.
  refuseBlackout(inputs);
  const folder = createRunFolder(options.out, run.runId);
  const keys = [...material.secrets.flatMap(tracesOf), ...(asked?.secrets ?? [])];
  const hidden = [...hiddenTexts(secrets, scenario, run.topology), ...keys];
  if (script !== undefined) keepScript(folder.path, script, redactor(hidden));
  const webhooks = openWebhooks(run, { env: process.env, say: options.say, stop: options.stop });
  const onEvent = (event: HistoryEvent) => {
    webhooks.hear(event);
    options.onEvent(event);
  };
  const from = { out: options.out, target: open.ephemeral ? undefined : options.target };
  const recover = recoverCommand(from, run.runId);
  const recorded = { ...options, recover, onEvent, secrets, hidden, material, bodies };
  const unwritten = await recordRun(run, chosen, folder, open, recorded);
  const finished = await judge(folder, recover, unwritten);
  await webhooks.end(finished.result);
  return finished;
}

/** A plan that is made beside another run's faults would take them for how things are: it is made anew after each wait. */
async function planWhenFree(
  open: OpenTarget,
  inputs: PlanInputs,
  { waitMs = 0, say, stop }: { readonly waitMs?: Millis } & Pick<RunHooks, 'say' | 'stop'>,
): Promise<PlannedRun> {
  const { clock, target } = inputs;
  const until = clock.now() + waitMs * 1000;
  const clusters = [...open.clusters.values()].map(({ cluster }) => cluster);
  const { services } = namedBy(inputs.scenario, []);
  const ports = { clock, until, stop, say };
  const forOthers = async () => waitUntilFree(clusters, target.lockNamespace ?? LOCK_NAMESPACE, ports);
  const forHosts = async () => waitUntilHome(clusters, { scope: target.observe, services }, ports);
  const waits = waitMs > 0;
  if (waits) await forOthers();
  if (waits) await forHosts();
  for (;;) {
    await refuseBlocked(open);
    const run = await planRun(inputs);
    requirePermissions(run);
    requireGuards(run);
    if (!waits || !(await forOthers())) return run;
    await forHosts();
  }
}

function engineFor({ scenario, topology, runId }: PlannedRun, open: OpenTarget, script: ScriptFiles | undefined) {
  const request = { load: scenario.load, target: open.target, runId, script, ports: ENGINE_PORTS };
  const rateOf = ratesOf(scenario.load);
  const rate = topology.paths.reduce((sum, { name }) => sum + rateOf(name), 0);
  return chooseEngine(request, rate);
}

async function judge(folder: RunFolder, recover: string, unwritten: readonly HistoryEvent[]): Promise<FinishedRun> {
  let result: RunResult;
  try {
    result = await analyzeFolder(folder, { unwritten });
  } catch (error) {
    throw new RunLost(folder, recover, isUndone(folder), error);
  }
  try {
    writeReports(folder, result);
    return { result, folder };
  } catch (error) {
    return { result, folder, problem: messageOf(error) };
  }
}

function isUndone(folder: RunFolder): boolean {
  try {
    const { entries, isTorn } = readJournal(folder.journal);
    return !isTorn && openFaults(entries).length === 0;
  } catch {
    return false;
  }
}

/** Runs, and records it. Resolves to the events that the folder has no room for. */
async function recordRun(
  run: PlannedRun,
  { engine, why }: ChosenEngine,
  folder: RunFolder,
  { watchBlind, versions }: OpenTarget,
  options: Commands & {
    secrets: Secrets;
    tokens: Tokens;
    hidden: readonly string[];
    material: GatewayMaterial;
    bodies: NonNullable<SentLoad['bodies']>;
  } & RunHooks,
): Promise<readonly HistoryEvent[]> {
  const { secrets, tokens, hidden, bodies } = options;
  const feed = tokenFeed(tokens, run, hidden);
  const sent = { hidden, bodies, tls: options.material.of(run.topology.paths) };
  const redact = (text: string) => feed.redact(text);
  const journal = begin(folder, run);
  const full = new AbortController();
  // A fault of which nothing more is written down shows nothing any more.
  const onBroken = (message: string) => {
    if (full.signal.aborted) return;
    full.abort({ kind: 'record', message } satisfies StopReason);
    file.append({ type: 'notice', level: 'error', text: message });
  };
  const file = openHistory(folder.history, systemClock, { onEvent: quietly(options.onEvent), onBroken });
  const history = { ...file, append: (event: UnstampedEvent) => file.append(redactEvent(event, redact)) };
  const onProgress = (progress: RunProgress) => {
    const { unwritten } = progress.load ?? {};
    if (unwritten !== undefined) onBroken(unwritableText(folder.requests, unwritten));
    options.onProgress(progress);
  };
  let onBlind = (_: Stall): void => {};
  const blind = recordBlind(watchBlind, shortestGood(run.scenario.load), history, (stretch) => onBlind(stretch));
  try {
    await executeRun(run, redactHeader(headerOf(run, options, versions), redact), {
      clock: systemClock,
      engine: {
        name: engine.name,
        start: (order) => {
          if (why !== undefined) history.append({ type: 'notice', ...why });
          const unchecked = uncheckedText(run.topology.paths);
          if (unchecked !== undefined) history.append({ type: 'notice', level: 'warning', text: unchecked });
          const say = (text: string) => history.append({ type: 'notice', level: 'info', text });
          const warn = (text: string) => history.append({ type: 'notice', level: 'warning', text });
          const onHeaders = feed.listen(systemClock, warn);
          return engine.start({ ...order, load: reveal(order.load, secrets, sent), say, onHeaders });
        },
      },
      records: folder.requests,
      history,
      journal,
      holder: holderOf(run.runId),
      steadyState: async (until) => {
        await blind.settle();
        // The final analysis over what is recorded so far: one rule, whenever it is asked.
        return steadyStateOf(await analyzeFolder(folder, { until }));
      },
      hearBlind: (listen) => {
        onBlind = listen;
      },
      settle: blind.settle,
      stop: AbortSignal.any([options.stop, full.signal]),
      onProgress: quietly(onProgress),
    });
  } finally {
    feed.stop();
    blind.end();
    journal.close();
  }
  return history.close();
}

/** A run that cannot begin its journal has not begun: no folder of it is left, in which anybody would look for more. */
function begin(folder: RunFolder, run: PlannedRun): ReturnType<typeof createJournal> {
  try {
    const journal = createJournal(folder.journal, openedBy(run));
    pointLatest(folder);
    return journal;
  } catch (error) {
    removeRunFolder(folder);
    throw error;
  }
}

/** Showing a run must never end it. */
function quietly<T>(show: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      show(value);
    } catch {
      // The terminal is gone; the run goes on.
    }
  };
}

/** Before anything is planned: what would be refused in the end. */
async function refuseBlocked({ target, clusters }: OpenTarget): Promise<void> {
  const { lockNamespace = LOCK_NAMESPACE } = target;
  for (const { cluster } of clusters.values()) {
    await refuseFrozen(cluster, lockNamespace);
    await refuseOpenOrHeld(cluster, lockNamespace);
  }
}

function openedBy(run: PlannedRun) {
  const clusters = [...run.clusters.values()].map((open) => journalCluster(run, open));
  const plans = run.faults.map(({ plan }) => plan);
  return { state: 'opened', runId: run.runId, clusters, plans, wall: systemClock.wall().toISOString() } as const;
}

type Commands = Required<Pick<RunHeader, 'command' | 'recover'>>;

function headerOf(run: PlannedRun, { command, recover }: Commands, versions: OpenTarget['versions']): RunHeader {
  const [first] = run.topology.clusters;
  return {
    runId: run.runId,
    tool: { name: 'faultline', version: toolVersion() },
    target: { name: run.target.name, kind: metKind(run.topology) },
    scenario: run.scenario,
    topology: run.topology,
    versions: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      kubernetes: first?.version ?? 'unknown',
      ...(run.mesh === undefined ? {} : { istio: run.mesh }),
      ...versions,
    },
    command,
    recover,
    faults: run.faults.map(({ plan }) => ({
      name: plan.fault,
      kind: plan.kind,
      cluster: plan.cluster,
      summary: plan.summary,
      signature: plan.signature,
      affected: plan.affected,
    })),
  };
}
