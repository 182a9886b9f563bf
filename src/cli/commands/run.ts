import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { hideSettings } from '../../app/hidden-settings.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../../app/load-files.ts';
import { type FinishedRun, runScenario } from '../../app/run-scenario.ts';
import { hiddenTexts, readSecrets } from '../../app/secrets.ts';
import { repeatCommand } from '../../app/shell.ts';
import { signalOf, stopOnSignals } from '../../app/signals.ts';
import { type OpenTarget, openTarget, targetKind } from '../../app/targets/index.ts';
import { openTokens } from '../../app/tokens.ts';
import { messageOf } from '../../model/errors.ts';
import { EXIT, signalCode } from '../../model/exit.ts';
import { type Redact, redactor } from '../../model/redact.ts';
import { renderOneLine, renderTerminal } from '../../report/index.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { adviseSamples } from '../../scenario/index.ts';
import { askYes } from '../ask.ts';
import { codeOfRun, worstCode } from '../exit-codes.ts';
import { type Console, openConsole, reportError } from '../output.ts';
import { describePlan, plannedPaths } from '../plan-text.ts';
import { openProgress } from '../progress.ts';
import { type Ran, tellTogether } from '../run-together.ts';

type Options = {
  target: string;
  out: string;
  set: string[];
  allowProtected: string[];
  deadMan: boolean;
  yes: boolean;
  output: 'text' | 'json';
};

/**
 * `faultline run FILE...`: one run after the other; the exit code is that of the worst. A signal ends them all, whenever
 * it comes, and is the exit code then, also where the run that it met had just been judged.
 */
export async function run(files: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  const signals = stopOnSignals((signal) => out.say(`${signal} again: the undo goes on; it is not shortened`));
  const done: Ran[] = [];
  try {
    for (const file of files) {
      const one = await runFile(file, options, out, signals.stop);
      done.push(one);
      if (signals.stop.aborted || one.exit === EXIT.undoIncomplete) break;
    }
  } finally {
    signals.release();
  }
  const signal = signalOf(signals.stop);
  const codes = done.map(({ exit }) => exit);
  const code = worstCode(signal === undefined ? codes : [...codes, signalCode(signal)]);
  return files.length > 1 ? tellTogether(files, done, code, options.out, out) : code;
}

async function runFile(file: string, options: Options, terminal: Console, stop: AbortSignal): Promise<Ran> {
  let redact: Redact = (text) => text;
  const out: Console = {
    ...terminal,
    say: (text) => terminal.say(typeof text === 'string' ? redact(text) : (look) => redact(text(look))),
  };
  const progress = openProgress(out, (text) => redact(text));
  let open: OpenTarget | undefined;
  try {
    const { value: scenario, warnings, text } = loadScenario(file, options.set);
    if (warnings.length > 0) out.say(({ color }) => describeInvalid(new InvalidFile(file, warnings, text), color));
    const secrets = readSecrets(text, file, process.env);
    const tokens = await openTokens(text, file);
    redact = redactor(hiddenTexts([...secrets, ...tokens.secrets], scenario));
    out.say(`${scenario.name}: ${scenario.hypothesis}`);
    open = await openTarget(options.target, scenario, 'run');
    const finished = await runScenario(scenario, open, {
      out: options.out,
      command: repeatCommand(file, options.target, hideSettings(options.set), !options.deadMan),
      noDeadMan: !options.deadMan,
      secrets,
      tokens,
      allowProtected: options.allowProtected,
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
    return { file, exit: tell(finished, out), finished };
  } catch (error) {
    progress.end();
    const problem = redact(messageOf(error));
    if (!(error instanceof InvalidFile)) return { file, exit: reportError(out, error, EXIT.refused), problem };
    out.say(({ color }) => describeInvalid(error, color));
    return { file, exit: EXIT.usage, problem };
  } finally {
    await open?.close();
  }
}

function tell(finished: FinishedRun, out: Console): number {
  const { result, folder, problem } = finished;
  if (problem !== undefined) out.say(`error RUN_FOLDER: the reports could not be written: ${problem}`);
  if (out.json) {
    out.data(JSON.stringify({ ...result, folder: folder.path }));
  } else {
    out.data((look) => renderTerminal(result, OBJECTIVES, look));
    out.data(`report: ${folder.html}`);
    out.data(renderOneLine(result, OBJECTIVES));
  }
  return codeOfRun(finished);
}

async function confirm(planned: PlannedRun, options: Options, out: Console, stop: AbortSignal): Promise<boolean> {
  if (options.yes || targetKind(planned.topology) === 'sandbox') return true;
  out.say(describePlan(planned));
  if (process.stdin.isTTY !== true) {
    out.say('Add --yes to run this without a terminal.');
    return false;
  }
  return askYes('Inject these faults? Type yes: ', { stop, input: process.stdin, output: process.stderr });
}
