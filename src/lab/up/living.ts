import { FaultlineError } from '../../model/errors.ts';
import { cgroupTrees } from './cgroups.ts';
import { Daemons } from './daemon.ts';
import { mounts, processFigures } from './proc.ts';
import { type LabState, type RecordedProcess, readState, StateFile } from './state.ts';

/** A lab that was started by another process of faultline, to be changed by this one. */
export type LivingLab = { readonly state: LabState; readonly file: StateFile; readonly daemons: Daemons };

/** Throws LAB where there is none. */
export function livingLab(folder: string): LivingLab {
  const state = readState(folder);
  const trees = cgroupTrees(mounts());
  if (state === undefined || trees === undefined) {
    throw new FaultlineError('LAB', 'the lab is not up', { hint: 'faultline lab up' });
  }
  const file = new StateFile(folder);
  return { state, file, daemons: new Daemons({ folder, trees, state: file }) };
}

/** Whether a recorded process is there, and still that very one. */
export function lives({ pid, started }: RecordedProcess): boolean {
  return processFigures(pid)?.started === started;
}
