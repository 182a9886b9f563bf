import { accessSync, constants, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StartProbes } from '../needs.ts';
import { cgroupTrees } from './cgroups.ts';
import { type Mount, mounts } from './proc.ts';
import { ENVIRONMENT } from './run.ts';
import { LAB_FOLDER } from './state.ts';

const PROGRAMS = [
  ...['ip', 'nsenter', 'setpriv', 'unshare', 'mount', 'umount', 'env', 'sh', 'openssl', 'runc', 'iptables', 'ipset'],
];
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback', 'portmap'];
/** Where Debian's package has them, and where everyone else puts them. */
const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];

/** The first folder that has all plug-ins that the lab uses. */
export function cniFolder(): string | undefined {
  return CNI_FOLDERS.find((folder) => CNI_PLUGINS.every((name) => executable(join(folder, name))));
}

/** Where this machine has a Prometheus; the lab does without. */
export function prometheusProgram(): string | undefined {
  const places = ENVIRONMENT.PATH.split(':').map((folder) => join(folder, 'prometheus'));
  return places.find(executable);
}

/** Looks at this machine. */
export async function probeStart(): Promise<StartProbes> {
  if (process.platform !== 'linux') return { ...NOTHING, platform: process.platform };
  const mounted = mounts();
  const { bavail, bsize } = await statfs(dirname(LAB_FOLDER));
  const path = ENVIRONMENT.PATH.split(':');
  return {
    platform: process.platform,
    root: mayAdminister(readFileSync('/proc/self/status', 'utf8')),
    missingPrograms: PROGRAMS.filter((name) => !path.some((folder) => executable(join(folder, name)))),
    cni: cniFolder(),
    prometheus: prometheusProgram(),
    cgroups: cgroupTrees(mounted)?.version,
    overlay: readFileSync('/proc/filesystems', 'utf8').includes('overlay'),
    fileSystem: fileSystemOf(dirname(LAB_FOLDER), mounted),
    memory: availableMemory(readFileSync('/proc/meminfo', 'utf8')),
    free: bavail * bsize,
  };
}

const NOTHING: StartProbes = {
  platform: '',
  root: false,
  missingPrograms: PROGRAMS,
  cni: undefined,
  prometheus: undefined,
  cgroups: undefined,
  overlay: false,
  fileSystem: 'unknown',
  memory: 0,
  free: 0,
};

const NET_ADMIN = 12n;
const SYS_ADMIN = 21n;

/** Whether /proc/PID/status tells of the capabilities (capabilities(7)) that the lab cannot do without. */
export function mayAdminister(status: string): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return [NET_ADMIN, SYS_ADMIN].every((bit) => ((effective >> bit) & 1n) === 1n);
}

/** Bytes, from /proc/meminfo. */
export function availableMemory(meminfo: string): number {
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1] ?? 0) * 1024;
}

/** The type of the file system that a folder lies on: that of the longest mount point above it. */
export function fileSystemOf(folder: string, all: readonly Mount[]): string {
  const above = all.filter(({ point }) => `${folder}/`.startsWith(point === '/' ? '/' : `${point}/`));
  const nearest = above.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  );
  return nearest?.type ?? 'unknown';
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
