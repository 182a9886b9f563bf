import type { Micros } from '../../../model/units.ts';
import type { Step } from './proxy-rows.ts';

/** What a host had been through at a reading of it. */
export type Moment = {
  /** When the reading began from which on nothing but failures was counted; its own where none was. */
  readonly since: Micros;
  /** When a reading first showed the ejection that goes on; its own end where none does. */
  readonly ejected: Micros;
  /** It was let in again after an ejection, and has served nothing since. */
  readonly returned: boolean;
  /** The next reading that shows it ejected, or gone. */
  readonly end: Step | undefined;
};

const known = new WeakMap<readonly Step[], readonly Moment[]>();

/** The moments of all readings of a host, worked out once: an outage of hours has many groups, and each looks at all of them. */
export function momentsOf(steps: readonly Step[]): readonly Moment[] {
  const moments = known.get(steps) ?? momentsIn(steps);
  known.set(steps, moments);
  return moments;
}

function momentsIn(steps: readonly Step[]): readonly Moment[] {
  const ends = endsOf(steps);
  let since: Micros | undefined;
  let ejected: Micros | undefined;
  let returned = false;
  return steps.map((step, i) => {
    if (step.failed > 0) since ??= step.from;
    ejected = step.ejected ? (ejected ?? step.to) : undefined;
    const moment = { since: since ?? step.from, ejected: ejected ?? step.to, returned, end: ends[i] };
    if (step.served > 0) since = undefined;
    if (step.ejected) returned = true;
    else if (step.served > 0 || step.gone === true) returned = false;
    return moment;
  });
}

/** For each reading the next one that shows the host ejected, or gone. */
function endsOf(steps: readonly Step[]): readonly (Step | undefined)[] {
  let end: Step | undefined;
  return steps
    .toReversed()
    .map((step) => {
      const next = end;
      if (step.ejected || step.gone === true) end = step;
      return next;
    })
    .toReversed();
}
