import { recover as recoverIt } from '../../app/recover/index.ts';
import type { Recovered } from '../../app/recover/recovered.ts';
import { signalOf, stopOnSignals } from '../../app/signals.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT, signalCode } from '../../model/exit.ts';
import { namingTarget } from '../../model/recover-command.ts';
import { visibleLine } from '../../model/visible.ts';
import { isClean, type RecoverPorts, type RecoverResult } from '../../run/recover.ts';
import { LONGEST_UNDO_MS } from '../../run/undo-bound.ts';
import { unwrittenCode } from '../exit-codes.ts';
import { notSearched } from '../not-searched.ts';
import { type Console, openConsole, reportError } from '../output.ts';
import { leftLines, undoneLines } from '../recover-text.ts';

type Options = {
  run?: string;
  scan: boolean;
  target?: string;
  acceptCurrent: boolean;
  only: readonly string[];
  out: string;
  output: 'text' | 'json';
};

/**
 * `faultline recover`: exit 0 only when nothing of ours is left, 2 when nobody could be asked, 3 when a run that lives
 * holds a cluster, else 5. A signal ends no
 * undo that gets answers: it ends the wait for rollouts, bounds all others, and is the exit code where nothing is left.
 */
export async function recover(_args: readonly string[], options: Options): Promise<number> {
  const out = openConsole(options.output);
  const signals = stopOnSignals((signal) => out.say(`${signal} again: the undo goes on; it is not shortened`));
  const onStop = () => {
    const most = `${LONGEST_UNDO_MS / 1000} s`;
    out.say(
      `${signalOf(signals.stop) ?? 'stopped'}: the undo goes on, for ${most} at the most; rollouts are not waited for`,
    );
  };
  signals.stop.addEventListener('abort', onStop, { once: true });
  const { run, scan, target } = options;
  try {
    checkUsage(options);
    const recovered = await recoverIt(
      { runId: run, out: scan ? undefined : options.out, target },
      { signal: signals.stop, say: (text) => out.say(visibleLine(text)), ...acceptOf(options) },
    );
    const code = tell(recovered, options, out);
    const signal = signalOf(signals.stop);
    return signal === undefined || code !== EXIT.pass ? code : signalCode(signal);
  } catch (error) {
    return reportError(out, error, EXIT.undoIncomplete, options.target);
  } finally {
    signals.release();
  }
}

function checkUsage({ scan, target, acceptCurrent, only }: Options): void {
  if (only.length > 0 && !acceptCurrent) {
    throw new FaultlineError(
      'USAGE',
      '--only names what --accept-current accepts: what shall be done with that object?',
    );
  }
  if (scan && target === undefined) {
    throw new FaultlineError('USAGE', '--scan needs --target with a targets file: which clusters shall be asked?');
  }
}

/** What the command line says to accept. */
function acceptOf({ acceptCurrent, only }: Options): Pick<RecoverPorts, 'accept'> {
  return acceptCurrent ? { accept: { only } } : {};
}

function tell(recovered: Recovered, options: Options, out: Console): number {
  const { recoveries, load, held, notAsked, unwritten } = recovered;
  const each = <T>(pick: (recovery: RecoverResult) => readonly T[]) =>
    onceEach(
      recoveries.flatMap((recovery) => pick(recovery).map((entry) => ({ cluster: recovery.cluster, ...entry }))),
    );
  const undone = each((recovery) => recovery.undone);
  const left = each((recovery) => recovery.leftovers);
  const problems = [...recovered.problems, ...recoveries.flatMap((recovery) => recovery.problems)].map((problem) =>
    namingTarget(problem, options.target),
  );
  const state = codeOf(problems.length === 0 && recoveries.every(isClean), held);
  const code = unwritten.length === 0 ? state : unwrittenCode(state);
  if (out.json) {
    const clean = state === EXIT.pass;
    const unread = recoveries.flatMap(({ cluster, beyond }) => (beyond?.unread ? { cluster, ...beyond.unread } : []));
    out.data(JSON.stringify({ clean, undone, left, load, problems, held, notAsked, unwritten, unread }, null, 2));
    return code;
  }
  for (const line of undone.flatMap(undoneLines)) out.data(line);
  for (const line of left.flatMap((one) => leftLines(one, undone))) out.data(line);
  for (const ended of load) out.data(visibleLine(ended));
  for (const problem of problems) out.data(visibleLine(`NOT recovered: ${problem}`));
  for (const living of held) out.data(visibleLine(`REFUSED: ${living}`));
  for (const unasked of notAsked)
    out.data(visibleLine(`NOT asked, though nothing was left when its runs ended: ${unasked}`));
  for (const open of unwritten) out.data(visibleLine(`NOT closed, so that the next recovery asks once more: ${open}`));
  for (const recovery of recoveries) for (const text of notSearched(recovery)) out.data(text);
  out.data(lastLine(state, options, { notAsked, recoveries }));
  return code;
}

/** By the run folders and by the targets file the same may have been found. */
function onceEach<T>(found: readonly T[]): readonly T[] {
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function codeOf(isUndone: boolean, held: readonly string[]): number {
  if (!isUndone) return EXIT.undoIncomplete;
  return held.length === 0 ? EXIT.pass : EXIT.refused;
}

type Asked = { readonly notAsked: readonly string[]; readonly recoveries: readonly RecoverResult[] };

function lastLine(code: number, options: Options, asked: Asked): string {
  if (code === EXIT.pass) return cleanText(options, asked);
  if (code === EXIT.refused) return 'Nothing was touched where a run lives: see above.';
  return 'NOT everything is undone: see above.';
}

/** Says no more than was asked. */
function cleanText({ run, scan, target }: Options, { notAsked, recoveries }: Asked): string {
  const what = run === undefined ? 'faultline' : `run ${run}`;
  const searched = [...new Set(recoveries.flatMap((recovery) => recovery.searched))];
  const isWhole = recoveries.every(({ beyond }) => beyond !== undefined && beyond.unread === undefined);
  const named = `${searched.length === 1 ? 'the namespace' : 'the namespaces'} ${searched.join(', ')}`;
  const places = isWhole ? 'any namespace' : named;
  const where = scan ? ` in ${places} of the clusters of ${target}` : '';
  return `Nothing of ${what} is ${notAsked.length > 0 ? 'known to be ' : ''}left${where}.`;
}
