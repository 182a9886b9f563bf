import type { Mark, PermissionRule } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { FaultDefinition } from '../define.ts';
import { injectInPods, sustainInPods } from '../in-pod/inject.ts';
import { IN_POD_PERMISSIONS, podMark } from '../in-pod/kind.ts';
import { undoInPods } from '../in-pod/undo.ts';
import { bareData, isStressData, type StressData } from './data.ts';
import type { Stress } from './kind.ts';
import { proveStress } from './prove.ts';

type Parts = Pick<
  FaultDefinition<never, StressData>,
  'row' | 'permissions' | 'marks' | 'isData' | 'inject' | 'sustain' | 'prove' | 'undo'
>;

/** What all kinds of stress do alike. */
export function stressParts(it: Stress, does: string): Parts {
  const permissions: readonly PermissionRule[] = [
    ...IN_POD_PERMISSIONS,
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ];
  const marks: readonly Mark[] = [podMark(it.kind, bareData)];
  return {
    row: {
      does,
      undo: 'tells the containers to end, and sees that they have',
      deadMan: 'each container ends by itself after `expiry` (15m)',
    },
    permissions,
    marks,
    isData: isStressData,
    inject: (plan, context) => injectInPods(it, plan, context),
    sustain: (plan, context) => sustainInPods(it, plan, context),
    prove: (plan, context) => proveStress(it, plan, context),
    undo: (plan, context) => undoInPods(it, plan, context),
  };
}
