import type { FaultMove } from '../model/fault-move.ts';

/** Moves that are not played. */
type Untold = Extract<
  FaultMove,
  { kind: 'silence' | 'containers-killed' | 'nodes-drained' | 'stress' | 'network-cut' | 'untold' }
>;

/** Why nobody can say what becomes of calls, in the words of people who plan a drill. */
export function untoldWhy(move: Untold): string {
  switch (move.kind) {
    case 'untold':
      return move.why;
    case 'silence':
      return (
        'nothing answers for the pods of the zone any more, and nothing refuses: when their callers find out hangs on connections ' +
        'that they keep and on what the kernel sends again, which no cluster tells (`lint` tells of connectTimeout)'
      );
    case 'containers-killed':
      return 'how soon the containers are back in their pods, and how long the kubelet holds them back, no cluster tells beforehand';
    case 'nodes-drained':
      return "on which nodes the evicted pods start again, and when, is the scheduler's word";
    case 'stress':
      return move.of === 'cpu'
        ? 'how much later pods answer that are short of CPU hangs on what they compute, which no cluster tells'
        : 'which of their processes the kernel ends that is short of memory, and when, nobody can tell beforehand';
    case 'network-cut':
      return 'pods of the way into the network go: who answers from it then hangs on what stands behind its address, which no cluster tells';
  }
}
