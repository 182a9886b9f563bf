import { unseenText, whyUnseen } from '../model/leftover.ts';
import { acceptCommand, objectText, recoverOf } from '../model/recover-command.ts';
import type { RunResult } from '../model/result.ts';

type Left = RunResult['putBack']['leftovers'][number];

/** One thing that people can do about what a run has left, and the command that does it. */
type WayOn = { readonly what: string; readonly command: string };

/**
 * All that people can do about what is left behind, what overwrites nothing first: where somebody else has changed an object
 * meanwhile there are two ways, and only people know which is wanted.
 */
export function waysOn({ run, putBack }: Pick<RunResult, 'run' | 'putBack'>): WayOn[] {
  const recover = recoverOf(run);
  const changed = putBack.objects.filter(({ state }) => state === 'conflict');
  const names = changed.map(objectText);
  const whose = changed.map((object) => `${objectText(object)} (${object.cluster})`).join(' and ');
  const keep = { what: `to leave ${whose} as somebody has changed it`, command: acceptCommand(recover, changed) };
  const whatFor = ({ cluster, ref, held }: Left): string => {
    if (whyUnseen({ ref }) !== undefined) return `to look again for what is left ${unseenText({ cluster, ref })}`;
    if (held !== undefined) return `to see who holds ${ref} (${cluster}), which ${held}`;
    return names.includes(ref)
      ? `to put back in ${ref} (${cluster}) what stood there before, over what somebody has changed`
      : `to take away by hand what is left of ${ref} (${cluster})`;
  };
  const byHand = putBack.leftovers.map((left) => ({ what: whatFor(left), command: left.command }));
  if (changed.length === 0) return [{ what: 'to undo it', command: recover }, ...byHand];
  return [keep, ...byHand, { what: 'to undo the rest, and to close what was done by hand', command: recover }];
}
