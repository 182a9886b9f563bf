import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { type Drill, openDrill } from '../app/drill.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../app/load-files.ts';
import type { FinishedRun } from '../app/run-scenario.ts';
import { messageOf } from '../model/errors.ts';
import { EXIT } from '../model/exit.ts';
import { metKind } from '../model/practice.ts';
import type { Redact } from '../model/redact.ts';
import { visibleLine } from '../model/visible.ts';
import { renderOneLine, renderTerminal } from '../report/index.ts';
import type { PlannedRun } from '../run/planned-run.ts';
import { adviseSamples } from '../scenario/index.ts';
import type { Expectation } from '../trend/expectation.ts';
import { askYes } from './ask.ts';
import { unwrittenCode } from './exit-codes.ts';
import { requireAsked } from './gate-options.ts';
import { type Console, reportError } from './output.ts';
import { describePlan, plannedPaths } from './plan-text.ts';
import { openProgress } from './progress.ts';

export type RunOptions = {
  readonly target: string;
  readonly out: string;
  readonly set: string[];
  readonly allowProtected: string[];
  readonly deadMan: boolean;
  readonly yes: boolean;
  /** How long to wait for another run that holds a cluster, and for hosts that are ejected since, in milliseconds. */
  readonly wait?: number;
  readonly output: 'text' | 'json';
  /** It is one of up to so many runs: a line for each in place of a screen, and the question is about all of them. */
  readonly times?: number;
  /** How it must end, where that is said. */
  readonly expected?: Expectation;
};

/**
 * How a run ended, whether or not that could be written; `finished` is absent where there was nothing to judge, and `problem` says
 * why.
 */
type RunEnd = { readonly code: number; readonly finished?: FinishedRun; readonly problem?: string };

/** One run of a scenario file, told on the terminal. */
export async function runFile(
  file: string,
  options: RunOptions,
  terminal: Console,
  stop: AbortSignal,
): Promise<RunEnd> {
  let redact: Redact = (text) => text;
  const out: Console = {
    ...terminal,
    say: (text) => terminal.say(typeof text === 'string' ? redact(text) : (look) => redact(text(look))),
  };
  const progress = openProgress(out, (text) => redact(text));
  let drill: Drill | undefined;
  try {
    const loaded = loadScenario(file, options.set);
    const { value: scenario, warnings, text } = loaded;
    if (warnings.length > 0) out.say(({ color }) => describeInvalid(new InvalidFile(file, warnings, text), color));
    requireAsked(options.expected, scenario);
    drill = await openDrill(file, loaded);
    redact = drill.redact;
    out.say(`${scenario.name}: ${scenario.hypothesis}`);
    const finished = await drill.run({
      out: options.out,
      target: options.target,
      set: options.set,
      noDeadMan: !options.deadMan,
      allowProtected: options.allowProtected,
      waitMs: options.wait ?? 0,
      say: (text) => out.say(visibleLine(text)),
      confirm: (planned) => {
        const advice = adviseSamples(scenario, OBJECTIVES, plannedPaths(planned));
        if (advice.length > 0) out.say(({ color }) => describeInvalid(new InvalidFile(file, advice, text), color));
        return confirm(planned, options, out, stop);
      },
      onProgress: progress.onProgress,
      onEvent: progress.onEvent,
      stop,
    });
    progress.end();
    tell(finished, out, options.times !== undefined);
    return { code: finished.result.exitCode, finished };
  } catch (error) {
    progress.end();
    const problem = redact(messageOf(error));
    if (!(error instanceof InvalidFile))
      return { code: reportError(out, error, EXIT.refused, options.target), problem };
    out.say(({ color }) => describeInvalid(error, color));
    return { code: EXIT.usage, problem };
  } finally {
    await drill?.close();
  }
}

function tell(finished: FinishedRun, out: Console, isBrief: boolean): void {
  const { folder, problem } = finished;
  const isWritten = problem === undefined;
  const { exitCode } = finished.result;
  const result = { ...finished.result, exitCode: isWritten ? exitCode : unwrittenCode(exitCode) };
  if (!isWritten) out.say(`error RUN_FOLDER: the reports could not be written: ${problem}`);
  if (out.json) {
    out.data(JSON.stringify({ ...result, folder: folder.path, ...(isWritten ? {} : { problem }) }));
  } else {
    if (!isBrief) out.data((look) => renderTerminal(result, OBJECTIVES, { ...look, hasReport: isWritten }));
    out.data(isWritten ? `report: ${folder.html}` : `no report: ${problem}`);
    out.data(renderOneLine(result, OBJECTIVES));
  }
}

async function confirm(planned: PlannedRun, options: RunOptions, out: Console, stop: AbortSignal): Promise<boolean> {
  if (options.yes || metKind(planned.topology) === 'sandbox') return true;
  out.say(describePlan(planned));
  if (process.stdin.isTTY !== true) {
    out.say('Add --yes to run this without a terminal.');
    return false;
  }
  const often = options.times === undefined ? '' : `, in up to ${options.times} runs`;
  return askYes(`Inject these faults${often}? Type yes: `, { stop, input: process.stdin, output: process.stderr });
}
