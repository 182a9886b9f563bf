import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../run/system-clock.ts';
import { CLUSTERS, labNode } from '../testing/clusters.ts';
import { type MachineSnapshot, machineSnapshot } from '../testing/machine-snapshot.ts';
import { namespaceOf } from '../topology.ts';
import { Balancer } from './balancer.ts';
import { cgroupTrees, groupProcesses } from './cgroups.ts';
import { Daemons, type Started } from './daemon.ts';
import { labDown, NAMESPACES } from './down.ts';
import { inNamespace, namespacesOf, networkCommands } from './network.ts';
import { bootId, childrenOf, mounts, processFigures } from './proc.ts';
import { type Command, run, runAll } from './run.ts';
import { LAB_FOLDER, makeLabFolder, StateFile } from './state.ts';
import { labCondition } from './status.ts';

const node = labNode('ap-northeast-1a');

/** Everything of a lab but Kubernetes: network, balancer, and a process that answers in a node's namespace. */
async function ground(): Promise<{ balancer: Balancer; server: Started; daemons: Daemons }> {
  makeLabFolder(LAB_FOLDER);
  const state = new StateFile(LAB_FOLDER);
  state.begin(bootId());
  const trees = cgroupTrees(mounts());
  if (trees === undefined) throw new Error('no cgroups');
  const daemons = new Daemons({ folder: LAB_FOLDER, trees, state });
  if (!mounts().some(({ point }) => point === NAMESPACES)) state.add({ kind: 'mount', path: NAMESPACES });
  for (const name of namespacesOf(CLUSTERS)) {
    state.add({ kind: 'namespace', name });
    await run(['ip', 'netns', 'add', name]);
  }
  await runAll(networkCommands(CLUSTERS));
  const balancer = await Balancer.start(daemons);
  await balancer.forward({ host: '127.210.0.41', port: 8081 }, { host: node.address, port: 8080 });
  const program = `require('http').createServer((q, s) => s.end(require('os').hostname())).listen(8080)`;
  const unshared: Command = ['unshare', '--pid', '--fork', '--kill-child', '--uts', process.execPath, '-e', program];
  const command = inNamespace(namespaceOf(node.machine), unshared);
  const server = await daemons.start({ name: 'server', group: 'tokyo/node/system', command });
  return { balancer, server, daemons };
}

function curl(): string {
  return execFileSync(
    'curl',
    ['--silent', '--max-time', '2', '--retry', '9', '--retry-all-errors', 'http://127.210.0.41:8081/'],
    {
      encoding: 'utf8',
    },
  );
}

describe('the ground of a lab', function () {
  this.timeout(60_000);
  let before: MachineSnapshot;
  beforeEach(() => {
    if (labCondition(LAB_FOLDER).kind !== 'down') throw new Error('a lab is on this machine: faultline lab down');
    before = machineSnapshot();
  });
  afterEach(() => labDown(LAB_FOLDER, systemClock));

  it('is reached from the machine, and gone after down', async () => {
    const { balancer } = await ground();
    balancer.release();
    expect(curl()).to.equal(execFileSync('hostname', { encoding: 'utf8' }).trim());
    expect(labCondition(LAB_FOLDER)).to.deep.equal({ kind: 'broken', reason: 'its start has not come to its end' });
    expect(await labDown(LAB_FOLDER, systemClock)).to.equal(true);
    expect(machineSnapshot()).to.deep.equal(before);
    expect(await labDown(LAB_FOLDER, systemClock)).to.equal(false);
  });

  it('is gone after down without its state file, too, whatever its processes have started', async () => {
    const { balancer, server } = await ground();
    balancer.release();
    await run(['rm', '-r', LAB_FOLDER]);
    while (childrenOf(server.pid).length === 0) await systemClock.sleep(20);
    await labDown(LAB_FOLDER, systemClock);
    // What nobody wrote down is left: the mount that ip makes with a machine's first namespace.
    const ours = before.mounts.some((line) => line.endsWith(` ${NAMESPACES}`)) ? [] : [NAMESPACES];
    expect(machineSnapshot().mounts.filter((line) => !before.mounts.includes(line)).length).to.be.at.most(ours.length);
    for (const point of ours) execFileSync('umount', [point]);
    for (const point of ours) execFileSync('rmdir', [point]);
    expect(machineSnapshot()).to.deep.equal(before);
  });

  it("leaves what it did not make: a process with a recorded id, somebody else's namespace and cgroup", async () => {
    const { balancer } = await ground();
    balancer.release();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = other.pid ?? 0;
    const entry = { kind: 'process', name: 'older', pid, started: (processFigures(pid)?.started ?? 0) - 1 };
    appendFileSync(join(LAB_FOLDER, 'state.ndjson'), `${JSON.stringify(entry)}\n`);
    await run(['ip', 'netns', 'add', 'faultline-other']);
    const group = join(cgroupTrees(mounts())?.roots[0] ?? '', 'faultline-other');
    mkdirSync(group);
    await labDown(LAB_FOLDER, systemClock);
    expect(processFigures(pid)).not.to.equal(undefined);
    expect(machineSnapshot().namespaces).to.deep.equal([...before.namespaces, 'faultline-other']);
    other.kill();
    await run(['ip', 'netns', 'del', 'faultline-other']);
    await run(['rmdir', group]);
    if (!before.mounts.some((line) => line.endsWith(` ${NAMESPACES}`))) await run(['umount', NAMESPACES]);
    if (!before.folders.includes(NAMESPACES)) await run(['rmdir', NAMESPACES]);
    expect(machineSnapshot()).to.deep.equal(before);
  });

  it('puts every process into its cgroup before it is what it is, children too', async () => {
    const { balancer, server } = await ground();
    balancer.release();
    while (childrenOf(server.pid).length === 0) await systemClock.sleep(20);
    const trees = cgroupTrees(mounts());
    const members = trees === undefined ? [] : groupProcesses(trees, 'tokyo');
    expect(members).to.include.members([server.pid, ...childrenOf(server.pid)]);
  });
});
