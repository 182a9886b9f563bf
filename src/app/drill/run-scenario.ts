import { existsSync } from 'node:fs';
import type { ScriptFiles } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { HistoryEvent } from '../../model/history.ts';
import { metKind } from '../../model/practice.ts';
import { ratesOf } from '../../model/rates.ts';
import { recoverCommand } from '../../model/recover-command.ts';
import { redactor, tracesOf } from '../../model/redact.ts';
import type { RunResult } from '../../model/result.ts';
import type { Scenario } from '../../model/scenario.ts';
import { shellCommand } from '../../model/shell.ts';
import type { Millis } from '../../model/units.ts';
import { refuseBlackout } from '../../run/guards/blackout.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { createRunFolder, type RunFolder } from '../../store/run-folder.ts';
import { readBodies } from '../files/request-bodies.ts';
import { openWebhooks } from '../outside/webhooks.ts';
import { analyzeFolder, reportProblem } from '../recorded/analyze-folder.ts';
import { keepScript, scriptFiles } from '../script/script-files.ts';
import { hiddenInPlans, hiddenTexts, refuseToldSecrets, type Secrets } from '../secrets/secrets.ts';
import type { Tokens } from '../secrets/tokens.ts';
import type { OpenTarget } from '../targets/index.ts';
import { chooseEngine } from './choose-engine.ts';
import { refuseUnknownPlaces } from './known-places.ts';
import { ENGINE_PORTS } from './load-cluster.ts';
import { planInputs } from './plan-inputs.ts';
import { planWhenFree } from './plan-when-free.ts';
import { recordRun } from './record-run.ts';
import type { RunHooks } from './run-hooks.ts';

/** What a finished run leaves. */
export type FinishedRun = {
  readonly result: RunResult;
  readonly folder: RunFolder;
  /** Why the reports could not be written; the result holds all the same. */
  readonly problem?: string;
};

/** The run is over and its record cannot be judged; the exit code says whether everything was put back. */
export class RunLost extends FaultlineError {
  readonly exitCode: number;
  readonly run: { readonly runId: string; readonly scenario: string; readonly target: RunResult['run']['target'] };
  /** By what the run itself has seen, whatever has become of its folder. */
  readonly undone: boolean;
  constructor(run: RunLost['run'], folder: RunFolder, recover: string, undone: boolean, cause: unknown) {
    const state = undone ? 'every fault was undone' : 'NOT every fault is known to be undone';
    const analyze = shellCommand(['faultline', 'analyze', folder.path]);
    super('RUN_FOLDER', `${folder.path}: the record cannot be judged (${messageOf(cause)}); ${state}`, {
      hint: undone ? `Where the folder is whole again (space freed, moved back): ${analyze}` : recover,
      cause,
    });
    this.run = run;
    this.undone = undone;
    this.exitCode = undone ? EXIT.internal : EXIT.undoIncomplete;
  }
}

/** How a scenario is run. */
export type RunOptions = {
  out: string;
  /** What `--target` says. */
  target: string;
  command: string;
  secrets: Secrets;
  tokens: Tokens;
  /** Told what the plans keep of credentials, before anybody is asked about them. */
  onHidden: (texts: readonly string[]) => void;
  allowProtected: readonly string[];
  noDeadMan: boolean;
  /**
   * How long it waits for the end of another run that holds a cluster of the target, and for hosts to be back that are
   * ejected since an earlier one; 0: it is refused by the one, and begins beside the other.
   */
  waitMs: Millis;
};

/**
 * Runs one scenario against an open target: plan, guards, phases, analysis, reports. Rejects with a FaultlineError when
 * the run is refused before a run folder exists; after that every way it can end is in the result.
 */
export async function runScenario(
  scenario: Scenario,
  open: OpenTarget,
  options: RunOptions & RunHooks,
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
  const told = hiddenInPlans(run);
  options.onHidden(told);
  if (!(await options.confirm(run))) throw new FaultlineError('FAULT_REFUSED', 'not confirmed: nothing was touched');
  // The answer may have come much later than the plan.
  refuseBlackout(inputs);
  const folder = createRunFolder(options.out, run.runId);
  const keys = [...material.secrets.flatMap(tracesOf), ...(asked?.secrets ?? [])];
  const hidden = [...hiddenTexts(secrets, scenario, run.topology), ...keys, ...told];
  if (script !== undefined) keepScript(folder.path, script, redactor(hidden));
  const webhooks = openWebhooks(run, { env: process.env, say: options.say, stop: options.stop });
  const onEvent = (event: HistoryEvent) => {
    webhooks.hear(event);
    options.onEvent(event);
  };
  const from = { out: options.out, target: open.ephemeral ? undefined : options.target };
  const recover = recoverCommand(from, run.runId);
  const recorded = { ...options, recover, onEvent, secrets, hidden, material, bodies };
  const { unwritten, undone } = await recordRun(run, chosen, folder, open, recorded);
  const target = { name: run.target.name, kind: metKind(run.topology) };
  const finished = await judge(folder, unwritten).catch((error: unknown) => {
    // What a folder that is gone could tell, only the clusters do.
    const way = existsSync(folder.journal) ? recover : recoverCommand({ ...from, out: undefined }, run.runId);
    throw new RunLost({ runId: run.runId, scenario: scenario.name, target }, folder, way, undone, error);
  });
  await webhooks.end(finished.result);
  return finished;
}

function engineFor({ scenario, topology, runId }: PlannedRun, open: OpenTarget, script: ScriptFiles | undefined) {
  const request = { load: scenario.load, target: open.target, runId, script, ports: ENGINE_PORTS };
  const rateOf = ratesOf(scenario.load);
  const rate = topology.paths.reduce((sum, { name }) => sum + rateOf(name), 0);
  return chooseEngine(request, rate);
}

async function judge(folder: RunFolder, unwritten: readonly HistoryEvent[]): Promise<FinishedRun> {
  const result = await analyzeFolder(folder, { unwritten });
  const problem = reportProblem(folder, result);
  return { result, folder, ...(problem !== undefined && { problem }) };
}
