import { type LabState, recordedProcesses } from './state.ts';

/** What of a lab is on this machine now, found by the lab's own names. */
export type Remains = {
  readonly boot: string;
  /** When each of the recorded processes that live was started, by id. */
  readonly started: ReadonlyMap<number, number>;
  /** Processes in the lab's cgroups. */
  readonly members: readonly number[];
  readonly namespaces: readonly string[];
  /** Folders of the lab's cgroups, deepest first. */
  readonly groups: readonly string[];
  /** Mounts that the state file names or that lie in the lab's folder, deepest first. */
  readonly mounts: readonly string[];
};

/** What has to go, in this order. */
type Removal = {
  readonly kill: readonly number[];
  readonly namespaces: readonly string[];
  readonly groups: readonly string[];
  readonly mounts: readonly string[];
};

/**
 * What to remove: what the state file lists as far as it is still that very thing, and what bears the lab's names. A
 * recorded process counts only while the machine has not been started anew and the id has not been given to another.
 */
export function removalOf(state: LabState | undefined, remains: Remains): Removal {
  const sameBoot = state !== undefined && state.boot === remains.boot;
  const recorded = sameBoot
    ? recordedProcesses(state).filter(({ pid, started }) => remains.started.get(pid) === started)
    : [];
  const { namespaces, groups, mounts } = remains;
  return { kill: [...new Set([...recorded.map(({ pid }) => pid), ...remains.members])], namespaces, groups, mounts };
}

/** True when nothing of a lab is on the machine. */
export function nothingLeft({ kill, namespaces, groups, mounts }: Removal): boolean {
  return [kill, namespaces, groups, mounts].every((list) => list.length === 0);
}

/** What is left, for people. */
export function removalText({ kill, namespaces, groups, mounts }: Removal): string {
  const parts = [
    ...(kill.length > 0 ? [`processes ${kill.slice(0, 10).join(', ')}${kill.length > 10 ? ', …' : ''}`] : []),
    ...(namespaces.length > 0 ? [`network namespaces ${namespaces.join(', ')}`] : []),
    ...(groups.length > 0 ? [`${groups.length} cgroups, such as ${groups.at(-1)}`] : []),
    ...(mounts.length > 0 ? [`mounts ${mounts.join(', ')}`] : []),
  ];
  return parts.join('; ');
}
