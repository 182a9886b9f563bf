import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { LAB_NAME } from '../topology.ts';
import { cgroupTrees, groupProcesses, labGroups, removeGroup } from './cgroups.ts';
import { bootId, mounts, namesIn, processFigures } from './proc.ts';
import { nothingLeft, type Remains, removalOf, removalText } from './removal.ts';
import { run } from './run.ts';
import { type LabState, readState, recordedProcesses } from './state.ts';

/** Where named network namespaces are, and which mount `ip netns add` makes of it when it is the first one. */
export const NAMESPACES = '/run/netns';
/** What `mount` makes on a machine on which nobody has used it since its start (util-linux, libmount). */
export const MOUNT_NOTES = '/run/mount';

const PATIENCE_MS = 20_000;
const PAUSE_MS = 100;

/**
 * Removes everything of a lab, whole or half: idempotent, by the state file and by the lab's own names. With `keepLogs`
 * the logs stay in the lab's folder, for people. Rejects with LAB when something does not go. Resolves to false when
 * there was nothing.
 */
export async function labDown(folder: string, clock: Clock, keepLogs = false): Promise<boolean> {
  const state = readState(folder);
  const deadline = clock.now() + PATIENCE_MS * 1000;
  let removal = removalOf(state, remains(folder, state));
  const found = !nothingLeft(removal) || namesIn(folder).length > 0;
  while (!nothingLeft(removal)) {
    await remove(removal.kill, removal, clock);
    removal = removalOf(state, remains(folder, state));
    if (clock.now() > deadline) throw stuck(removalText(removal), folder);
  }
  removeFolders(state);
  removeFiles(folder, keepLogs);
  return found;
}

async function remove(
  kill: readonly number[],
  {
    namespaces,
    groups,
    mounts: points,
  }: { namespaces: readonly string[]; groups: readonly string[]; mounts: readonly string[] },
  clock: Clock,
): Promise<void> {
  if (kill.length > 0) {
    for (const pid of kill) signal(pid);
    await clock.sleep(PAUSE_MS);
    return;
  }
  for (const name of namespaces) await run(['ip', 'netns', 'del', name]);
  for (const group of groups) await attempt(() => removeGroup(group));
  for (const point of points) await attempt(() => run(['umount', point]));
  if (points.includes(NAMESPACES)) await attempt(() => rmdirSync(NAMESPACES));
  if (groups.length > 0) await clock.sleep(PAUSE_MS);
}

/** A group or a mount may be busy for a moment after its last process: the next round tries again. */
async function attempt(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch {
    // The round after this one sees what is left, and the deadline says so.
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}

/** Looks at the machine. */
function remains(folder: string, state: LabState | undefined): Remains {
  const recorded = state === undefined ? [] : recordedProcesses(state);
  const started = recorded.flatMap(({ pid }): [number, number][] => {
    const figures = processFigures(pid);
    return figures === undefined ? [] : [[pid, figures.started]];
  });
  const mounted = mounts();
  const trees = cgroupTrees(mounted);
  const namespaces = namesIn(NAMESPACES);
  const own = namespaces.filter((name) => name.startsWith(`${LAB_NAME}-`));
  return {
    boot: bootId(),
    started: new Map(started),
    members: trees === undefined ? [] : groupProcesses(trees, ''),
    namespaces: own,
    groups: trees === undefined ? [] : labGroups(trees),
    mounts: mounted
      .map(({ point }) => point)
      .filter((point) => isOurs(point, { folder, state, namespaces }))
      .reverse(),
  };
}

/** The mount of all namespaces is ours to remove while it holds no namespace of somebody else. */
function isOurs(
  point: string,
  { folder, state, namespaces }: { folder: string; state: LabState | undefined; namespaces: readonly string[] },
): boolean {
  if (point.startsWith(`${folder}/`)) return true;
  if (point !== NAMESPACES || namespaces.some((name) => !name.startsWith(`${LAB_NAME}-`))) return false;
  return state?.boot === bootId() && state.made.some((made) => made.kind === 'mount' && made.path === point);
}

/** Those that were made for the lab, while nobody else keeps anything there. */
function removeFolders(state: LabState | undefined): void {
  if (state?.boot !== bootId()) return;
  for (const made of state.made) {
    if (made.kind === 'folder' && existsSync(made.path) && namesIn(made.path).length === 0) rmdirSync(made.path);
  }
}

/** Only when nothing is mounted below: what is removed here are the lab's own files. The state file goes last. */
function removeFiles(folder: string, keepLogs: boolean): void {
  const kept = keepLogs ? ['log'] : [];
  const names = namesIn(folder).filter((name) => !kept.includes(name));
  for (const name of [...names.filter((name) => name !== STATE), ...names.filter((name) => name === STATE)]) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (existsSync(folder) && namesIn(folder).length === 0) rmdirSync(folder);
}

const STATE = 'state.ndjson';

function stuck(what: string, folder: string): FaultlineError {
  return new FaultlineError('LAB', `the lab does not go: ${what}`, {
    hint: `Look at them, then run faultline lab down again. The state file is in ${folder}.`,
  });
}
