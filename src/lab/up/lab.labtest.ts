import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { systemClock } from '../../run/system-clock.ts';
import { CLUSTERS, labCluster, labNode } from '../testing/clusters.ts';
import { type MachineSnapshot, machineSnapshot } from '../testing/machine-snapshot.ts';
import { curl, hopsOf, lab, openLabCluster } from '../testing/running-lab.ts';
import type { LabNode } from '../topology.ts';
import { accessOf } from './access.ts';
import { processFigures } from './proc.ts';
import { LAB_FOLDER, readState, recordedProcesses } from './state.ts';
import { labCondition, labStatus } from './status.ts';

const ARGS = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'lab'];

/** Starts `faultline lab up` and waits until it says so. */
async function upUntil(said: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...ARGS, 'up'], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) if (line.includes(said)) break;
  return child;
}

function daemonOf(name: string): number {
  const state = readState(LAB_FOLDER);
  const found = state && recordedProcesses(state).find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found.pid;
}

/** Whether the zone serves itself again. */
function served(node: LabNode): boolean {
  try {
    return hopsOf(curl(node)).filter((hop) => hop.endsWith(node.zone)).length === 3;
  } catch {
    return false;
  }
}

/** Waits until a process that was killed is no more; the spec's own limit ends it otherwise. */
async function gone(pid: number): Promise<void> {
  while (processFigures(pid) !== undefined) await systemClock.sleep(20);
}

describe('a lab', function () {
  this.timeout(300_000);
  let clean: MachineSnapshot;
  before(() => {
    if (labCondition(LAB_FOLDER).kind !== 'down') throw new Error('a lab is on this machine: faultline lab down');
    clean = machineSnapshot();
  });
  after(() => lab('down'));

  it('comes up, and serves every zone from within the zone', () => {
    const access = lab('up');
    expect(access).to.contain(`export KUBECONFIG=${accessOf(LAB_FOLDER).kubeconfig}`);
    expect(labCondition(LAB_FOLDER)).to.deep.equal({ kind: 'up' });
    for (const node of CLUSTERS.flatMap(({ nodes }) => nodes)) {
      expect(hopsOf(curl(node))).to.deep.equal(['mocka', 'mockb', 'mockc'].map((name) => `${name} ${node.zone}`));
    }
  });

  it('says what runs and what it takes', async () => {
    for (const { kubernetes, nodes, pods, usage } of (await labStatus(LAB_FOLDER, systemClock)).clusters) {
      expect(kubernetes).to.match(/^v1\.\d+\.\d+\+faultline-lab$/);
      expect(nodes).to.equal('2 ready');
      expect(pods.running).to.equal(pods.all);
      expect(usage.processes).to.be.greaterThan(30);
      expect(usage.memoryBytes).to.be.greaterThan(500 * 1024 ** 2);
      expect(usage.cores).to.be.greaterThan(0);
    }
  });

  it('has nodes with zone and region, and a mesh that knows the other cluster', async () => {
    for (const { name, region, nodes } of CLUSTERS) {
      const cluster = openLabCluster(name);
      const labels = (await cluster.list(KINDS.node, {})).map(({ metadata }) => metadata.labels ?? {});
      expect(labels.map((label) => label['topology.kubernetes.io/zone'])).to.have.members(
        nodes.map(({ zone }) => zone),
      );
      expect(new Set(labels.map((label) => label['topology.kubernetes.io/region']))).to.deep.equal(new Set([region]));
      const [pod] = await cluster.list(KINDS.pod, { namespace: 'istio-system', labelSelector: 'istio=ingressgateway' });
      const stats = await cluster.podProxy('istio-system', pod?.metadata.name ?? '', 15090, '/stats/prometheus');
      expect(stats).to.contain('outbound|8000||mocka.default.svc.cluster.local');
    }
  });

  it('changes no setting, interface or route of the machine while it runs', () => {
    const { sysctls, interfaces, routes } = machineSnapshot();
    expect({ sysctls, interfaces, routes }).to.deep.equal({
      sysctls: clean.sysctls,
      interfaces: clean.interfaces,
      routes: clean.routes,
    });
  });

  it('loses a zone when its cable is cut, and has it again when healed', () => {
    const [near, far] = [labNode('ap-northeast-1a'), labNode('ap-northeast-1b')];
    lab('fault', 'cut-link', near.zone);
    expect(() => curl(near)).to.throw('Command failed');
    expect(curl(far)).to.contain(`-> mocka(version: ${far.zone}`);
    lab('heal');
    expect(curl(near)).to.contain(`-> mocka(version: ${near.zone}`);
  });

  it('loses a node that is killed, and has it and its pods again when healed', async () => {
    const node = labNode('ap-northeast-1b');
    lab('fault', 'kill-node', node.zone);
    expect(() => curl(node)).to.throw('Command failed');
    expect(labCondition(LAB_FOLDER)).to.have.property('reason').that.contains(`${node.zone}-kubelet`);
    lab('heal');
    expect(labCondition(LAB_FOLDER)).to.deep.equal({ kind: 'up' });
    while (!served(node)) await systemClock.sleep(500);
  });

  it('starts an API server again that has ended', async () => {
    const pid = daemonOf('hangzhou-kube-apiserver');
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    lab('heal');
    expect(daemonOf('hangzhou-kube-apiserver')).not.to.equal(pid);
    expect((await openLabCluster('hangzhou').identity()).version).to.contain('faultline-lab');
  });

  it('stands without an API server and without istiod for a while', async () => {
    const { name, nodes } = labCluster('tokyo');
    lab('fault', 'stop-istiod', name);
    lab('fault', 'freeze-api-server', name);
    for (const node of nodes) expect(curl(node)).to.contain(`-> mocka(version: ${node.zone}`);
    lab('heal');
    const [cluster] = (await labStatus(LAB_FOLDER, systemClock)).clusters.filter((one) => one.name === name);
    expect(cluster?.nodes).to.equal('2 ready');
  });

  it('is up already when it is asked to come up', () => {
    const pid = daemonOf('tokyo-etcd');
    lab('up');
    expect(daemonOf('tokyo-etcd')).to.equal(pid);
  });

  it('is said to be broken when a part is killed, and leaves nothing all the same', async () => {
    process.kill(daemonOf('ap-northeast-1a-machine'), 'SIGKILL');
    process.kill(daemonOf('hangzhou-kube-apiserver'), 'SIGKILL');
    await gone(daemonOf('ap-northeast-1a-machine'));
    expect(labCondition(LAB_FOLDER)).to.have.property('reason').that.contains('ap-northeast-1a-machine');
    lab('down');
    expect(machineSnapshot()).to.deep.equal(clean);
  });

  for (const said of ['the network is there', 'nodes have their images', 'nodes are ready']) {
    it(`leaves nothing after down when its start is killed: ${said}`, async () => {
      const child = await upUntil(said);
      child.kill('SIGKILL');
      await once(child, 'exit');
      lab('down');
      expect(machineSnapshot()).to.deep.equal(clean);
    });
  }

  it('leaves nothing when its start is interrupted, and says so by its exit code', async () => {
    const child = await upUntil('the network is there');
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).to.equal(130);
    expect(machineSnapshot()).to.deep.equal(clean);
  });
});
