import type { UndoOutcome } from '../../model/fault.ts';
import type { PlanOf } from '../define.ts';
import type { ContainerKillData } from './victims.ts';

/**
 * Nothing is to be put back: the kubelet restarts what was killed. An ephemeral container that starts later kills nobody by
 * itself, and ends.
 */
export async function undo({ objects }: PlanOf<ContainerKillData>): Promise<UndoOutcome> {
  return {
    state: 'undone',
    detail: 'nothing to put back: the kubelets restart killed containers',
    objects,
    commands: [],
  };
}
