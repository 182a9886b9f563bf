import { GO_MINIMUM } from './versions.ts';

/** Something the lab needs of its machine. `fix` is what to do where it is not there. */
type Need = {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly fix?: string;
  /** Its absence is said and stops nothing. */
  readonly optional?: true;
};

/** What was found on the machine about building. */
export type BuildProbes = {
  /** Operating system and processor as Node.js names them, for example `linux-x64`. */
  readonly platform: string;
  /** What `go env GOVERSION` says, for example `go1.26.8`; undefined when there is no Go. */
  readonly go: string | undefined;
  /** What pip says of itself; undefined when there is none. */
  readonly pip: string | undefined;
  /** Whether busybox is there, and needs no libraries. */
  readonly busybox: 'static' | 'dynamic' | undefined;
  /** Whether iptables (the nft one) is there. */
  readonly iptables: boolean;
  /** Bytes that are free where the cache is. */
  readonly free: number;
};

const PLATFORM = 'linux-x64';
const GIB = 1024 ** 3;
/** Disk that a first build takes: 5 GiB of Go modules, 8 GiB of Go's build cache, 2 GiB of programs and images. */
const ROOM = 20 * GIB;

/** What building the lab needs, in the order in which people would put it right. */
export function buildNeeds(probes: BuildProbes): Need[] {
  const { platform, go, pip, busybox, iptables, free } = probes;
  return [
    need('machine', platform === PLATFORM, platform, 'The lab is built and run on Linux on x86-64.'),
    need('Go', go !== undefined && atLeast(go.replace(/^go/, ''), GO_MINIMUM), go ?? 'not there', GO_FIX),
    need('pip', pip !== undefined, pip ?? 'python3 -m pip cannot be run', 'apt-get install python3-pip'),
    need('busybox', busybox === 'static', busybox ?? 'not there', 'apt-get install busybox-static'),
    need('iptables', iptables, iptables ? 'there' : 'not there', 'apt-get install iptables'),
    {
      ...need('disk', free >= ROOM, `${(free / GIB).toFixed(0)} GiB free`, `A first build takes ${ROOM / GIB} GiB.`),
      optional: true,
    },
  ];
}

/** What was found on the machine about starting the lab. */
export type StartProbes = {
  /** Operating system as Node.js names it. */
  readonly platform: string;
  /** Whether this process is root and may make namespaces, mounts and network interfaces. */
  readonly root: boolean;
  /** Programs of the system that are not there. */
  readonly missingPrograms: readonly string[];
  /** Folder with the CNI plug-ins. */
  readonly cni: string | undefined;
  /** A Prometheus of the machine, for the alerts of drills. */
  readonly prometheus: string | undefined;
  /** Which version of cgroups a kubelet could use. */
  readonly cgroups: 1 | 2 | undefined;
  /** Whether the kernel has overlayfs. */
  readonly overlay: boolean;
  /** The file system below the lab's folder; containers cannot lie on an overlay. */
  readonly fileSystem: string;
  /** Bytes of memory that programs could still take. */
  readonly memory: number;
  /** Bytes that are free where the lab's folder is. */
  readonly free: number;
};

/** Memory of two control planes, four nodes, sixteen Envoys and twelve services: 4 GiB, and some air. */
const MEMORY = 5 * GIB;
/** Disk of a lab: the images once for each node, and what etcd and the containers write. */
const LAB_ROOM = 5 * GIB;

const PACKAGES = 'runc containernetworking-plugins iptables ipset iproute2 util-linux openssl';

/** What starting the lab needs beside a finished build, in the order in which people would put it right. */
export function startNeeds(probes: StartProbes): Need[] {
  const { platform, root, missingPrograms, cni, prometheus, cgroups, overlay, fileSystem, memory, free } = probes;
  const install = `apt-get install ${PACKAGES}`;
  const programs = missingPrograms.length === 0 ? 'all there' : `not there: ${missingPrograms.join(', ')}`;
  const rights = root ? 'may make namespaces, mounts and interfaces' : 'this process may not make namespaces';
  const disk = `${fileSystem}, ${(free / GIB).toFixed(0)} GiB free`;
  const mounted = cgroups === undefined ? 'not mounted' : `version ${cgroups}`;
  return [
    need('system', platform === 'linux', platform, 'The lab runs on Linux.'),
    need('root', root, rights, 'sudo faultline lab up, on a machine or in a container with all capabilities'),
    need('programs', missingPrograms.length === 0, programs, install),
    need('CNI plug-ins', cni !== undefined, cni ?? 'not there', install),
    {
      ...need(
        'Prometheus',
        prometheus !== undefined,
        prometheus ?? 'not there: no drill can ask of alerts',
        PROMETHEUS_FIX,
      ),
      optional: true,
    },
    need('cgroups', cgroups !== undefined, mounted, 'Mount cgroups with the controllers cpu, memory and pids.'),
    need('overlayfs', overlay, overlay ? 'in the kernel' : 'not in the kernel', 'modprobe overlay'),
    need(
      'memory',
      memory >= MEMORY,
      `${(memory / GIB).toFixed(1)} GiB available`,
      `The lab takes ${MEMORY / GIB} GiB.`,
    ),
    need(
      'disk',
      fileSystem !== 'overlay' && free >= LAB_ROOM,
      disk,
      `The lab takes ${LAB_ROOM / GIB} GiB below /var/lib, on a file system that is no overlay.`,
    ),
  ];
}

const PROMETHEUS_FIX = 'apt-get install prometheus';
const GO_FIX = `Install Go ${GO_MINIMUM} or newer (https://go.dev/dl)`;

function need(what: string, ok: boolean, detail: string, fix: string): Need {
  return ok ? { what, ok, detail } : { what, ok, detail, fix };
}

/** Compares versions number by number; what follows the numbers, as in 1.27rc1, does not count. */
function atLeast(version: string, minimum: string): boolean {
  const numbers = (text: string): number[] => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number);
  const [there, wanted] = [numbers(version), numbers(minimum)];
  const first = wanted.findIndex((number, index) => (there[index] ?? 0) !== number);
  return first === -1 || (there[first] ?? 0) > (wanted[first] ?? 0);
}
