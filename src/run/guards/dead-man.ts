import type { Target } from '../../model/target.ts';
import { deadManOf, isForDeadMan, staysOn } from '../dead-man/needs.ts';
import type { Guard, Ruling } from './guard.ts';

/** Something in the cluster puts every fault back when the runner dies: without it a fault may stay on for ever. */
export const deadMan: Guard = {
  name: 'dead-man',
  spares: 'practice',
  check: async ({ inputs, faults }) => {
    const isArmed = deadManOf(inputs) !== undefined;
    const alone = faults.filter((fault) => staysOn(fault) && !(isArmed && isForDeadMan(fault)));
    if (alone.length === 0) return [];
    const what = `nothing puts ${alone.map(({ plan }) => plan.fault).join(', ')} back when the runner dies`;
    if (inputs.noDeadMan) return [{ refused: false, detail: `${what}, as --no-dead-man says` }];
    const why = isArmed ? 'it is undone on this machine only' : 'the targets file has no spec.deadMan';
    return [{ refused: true, detail: `${what}: ${why}`, hint: isArmed ? WAIVE : ADD }];
  },
  ofTarget: { refuses: 'some faults', check: async ({ target }) => [statedIn(target)] },
};

const WAIVE = '--no-dead-man lets only recover undo it';
const ADD = `Add spec.deadMan to the targets file (docs/safety.md), or: ${WAIVE}`;

function statedIn({ deadMan: stated }: Target): Ruling {
  if (stated !== undefined) {
    const { image, serviceAccount } = stated;
    return { refused: false, detail: `its image is ${image}, its service account ${serviceAccount}` };
  }
  const detail = 'the targets file has no spec.deadMan: nothing puts back a fault that stays on when the runner dies';
  return { refused: true, detail, hint: ADD };
}
