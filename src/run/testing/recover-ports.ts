import { faultKind } from '../../faults/index.ts';
import type { Clock } from '../../model/ports.ts';
import type { RecoverPorts } from '../recover.ts';
import { HERE } from './bench-run.ts';

/** What a recovery of all that is left works by, which nobody ends. */
export function recoverPorts(clock: Clock, signal: AbortSignal): RecoverPorts {
  return {
    ...{ clock, faultKind, signal, runId: undefined, holder: 'recover-1/bench/1', recoverFrom: HERE },
    over: new AbortController().signal,
    say: () => {},
  };
}
