import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { type Drill, openDrill } from '../app/drill/drill.ts';
import { type FinishedRun, RunLost } from '../app/drill/run-scenario.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../app/files/load-files.ts';
import { readSecrets } from '../app/secrets/secrets.ts';
import { stopCode } from '../app/signals/signals.ts';
import { messageOf } from '../model/errors.ts';
import { EXIT, endCode } from '../model/exit.ts';
import { metKind } from '../model/practice.ts';
import type { Redact } from '../model/redact.ts';
import { visibleLine } from '../model/visible.ts';
import { renderLostLine, renderOneLine, renderTerminal } from '../report/index.ts';
import type { PlannedRun } from '../run/planned-run.ts';
import { adviseSamples } from '../scenario/index.ts';
import type { Expectation } from '../trend/expectation.ts';
import { askYes } from './ask.ts';
import { requireAsked, tellExpected } from './gate-options.ts';
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
 * How a run ended, with the exit code that it has told, whether or not that could be written; `finished` is absent where there was nothing to judge, and `problem` says
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
    return { code: tell(finished, options, out, stop), finished };
  } catch (error) {
    progress.end();
    const problem = redact(messageOf(error));
    const code = endCode({ codes: [tellError(error, options, out)], stopped: stopCode(stop), isWritten: true });
    if (error instanceof RunLost) {
      const { run, undone } = error;
      const line = renderLostLine({ run, exitCode: code, undone, reason: problem });
      if (out.json) out.say(line);
      else out.data(redact(line));
    }
    return { code, problem };
  } finally {
    await drill?.close();
  }
}

/** Reads a file as its run would, and tells what is wrong with it; resolves to that end, undefined where it can be run. */
export function refuseFile(file: string, options: RunOptions, out: Console): RunEnd | undefined {
  try {
    const { value, text } = loadScenario(file, options.set);
    readSecrets(text, file, process.env);
    requireAsked(options.expected, value);
    return undefined;
  } catch (error) {
    return { code: tellError(error, options, out), problem: messageOf(error) };
  }
}

function tellError(error: unknown, { target }: RunOptions, out: Console): number {
  if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.refused, target);
  out.say(({ color }) => describeInvalid(error, color));
  return EXIT.usage;
}

/** Tells how a run has ended, and returns the exit code that it has told. In a series what is expected is for all of it to judge. */
function tell(finished: FinishedRun, { expected, times }: RunOptions, out: Console, stop: AbortSignal): number {
  const { folder, problem } = finished;
  const isWritten = problem === undefined;
  const isBrief = times !== undefined;
  const own = tellExpected(finished.result, isBrief ? undefined : expected, out);
  const exitCode = endCode({ codes: [own], stopped: stopCode(stop), isWritten });
  const result = { ...finished.result, exitCode };
  if (!isWritten) out.say(`error RUN_FOLDER: the reports could not be written: ${problem}`);
  if (out.json) {
    out.data(JSON.stringify({ ...result, folder: folder.path, ...(isWritten ? {} : { problem }) }));
  } else {
    if (!isBrief) out.data((look) => renderTerminal(result, OBJECTIVES, { ...look, hasReport: isWritten }));
    out.data(isWritten ? `report: ${folder.html}` : `no report: ${problem}`);
    out.data(renderOneLine(result, OBJECTIVES));
  }
  return exitCode;
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
