import { KINDS } from '../../model/kubernetes.ts';
import type { FaultDefinition } from '../define.ts';
import type { DataOf, InPodData } from './data.ts';
import { injectInPods, sustainInPods } from './inject.ts';
import { IN_POD_PERMISSIONS, type InPod, type PacketsInPod, podMark } from './kind.ts';
import { proveInPods } from './prove.ts';
import { undoInPods } from './undo.ts';

type Parts<Data, Names extends keyof FaultDefinition<never, Data>> = Pick<FaultDefinition<never, Data>, Names>;

type InPodParts<Data> = Parts<Data, 'permissions' | 'marks' | 'isData' | 'inject' | 'sustain' | 'undo'>;

/** What all kinds do alike that work by containers in pods. */
export function inPodParts<Data extends InPodData>(it: InPod<Data>, { isData, bare }: DataOf<Data>): InPodParts<Data> {
  return {
    permissions: [...IN_POD_PERMISSIONS, { kind: KINDS.node, verbs: ['list'], scope: 'cluster' }],
    marks: [podMark(it.kind, bare)],
    isData,
    inject: (plan, context) => injectInPods(it, plan, context),
    sustain: (plan, context) => sustainInPods(it, plan, context),
    undo: (plan, context) => undoInPods(it, plan, context),
  };
}

/** What all kinds do alike whose containers write rules for packets; `does` is their line in the list of kinds. */
export function packetParts<Data extends InPodData>(
  it: PacketsInPod<Data>,
  does: string,
  data: DataOf<Data>,
): InPodParts<Data> & Parts<Data, 'row' | 'prove'> {
  return {
    ...inPodParts(it, data),
    row: {
      does,
      undo: 'tells the containers to take their rules away, and sees that they have ended',
      deadMan: 'each pod takes its rules away by itself after `expiry` (15m)',
    },
    prove: (plan, context) => proveInPods(it, plan, context),
  };
}
