import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LAB_NAME } from '../topology.ts';
import { type Mount, numbers } from './proc.ts';

/** How this machine divides its processes: one tree for each controller (version 1), or one for all (version 2). */
export type CgroupTrees = { readonly version: 1 | 2; readonly roots: readonly string[] };

/** The trees among the mounts; undefined when there are none that a kubelet can work with. */
export function cgroupTrees(mounts: readonly Mount[]): CgroupTrees | undefined {
  const all = mounts.filter(({ type }) => type === 'cgroup' || type === 'cgroup2');
  const first = all.filter(({ type }) => type === 'cgroup');
  if (first.some(({ options }) => options.includes('memory'))) {
    // A tree of version 2 beside them has no controllers, but runc makes groups there, too.
    return { version: 1, roots: [...new Set(all.map(({ point }) => point))] };
  }
  const second = mounts.find(({ type }) => type === 'cgroup2');
  return second === undefined ? undefined : { version: 2, roots: [second.point] };
}

/** Controllers that a kubelet asks for under version 2. */
const CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'pids'];

/** Where the processes of a group are, in every tree. `group` is relative to the lab's own: `tokyo/control-plane`. */
export function groupFolders(trees: CgroupTrees, group: string): string[] {
  return trees.roots.map((root) => join(root, LAB_NAME, group));
}

/** Makes a group and all above it. */
export function makeGroup(trees: CgroupTrees, group: string): void {
  for (const root of trees.roots) {
    let folder = root;
    for (const part of [LAB_NAME, ...group.split('/')]) {
      if (trees.version === 2) passControllersOn(folder);
      folder = join(folder, part);
      mkdirSync(folder, { recursive: true });
      if (trees.version === 1) inheritCpus(folder);
    }
  }
}

/** Under version 1 a group of the cpuset tree takes no process before it has processors and memory of its own. */
function inheritCpus(folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    try {
      const own = readFileSync(join(folder, file), 'utf8').trim();
      if (own === '') writeFileSync(join(folder, file), readFileSync(join(dirname(folder), file), 'utf8'));
    } catch {
      // Another tree than that of cpuset: it has no such file.
    }
  }
}

function passControllersOn(folder: string): void {
  const offered = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const wanted = CONTROLLERS.filter((name) => offered.includes(name));
  writeFileSync(join(folder, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '));
}

/** The lab's groups in all trees, those that lie deepest first. */
export function labGroups(trees: CgroupTrees): string[] {
  return trees.roots.flatMap((root) => below(join(root, LAB_NAME)));
}

function below(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...folders.flatMap(({ name }) => below(join(folder, name))), folder];
}

/** The processes in a folder of a tree, not those in groups below it. */
function processesIn(folder: string): number[] {
  try {
    return numbers(readFileSync(join(folder, 'cgroup.procs'), 'utf8'));
  } catch {
    return [];
  }
}

/** The processes of a group and of all below it; the whole lab's for an empty name. */
export function groupProcesses(trees: CgroupTrees, group: string): number[] {
  const folders = groupFolders(trees, group).flatMap(below);
  return [...new Set(folders.flatMap(processesIn))];
}

/** Removes a group that has no process any more. */
export function removeGroup(folder: string): void {
  rmdirSync(folder);
}
