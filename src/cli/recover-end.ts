import type { Recovered } from '../app/recover/recovered.ts';
import { EXIT } from '../model/exit.ts';
import { isClean } from '../run/recover.ts';

/** What a recovery was asked for. */
type Asked = { readonly run?: string; readonly scan: boolean; readonly target?: string };

/** How a recovery has ended: its exit code, and the line that says the same. */
export function recoverEnd(recovered: Recovered, asked: Asked): { readonly code: number; readonly line: string } {
  const { problems, recoveries, held } = recovered;
  if (problems.length > 0 || !recoveries.every(isClean)) {
    return { code: EXIT.undoIncomplete, line: 'NOT everything is undone: see above.' };
  }
  if (held.length === 0) return { code: EXIT.pass, line: cleanLine(recovered, asked) };
  if (!hasActed(recovered)) return { code: EXIT.refused, line: 'Nothing was touched where a run lives: see above.' };
  return {
    code: EXIT.undoIncomplete,
    line: 'NOT everything is known to be undone: what is told above was undone, and what somebody holds was left to them.',
  };
}

/** Whether it has undone anything, or ended a load. */
function hasActed({ recoveries, load }: Recovered): boolean {
  return load.length > 0 || recoveries.some(({ undone }) => undone.some(({ outcome }) => outcome.objects.length > 0));
}

/** Says no more than was asked. */
function cleanLine({ notAsked, recoveries }: Recovered, { run, scan, target }: Asked): string {
  const what = run === undefined ? 'faultline' : `run ${run}`;
  const searched = [...new Set(recoveries.flatMap((recovery) => recovery.searched))];
  const isWhole = recoveries.every(({ beyond }) => beyond !== undefined && beyond.unread === undefined);
  const named = `${searched.length === 1 ? 'the namespace' : 'the namespaces'} ${searched.join(', ')}`;
  const places = isWhole ? 'any namespace' : named;
  const where = scan ? ` in ${places} of the clusters of ${target}` : '';
  const isKnown = notAsked.length > 0 || recoveries.some(({ unasked = [] }) => unasked.length > 0);
  return `Nothing of ${what} is ${isKnown ? 'known to be ' : ''}left${where}.`;
}
