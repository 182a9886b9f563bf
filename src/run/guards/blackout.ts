import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Millis } from '../../model/units.ts';
import { blackoutText, firstBlackout } from '../blackout.ts';
import { longestOf } from '../deadline.ts';
import type { PlanInputs } from '../wiring.ts';
import type { Guard, Ruling } from './guard.ts';

type Asked = Pick<PlanInputs, 'target' | 'scenario' | 'clock'>;

/**
 * The calendar of the targets file: no drill goes on, its undo included, while one of its blackouts holds, by this machine's
 * wall clock. Asked of every target: whoever writes a calendar means it.
 */
export const blackout: Guard = {
  name: 'blackout',
  check: async ({ inputs }) => {
    const { target } = inputs;
    return target.never === undefined ? [] : [rulingOn(inputs, target.never, longestOf(inputs.scenario))];
  },
  ofTarget: {
    refuses: 'every run',
    check: async ({ target, clock }) => (target.never === undefined ? [] : [rulingOn({ clock }, target.never, 0)]),
  },
};

/** Throws FAULT_REFUSED where a run that begins now would meet a blackout. */
export function refuseBlackout(inputs: Asked): void {
  if (inputs.target.never === undefined) return;
  const { refused, detail, hint = '' } = rulingOn(inputs, inputs.target.never, longestOf(inputs.scenario));
  if (refused) throw new FaultlineError('FAULT_REFUSED', detail, { hint });
}

function rulingOn(
  { clock }: Pick<Asked, 'clock'>,
  never: NonNullable<PlanInputs['target']['never']>,
  lastsMs: Millis,
): Ruling {
  const from = clock.wall();
  const to = new Date(from.getTime() + lastsMs);
  const until = lastsMs === 0 ? '' : `, may go on until ${minuteText(to)}`;
  const span = `a run that begins now, at ${minuteText(from)}${until}`;
  const hint =
    'Run it at another time. The calendar is spec.never of the targets file; recover is never kept from its work.';
  try {
    const met = firstBlackout(never, from, to);
    const many = `${never.length} ${never.length === 1 ? 'entry' : 'entries'} of the calendar`;
    if (met === undefined) return { refused: false, detail: `${span}; none of ${many} is met` };
    return { refused: true, detail: `${span}; from ${minuteText(met.at)} on: ${blackoutText(met.blackout)}`, hint };
  } catch (error) {
    return { refused: true, detail: `${span}, and the calendar cannot be read: ${messageOf(error)}`, hint };
  }
}

/** In UTC, as a log says it. */
function minuteText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
