import type { Clock } from '../../model/ports.ts';
import type { PacketFilter } from '../nodes/packet-filter.ts';
import type { ContainerUse } from '../nodes/pod-load.ts';

/** What the processes of one container share, and what they see of their pod. */
export type Machine = {
  readonly clock: Clock;
  /** The pod's own: all its containers have one network. */
  readonly filter: PacketFilter;
  /** Where the pod's default route leads. */
  readonly gateway: string;
  /** Ends the container whose first process has ID 1 here; undefined where that is the own one. */
  readonly endTarget: (() => boolean) | undefined;
  /** What its processes use. */
  readonly use: ContainerUse;
  /** Its processes hold so many bytes now. */
  readonly onHeld: (bytes: number) => void;
  readonly files: Map<string, string>;
  /** Running shells by process ID. */
  readonly processes: Map<number, Process>;
  readonly pids: { last: number };
  /** Ends all processes of the container at once, as SIGKILL does. */
  readonly killed: AbortSignal;
  /** Somebody has written rules. */
  readonly onRules: () => void;
};

export type Process = { terminate(): void };

/** The next process ID: 1 for the container's own command. */
export function nextPid(machine: Machine): number {
  machine.pids.last += 1;
  return machine.pids.last;
}
