import { FaultlineError } from '../model/errors.ts';
import { DEFAULT_OUT, namingTarget } from '../model/recover-command.ts';
import type { Millis } from '../model/units.ts';
import type { StopReason } from '../run/stop.ts';
import { runFolder } from '../store/run-folder.ts';
import { type Drill, openDrill } from './drill/drill.ts';
import type { FinishedRun } from './drill/run-scenario.ts';
import { describeInvalid, InvalidFile, loadScenario } from './files/load-files.ts';
import { analyzeFolder } from './recorded/analyze-folder.ts';
import { stopOnSignals } from './signals/signals.ts';
import { DEFAULT_TARGET } from './targets/names.ts';

export type LibraryOptions = {
  /** `sandbox`, `lab` or the path of a targets file. @default 'sandbox' */
  readonly target?: string;
  /** Folder for run folders. @default 'reports' */
  readonly out?: string;
  /** Replacements as on the command line: `spec.load.rate=10/s`. @default [] */
  readonly set?: readonly string[];
  /** Contexts that a fault may touch although their names say production. @default [] */
  readonly allowProtected?: readonly string[];
  /** Faults that stay on may be injected into real clusters though nothing puts them back if this process dies. @default false */
  readonly noDeadMan?: boolean;
  /**
   * How long it waits, in milliseconds, for the end of another run that holds a cluster of the target, and for hosts to be back
   * that are ejected since an earlier one. @default 0: it is refused by the one, and begins beside the other
   */
  readonly waitMs?: Millis;
  /** Ends the run early; everything is undone first. One that is aborted already refuses it. */
  readonly signal?: AbortSignal;
};

/**
 * Runs one scenario and resolves with what it found, whatever the verdict. Rejects with a FaultlineError when the file
 * is invalid, the target cannot be reached or the run is refused before anything was touched.
 *
 * A call from code is its own consent: real clusters are touched without a question. While it goes on, SIGINT, SIGTERM,
 * SIGHUP and errors that nobody catches end the run first, with its undo, and only then what they would have ended.
 */
export async function runScenario(file: string, options: LibraryOptions = {}): Promise<FinishedRun> {
  if (options.signal?.aborted) {
    throw new FaultlineError('FAULT_REFUSED', 'stopped before it began: nothing was touched');
  }
  const { target = DEFAULT_TARGET, set = [] } = options;
  const loaded = loadForLibrary(file, set);
  const signals = stopOnSignals(() => {}, 'shared');
  const byCaller = new AbortController();
  const onAbort = () => byCaller.abort({ kind: 'program' } satisfies StopReason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  let drill: Drill | undefined;
  try {
    drill = await openDrill(file, loaded);
    return await drill.run({
      out: options.out ?? DEFAULT_OUT,
      target,
      set,
      noDeadMan: options.noDeadMan ?? false,
      allowProtected: options.allowProtected ?? [],
      waitMs: options.waitMs ?? 0,
      confirm: async () => true,
      onProgress: () => {},
      onEvent: () => {},
      say: () => {},
      stop: AbortSignal.any([signals.stop, byCaller.signal]),
    });
  } catch (error) {
    throw inWords(error, target);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    await drill?.close();
    signals.handBack();
  }
}

/**
 * Judges a recorded run again, by its folder (`reports/latest`); nothing is written. Rejects with RUN_FOLDER where there is
 * no record.
 */
export async function openRun(path: string): Promise<FinishedRun> {
  const folder = runFolder(path);
  return { result: await analyzeFolder(folder), folder };
}

/** Reads a scenario. Throws a FaultlineError whose message says all that is wrong with it. */
export function loadForLibrary(file: string, set: readonly string[]): ReturnType<typeof loadScenario> {
  try {
    return loadScenario(file, set);
  } catch (error) {
    throw inWords(error);
  }
}

/** Whoever catches it prints its message, and that must say what is wrong with a file. */
function inWords(error: unknown, target?: string): unknown {
  if (error instanceof FaultlineError && error.hint !== undefined && target !== undefined) {
    const hint = namingTarget(error.hint, target);
    return hint === error.hint ? error : new FaultlineError(error.code, error.message, { hint, cause: error });
  }
  if (!(error instanceof InvalidFile)) return error;
  return new FaultlineError('USAGE', `${error.message}\n${describeInvalid(error, false)}`);
}
