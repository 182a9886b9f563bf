import type { FaultDefinition } from '../define.ts';
import { inPodParts } from '../in-pod/parts.ts';
import { STRESS_DATA, type StressData } from './data.ts';
import type { Stress } from './kind.ts';
import { proveStress } from './prove.ts';

type Parts = Pick<FaultDefinition<never, StressData>, 'row' | 'prove'> & ReturnType<typeof inPodParts<StressData>>;

/** What all kinds of stress do alike. */
export function stressParts(it: Stress, does: string): Parts {
  return {
    ...inPodParts(it, STRESS_DATA),
    row: {
      does,
      undo: 'tells the containers to end, and sees that they have',
      deadMan: 'each container ends by itself after `expiry` (15m)',
    },
    prove: (plan, context) => proveStress(it, plan, context),
  };
}
