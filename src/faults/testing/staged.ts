import type { FaultKind } from '../../model/fault.ts';
import { FAULT_KINDS, faultKind } from '../index.ts';

/** The fake system has neither istiod nor gateways: any Deployment does. */
const ASIDE = { cluster: 'tokyo', namespace: 'default', deployment: 'mockb-ap-northeast-1a' };

/** Examples of the kinds whose own example is of what the fake system does not have. */
const STAGED: Readonly<Record<string, FaultKind['example']>> = {
  controlPlaneDown: ASIDE,
  // One pod on each side: what holds for them holds for a whole zone.
  networkPartition: {
    ...{ cluster: 'tokyo', namespaces: ['default'] },
    ...{ from: { selector: { app: 'mocka' } }, to: { zone: 'ap-northeast-1b' } },
  },
  hook: {
    ...faultKind('hook').example,
    inject: { command: ['on'] },
    undo: { command: ['off'] },
    probe: { command: ['look'] },
  },
  eastWestCut: { cluster: 'tokyo', namespace: 'default', selector: { app: 'mocka' } },
};

function staged(kind: FaultKind): FaultKind {
  const example = STAGED[kind.kind];
  return example === undefined ? kind : { ...kind, example };
}

/** Every kind, with an example of what the fake system has. */
export const STAGED_KINDS: readonly FaultKind[] = FAULT_KINDS.map(staged);
