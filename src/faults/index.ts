import { FaultlineError } from '../model/errors.ts';
import type { FaultKind } from '../model/fault.ts';
import { imageSwap } from './image-swap.ts';
import { podKill } from './pod-kill.ts';
import { zoneBlackhole } from './zone-blackhole.ts';

/** Every kind of fault, in the order of the documentation. A new kind is one new file and one entry here. */
export const FAULT_KINDS: readonly FaultKind[] = [imageSwap, podKill, zoneBlackhole];

/** The kind of a planned fault. Throws JOURNAL when a newer version wrote the plan. */
export function faultKind(kind: string): FaultKind {
  const found = FAULT_KINDS.find((candidate) => candidate.kind === kind);
  if (found === undefined) {
    throw new FaultlineError('JOURNAL', `fault kind ${kind} is not known to this version of faultline`, {
      hint: 'Use the version that made the run.',
    });
  }
  return found;
}
