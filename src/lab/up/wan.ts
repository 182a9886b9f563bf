import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { type Millis, parseDuration, parsePercent, type Ratio } from '../../model/units.ts';
import type { NamedTopology } from '../../topologies/index.ts';
import { FABRIC_ADDRESS, type LabCluster, machinesOf, namespaceOf } from '../topology.ts';
import { lives, livingLab } from './living.ts';
import { BRIDGE, FABRIC, inNamespace, podRoutes } from './network.ts';
import { type Command, run, runAll } from './run.ts';
import { runningClusters, runningTopology } from './running-topology.ts';
import { recordedProcesses } from './state.ts';
import { until } from './until.ts';

/** What happens to packets between regions. */
export type Wan = {
  /** How much longer a round trip takes. */
  readonly delayMs: Millis;
  /** Share of the packets of each direction that are lost. */
  readonly loss: Ratio;
};

const NONE: Wan = { delayMs: 0, loss: 0 };

/** What a topology's own way between its regions is like, while nobody has done anything to it. */
export function wanOf({ link }: NamedTopology): Wan {
  return link === undefined ? NONE : { delayMs: link.roundTripMs, loss: link.loss };
}

const NAME = 'wan';
const DEVICE = 'wan0';
/** Number of the routing table for what comes over the bridge from a machine: only packets between regions do. */
const TABLE = '100';
const PATIENCE_MS = 10_000;

type Where = { readonly folder: string; readonly clock: Clock };

/** What a fault makes of the way as it is by itself. Throws USAGE for what is no duration or share. */
export function worseWan(fault: 'delay' | 'loss', text: string, { delayMs, loss }: Wan): Partial<Wan> {
  const value = fault === 'delay' ? parseDuration(text) : parsePercent(text);
  if (value !== undefined)
    return fault === 'delay' ? { delayMs: delayMs + value } : { loss: loss + (1 - loss) * value };
  throw new FaultlineError('USAGE', `${fault} ${text}: ${fault === 'delay' ? 'no duration' : 'no share'}`, {
    hint: `faultline lab fault ${fault} ${fault === 'delay' ? '40ms' : '2%'}`,
  });
}

/** Changes the way between the regions; what `change` leaves out stays as it is. `program` is the lab's wan. */
export async function changeWan(change: Partial<Wan>, program: string, where: Where): Promise<void> {
  const { folder, clock } = where;
  const wan = { ...readWan(folder), ...change };
  // The old device has to be gone before there is another one of its name.
  await straighten(where);
  const { daemons } = livingLab(folder);
  writeFileSync(pathOf(folder), JSON.stringify(wan), { mode: 0o600 });
  const flags = ['-device', DEVICE, '-delay', `${wan.delayMs / 2}ms`, '-loss', String(wan.loss)];
  const command = inNamespace(FABRIC, [program, ...flags]);
  const process = await daemons.start({ name: NAME, group: NAME, command });
  const check = async () => (await hasDevice()) || `${DEVICE} is not there`;
  const waiting = { clock, signal: new AbortController().signal };
  await until({ what: 'the way between the regions', limitMs: PATIENCE_MS, needs: [process], check }, waiting);
  await runAll([...deviceCommands(), ...detourCommands(runningClusters(folder))]);
}

/** Puts back the way that the topology has: the straight one, unless it has one of its own, which `program` makes. */
export async function healWan(program: () => Promise<string>, where: Where): Promise<void> {
  const topology = runningTopology(where.folder);
  if (topology.link === undefined) await straighten(where);
  else await changeWan(wanOf(topology), await program(), where);
}

/** Puts the straight way back. */
async function straighten({ folder, clock }: Where): Promise<void> {
  if (!existsSync(pathOf(folder))) return;
  await runAll(straightCommands(runningClusters(folder)));
  const { state, file } = livingLab(folder);
  const old = recordedProcesses(state).find(({ name }) => name === NAME);
  file.add({ kind: 'ended', name: NAME });
  if (old !== undefined && lives(old)) process.kill(old.pid, 'SIGKILL');
  while (await hasDevice()) await clock.sleep(50);
  rmSync(pathOf(folder));
}

/** What the way between the regions is like: as its topology has it, and what faults have done to it since. */
export function readWan(folder: string): Wan {
  return existsSync(pathOf(folder)) ? (JSON.parse(readFileSync(pathOf(folder), 'utf8')) as Wan) : NONE;
}

function pathOf(folder: string): string {
  return join(folder, 'wan.json');
}

async function hasDevice(): Promise<boolean> {
  return (await run(['ip', '-n', FABRIC, '-brief', 'link'])).includes(`${DEVICE} `);
}

/** What a machine sends over the bridge goes into the device; what comes out of the device goes on as usual. */
function deviceCommands(): Command[] {
  const rule = ['iif', BRIDGE, 'lookup', TABLE];
  return [
    ['ip', '-n', FABRIC, 'link', 'set', DEVICE, 'up', 'mtu', '1500'],
    inNamespace(FABRIC, ['sh', '-c', FORWARD]),
    ['ip', '-n', FABRIC, 'route', 'replace', 'default', 'dev', DEVICE, 'table', TABLE],
    inNamespace(FABRIC, ['sh', '-c', `ip rule | grep -q '${rule.join(' ')}' || ip rule add ${rule.join(' ')}`]),
  ];
}

/** The fabric is a router now. Packets come out of a device that no answer goes into. */
const FORWARD = [
  'echo 1 >/proc/sys/net/ipv4/ip_forward',
  `for each in all ${DEVICE}; do echo 0 >/proc/sys/net/ipv4/conf/$each/rp_filter; done`,
].join('\n');

/** Leads everything from a region to another one over the fabric's own address. */
export function detourCommands(clusters: readonly LabCluster[]): Command[] {
  return betweenRegions(clusters).map(({ from, range }) => [
    ...routeOf(from),
    ...(['replace', range, 'via', FABRIC_ADDRESS] as const),
  ]);
}

/** As networkCommands has made it: pods over their nodes, machines over the common wire. */
export function straightCommands(clusters: readonly LabCluster[]): Command[] {
  const machines = betweenRegions(clusters).filter(({ range }) => !range.includes('/'));
  // A route that is not there is no fault to end.
  const gone = machines.map(({ from, range }) =>
    inNamespace(namespaceOf(from), ['sh', '-c', `ip route del ${range} 2>/dev/null || true`]),
  );
  const names = machinesOf(clusters).map(({ name }) => name);
  return [...gone, ...names.flatMap((name) => podRoutes(clusters, name, 'replace'))];
}

function routeOf(machine: string): Command {
  return ['ip', '-n', namespaceOf(machine), 'route'];
}

/** Each machine with each machine of another region, and each range of pods there that it has a way to. */
function betweenRegions(clusters: readonly LabCluster[]): { from: string; range: string }[] {
  return clusters.flatMap((cluster) => {
    const others = clusters.filter(({ region }) => region !== cluster.region);
    const ranges = [
      ...others
        .filter(({ network }) => network === cluster.network)
        .flatMap(({ nodes }) => nodes.map(({ pods }) => pods)),
      ...machinesOf(others).map(({ address }) => address),
    ];
    return machinesOf([cluster]).flatMap(({ name }) => ranges.map((range) => ({ from: name, range })));
  });
}
