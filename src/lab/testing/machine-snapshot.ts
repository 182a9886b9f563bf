import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_NAME } from '../topology.ts';
import { mounts, namesIn } from '../up/proc.ts';
import { LAB_FOLDER } from '../up/state.ts';

/** Settings of the whole machine that Kubernetes' parts are known to change. */
const SYSCTLS = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/hostname',
  'net/ipv4/ip_forward',
  'net/ipv4/conf/all/route_localnet',
  'net/netfilter/nf_conntrack_max',
];

/** Everything of a machine that a lab could leave behind, in a form that two snapshots can be compared by. */
export type MachineSnapshot = {
  readonly sysctls: Readonly<Record<string, string>>;
  readonly interfaces: string;
  readonly routes: string;
  readonly namespaces: readonly string[];
  readonly mounts: readonly string[];
  readonly groups: readonly string[];
  readonly folders: readonly string[];
  /** Names in /run. */
  readonly run: readonly string[];
  /** Local addresses of sockets that listen in the lab's part of the loopback network, as /proc/net/tcp has them. */
  readonly listening: readonly string[];
  readonly firewall: string;
};

/** Places where kubelet, containerd and the CNI plug-ins leave things, and the lab's own. */
const FOLDERS = [
  LAB_FOLDER,
  '/run/netns',
  '/run/containerd',
  '/var/lib/kubelet',
  '/var/lib/containerd',
  '/var/lib/cni',
];

export function machineSnapshot(): MachineSnapshot {
  const all = mounts();
  return {
    sysctls: Object.fromEntries(SYSCTLS.map((name) => [name, sysctl(name)])),
    interfaces: ip('-brief', 'address'),
    routes: ip('route'),
    namespaces: namesIn('/run/netns'),
    mounts: all.map(({ point, type }) => `${type} ${point}`).sort(),
    groups: all.flatMap(({ point, type }) => (type.startsWith('cgroup') ? namesIn(point) : [])).filter(isFolderOfOurs),
    folders: FOLDERS.flatMap((folder) => (existsSync(folder) ? [folder, ...readdirSync(folder)] : [])),
    run: readdirSync('/run').sort(),
    listening: listening(readFileSync('/proc/net/tcp', 'utf8')),
    firewall: execFileSync('iptables-save', { encoding: 'utf8' }).replaceAll(/^#.*\n/gm, ''),
  };
}

/** 0A is LISTEN; an address is written with its last number first: D27F is the end of 127.210. */
function listening(table: string): string[] {
  return [...table.matchAll(/^ *\d+: ([0-9A-F]{4}D27F:[0-9A-F]{4}) [0-9A-F:]+ 0A /gm)].map((match) => match[1] ?? '');
}

/** A cgroup can only be gone when no process is in it. */
function isFolderOfOurs(name: string): boolean {
  return name.startsWith(LAB_NAME);
}

function sysctl(name: string): string {
  const path = join('/proc/sys', name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : 'none';
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}
