import type { FaultMove, ZonePods } from '../model/fault-move.ts';

/** What a fault comes to that silences the pods of a zone. */
export function silenceOf({ cluster, zone, namespaces }: ZonePods): FaultMove {
  return {
    kind: 'untold',
    why:
      'nothing answers for the pods of the zone any more, and nothing refuses: when their callers find out hangs on connections ' +
      'that they keep and on what the kernel sends again, which no cluster tells (`lint` tells of connectTimeout)',
    silenced: { cluster, zone, namespaces },
  };
}
