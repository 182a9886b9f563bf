import { staysOn } from '../dead-man/needs.ts';
import type { Guard } from './guard.ts';

/** Something in the cluster puts every fault back when the runner dies: without it a fault may stay on for ever. */
export const deadMan: Guard = {
  name: 'dead-man',
  spares: 'practice',
  check: async ({ inputs, faults }) => {
    const lasting = faults.filter(staysOn).map(({ plan }) => plan.fault);
    const { target, noDeadMan } = inputs;
    if (lasting.length === 0 || (target.deadMan !== undefined && !noDeadMan)) return [];
    const what = `nothing puts ${lasting.join(', ')} back when the runner dies`;
    if (noDeadMan) return [{ refused: false, detail: `${what}, as --no-dead-man says` }];
    const hint =
      'Add spec.deadMan to the targets file (docs/safety.md), or say --no-dead-man: then only recover undoes it.';
    return [{ refused: true, detail: `${what}: the targets file has no spec.deadMan`, hint }];
  },
};
