import type { Recovered } from '../app/recover/recovered.ts';
import { EXIT } from '../model/exit.ts';
import { isClean, type RecoverResult } from '../run/recover.ts';

/** What a recovery was asked for. */
type Asked = { readonly run?: string; readonly target?: string };

/**
 * How a recovery has ended: its exit code, the line that says the same, and whether nothing is left. `nameless`: what was to be accepted, and
 * is nothing.
 */
export function recoverEnd(
  recovered: Recovered,
  asked: Asked,
  nameless: readonly string[],
): { readonly code: number; readonly line: string; readonly clean: boolean } {
  const { code, line } = endOf(recovered, asked);
  const clean = code === EXIT.pass;
  return { code: clean && nameless.length > 0 ? EXIT.usage : code, line, clean };
}

function endOf(recovered: Recovered, asked: Asked): { readonly code: number; readonly line: string } {
  const { problems, recoveries, held, others } = recovered;
  if (problems.length + others.length > 0 || !recoveries.every(isClean)) {
    return { code: EXIT.undoIncomplete, line: 'NOT everything is undone: see above.' };
  }
  if (held.length === 0) return { code: EXIT.pass, line: cleanLine(recovered, asked) };
  if (!hasActed(recovered))
    return { code: EXIT.refused, line: 'Nothing was touched where somebody is at work: see above.' };
  return {
    code: EXIT.undoIncomplete,
    line: 'NOT everything is known to be undone: what is told above was undone, and what somebody holds was left to them.',
  };
}

/** Whether it has undone anything, or ended a load. */
function hasActed({ recoveries, load }: Recovered): boolean {
  return load.length > 0 || recoveries.some(({ undone }) => undone.some(({ outcome }) => outcome.objects.length > 0));
}

/** Says no more than was asked: of which runs, and where. */
function cleanLine(recovered: Recovered, asked: Asked): string {
  const { ended, gone } = recovered;
  const isOne = ended.length === 1;
  const over = isOne
    ? 'it was a sandbox that has ended, and its faults'
    : 'they were sandboxes that have ended, and their faults';
  return [
    ...ofTarget(recovered, asked),
    ...ofFolders(recovered),
    ...(ended.length === 0
      ? []
      : [`Of ${runsText(ended)} no cluster was asked: ${over} with ${isOne ? 'it' : 'them'}.`]),
    ...[...Map.groupBy(gone, ({ cluster }) => cluster)].map(
      ([cluster, those]) =>
        `Of ${runsText(those.map(({ runId }) => runId))} cluster ${cluster} was not asked: it is gone for good, as you have said, and what was on in it.`,
    ),
  ].join(' ');
}

/** Only a target's clusters are looked through in all of their namespaces. */
const isOfTarget = ({ beyond }: RecoverResult): boolean => beyond !== undefined;

const isUnasked = ({ unasked = [] }: RecoverResult): boolean => unasked.length > 0;

function ofTarget({ recoveries }: Recovered, { run, target }: Asked): string[] {
  const own = recoveries.filter(isOfTarget);
  if (own.length === 0) return [];
  const isWhole = own.every(({ beyond }) => beyond?.unread === undefined);
  const places = isWhole ? 'any namespace' : namespacesText(own.flatMap(({ searched }) => searched));
  const what = run === undefined ? 'faultline' : `run ${run}`;
  return [
    `Nothing of ${what} is ${own.some(isUnasked) ? 'known to be ' : ''}left in ${places} of the clusters of ${target}.`,
  ];
}

function ofFolders({ recoveries, runs, notAsked, gone }: Recovered): string[] {
  if (runs.length === 0) return [];
  const own = recoveries.filter((recovery) => !isOfTarget(recovery) && recovery.searched.length > 0);
  const seen = own.filter(({ unread }) => unread === undefined);
  if (seen.length === 0) {
    const why = own.length === 0 ? 'no cluster has answered' : 'no cluster could be looked through as a whole';
    return [`Nothing of ${runsText(runs)} is known to be left, and ${why}.`];
  }
  const isOpen = notAsked.length + gone.length > 0 || seen.length < own.length || own.some(isUnasked);
  const alike = Map.groupBy(seen, ({ searched }) => namespacesText(searched));
  const places = [...alike].map(
    ([names, those]) => `${names} of ${[...new Set(those.map(({ cluster }) => cluster))].join(', ')}`,
  );
  return [`Nothing of ${runsText(runs)} is ${isOpen ? 'known to be ' : ''}left in ${places.join(' and ')}.`];
}

function namespacesText(names: readonly string[]): string {
  const each = [...new Set(names)];
  return `${each.length === 1 ? 'the namespace' : 'the namespaces'} ${each.join(', ')}`;
}

function runsText(runs: readonly string[]): string {
  return `${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')}`;
}
