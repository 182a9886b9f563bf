import type { Recovered } from '../app/recover/recovered.ts';
import { clusterText, objectText } from '../model/recover-command.ts';
import { visibleLine } from '../model/visible.ts';
import { copyText } from '../run/copies.ts';
import type { RecoverResult } from '../run/recover.ts';

type InCluster<T> = T & { readonly cluster: string };

/** What became of a fault. */
export type Undone = InCluster<RecoverResult['undone'][number]>;

/** What still carries a mark. */
type Left = InCluster<RecoverResult['leftovers'][number]>;

/**
 * What the undo of a fault came to, with the commands that go on from there, each in a line of its own to be pasted. Where
 * somebody else has changed something, there are two ways on, and the one that overwrites nothing comes first. What is to be done before
 * any of them comes before them.
 */
export function undoneLines(undone: Undone): string[] {
  return linesOf(undone).map(visibleLine);
}

function linesOf({ cluster, runId, fault, outcome }: Undone): string[] {
  const { state, detail, first, commands, keep = [] } = outcome;
  const head = [
    `${cluster}: run ${runId}, fault ${fault}: ${state} (${detail})`,
    ...(first === undefined ? [] : [`  ${first}`]),
  ];
  if (keep.length === 0) return [...head, ...commands.map((command) => `  ${command}`)];
  const overwrite = '  to finish the undo by hand, over what somebody has changed:';
  return [
    ...head,
    first === undefined ? '  to leave it as somebody has changed it:' : '  when that is done, to have it closed:',
    ...keep.map((command) => `    ${command}`),
    ...(commands.length === 0 ? [] : [overwrite, ...commands.map((command) => `    ${command}`)]),
  ];
}

/** What still carries a mark; how it goes is said once, and of what somebody has changed above, with both ways. */
export function leftLines(left: Left, undone: readonly Undone[]): string[] {
  return leftTexts(left, undone).map(visibleLine);
}

function leftTexts({ cluster, ref, runId, command, copyOf, held }: Left, undone: readonly Undone[]): string[] {
  const isOpen = undone.some(
    (one) =>
      one.cluster === cluster &&
      one.runId === runId &&
      one.outcome.objects.some((object) => object.state === 'conflict' && objectText(object) === ref),
  );
  const copy = copyOf === undefined ? '' : `: ${copyText({ name: cluster }, copyOf)}`;
  const head = `${cluster}: ${ref} still carries a mark${held === undefined ? '' : `, and ${held}`}${copy}`;
  return isOpen ? [`${head}: see what somebody has changed, above`] : [head, `  ${command}`];
}

/** What a run has left of which no folder tells that was read, and how it goes. */
export function otherLines({ cluster, runId, objects, command }: Recovered['others'][number]): string[] {
  const what = `${cluster}: run ${runId}, of which no run folder here tells, has left something: ${objects.join(', ')}`;
  return [visibleLine(what), visibleLine(`  ${command}`)];
}

/** What is named to be accepted, and is no object of what was undone, nor a kind that could not be asked for, nor a cluster that was called gone. */
export function unmatched(
  only: readonly string[],
  undone: readonly Undone[],
  { unasked, gone }: { readonly unasked: readonly { readonly what: string }[]; readonly gone: Recovered['gone'] },
): string[] {
  const objects = undone.flatMap(({ outcome }) => outcome.objects.map((object) => objectText(object).toLowerCase()));
  const kinds = unasked.map(({ what }) => what.split(' ')[0]?.toLowerCase());
  const clusters = gone.map(({ cluster }) => clusterText(cluster).toLowerCase());
  return only.filter((name) => ![...objects, ...kinds, ...clusters].includes(name.toLowerCase()));
}

/** That nothing was accepted of what was named so. */
export function unmatchedText(name: string): string {
  const why = name.toLowerCase().startsWith(clusterText(''))
    ? 'no run folder has something open in such a cluster, or it is not taken for gone'
    : 'no fault that was undone is about such an object';
  return `--only ${name}: ${why}; nothing was accepted there`;
}
