import { recover as recoverIt } from '../../app/recover/index.ts';
import type { Recovered } from '../../app/recover/recovered.ts';
import { signalOf, stopCode, stopOnSignals } from '../../app/signals/signals.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT, endCode } from '../../model/exit.ts';
import { namingTarget } from '../../model/recover-command.ts';
import { visibleLine } from '../../model/visible.ts';
import type { RecoverPorts, RecoverResult } from '../../run/recover.ts';
import { LONGEST_UNDO_MS } from '../../run/undo-bound.ts';
import { notSearched } from '../not-searched.ts';
import { type Console, openConsole, reportError } from '../output.ts';
import { recoverEnd } from '../recover-end.ts';
import { leftLines, otherLines, undoneLines, unmatched, unmatchedText } from '../recover-text.ts';

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
 * `faultline recover`: exit 0 only when nothing of ours is left, 2 when nobody could be asked or nothing has a name of `--only`, 3 when nothing was touched, since a
 * run that lives holds a cluster, else 5. A signal ends no
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
    const codes = [tell(recovered, options, out)];
    const isWritten = recovered.unwritten.length === 0;
    return endCode({ codes, stopped: stopCode(signals.stop), isWritten });
  } catch (error) {
    const codes = [reportError(out, error, EXIT.undoIncomplete, options.target)];
    return endCode({ codes, stopped: stopCode(signals.stop), isWritten: true });
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
  const { recoveries, load, held, notAsked, unwritten, runs, ended, gone } = recovered;
  const each = <T>(pick: (recovery: RecoverResult) => readonly T[]) =>
    onceEach(
      recoveries.flatMap((recovery) => pick(recovery).map((entry) => ({ cluster: recovery.cluster, ...entry }))),
    );
  const undone = each((recovery) => recovery.undone);
  const left = each((recovery) => recovery.leftovers);
  const problems = [...recovered.problems, ...recoveries.flatMap((recovery) => recovery.problems)].map((problem) =>
    namingTarget(problem, options.target),
  );
  const others = recovered.others.map((one) => ({ ...one, command: namingTarget(one.command, options.target) }));
  const unasked = each(({ unasked = [] }) => unasked.map((what) => ({ what })));
  const nameless = unmatched(options.only, undone, { unasked, gone });
  const { code, line, clean } = recoverEnd(recovered, options, nameless);
  if (out.json) {
    const unread = recoveries.flatMap(({ cluster, beyond, unread }) =>
      [beyond?.unread, unread].flatMap((one) => (one ? { cluster, ...one } : [])),
    );
    out.data(
      JSON.stringify(
        {
          ...{
            clean,
            runs,
            ended,
            gone,
            undone,
            left,
            others,
            load,
            problems,
            held,
            notAsked,
            unwritten,
            unread,
            unasked,
          },
          unmatched: nameless,
        },
        null,
        2,
      ),
    );
    return code;
  }
  for (const line of undone.flatMap(undoneLines)) out.data(line);
  for (const line of left.flatMap((one) => leftLines(one, undone))) out.data(line);
  for (const line of others.flatMap(otherLines)) out.data(line);
  for (const ended of load) out.data(visibleLine(ended));
  for (const problem of problems) out.data(visibleLine(`NOT recovered: ${problem}`));
  for (const living of held) out.data(visibleLine(`REFUSED: ${living}`));
  for (const unasked of notAsked)
    out.data(visibleLine(`NOT asked, though nothing was left when its runs ended: ${unasked}`));
  for (const { cluster, what } of unasked)
    out.data(visibleLine(`NOT asked in ${cluster}, as you have accepted: ${what}`));
  for (const name of nameless) out.data(visibleLine(unmatchedText(name)));
  for (const open of unwritten) out.data(visibleLine(`NOT closed, so that the next recovery asks once more: ${open}`));
  for (const text of recoveries.flatMap(notSearched)) out.data(text);
  out.data(line);
  return code;
}

/** By the run folders and by the targets file the same may have been found. */
function onceEach<T>(found: readonly T[]): readonly T[] {
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}
