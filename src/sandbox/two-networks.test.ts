import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { eastWestCut } from '../faults/east-west-cut/index.ts';
import { openCluster } from '../kube/kubeconfig.ts';
import { readClusters } from '../mesh/clusters-reader.ts';
import type { FaultContext } from '../model/fault.ts';
import { systemClock } from '../run/system-clock.ts';
import { TWO_NETWORKS } from '../topologies/two-networks.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const [A, B, H, K] = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'];
const GATEWAY = 'istio-eastwestgateway';
const FAR = { cluster: 'hangzhou' };
const FAR_SYSTEM = { cluster: 'hangzhou', namespace: 'istio-system' };
const SILENT = { image: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2', command: ['sleep', '3600'] };

describe('two networks in the sandbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-two-networks-'));
  let test: SandboxUnderTest;
  after(() => rmSync(folder, { recursive: true }));

  beforeEach(async () => {
    test = await SandboxUnderTest.start({
      topology: TWO_NETWORKS,
      host: process.platform === 'linux' ? 'per-zone' : 'single',
    });
  });
  afterEach(async () => test.sandbox.close());

  function contextOf(cluster: string): FaultContext {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, test.sandbox.kubeconfig);
    const opened = openCluster({ name: cluster, region: 'r', kubeconfig, context: cluster, gateways: [] }, systemClock);
    const signal = new AbortController().signal;
    const now = () => systemClock.now();
    return { runId: 'run-1', cluster: opened, clock: systemClock, now, signal, onAffected: () => {} };
  }

  /** Hosts of mockb by priority, as a pod of mocka has them. */
  async function hosts(): Promise<string[]> {
    const [pod = ''] = test.podNames(`mocka-${A}`);
    const { body } = await test.page(pod, 15000, '/clusters?format=json');
    const [mockb] = readClusters(body, (service) => service === 'mockb').filter(({ port }) => port === 8000);
    return [...(mockb?.hosts.values() ?? [])]
      .sort((a, b) => a.priority - b.priority)
      .map(({ address, zone, ejected }) => `${address.replace(/^.*:/, '')} ${zone}${ejected ? ' ejected' : ''}`);
  }

  /** mockb is gone in the whole of tokyo. */
  async function loseNear(): Promise<void> {
    for (const zone of [A, B]) test.scale(`mockb-${zone}`, 0);
    await until('mockb to be gone', async () => (await hosts()).length === 1);
  }

  /** The merge window passes between the ejection and its end. */
  async function regionIsLost(): Promise<void> {
    await until('nobody to be left', async () => (await test.chain(A)).includes('no healthy upstream'));
    expect(await hosts()).to.deep.equal([`15443 ${H} ejected`]);
  }

  const chains = async (count: number, zone = A): Promise<string[]> => {
    const found: string[] = [];
    for (let call = 0; call < count; call += 1) found.push(await test.chain(zone));
    return found;
  };

  it('have one host for the other one, its gateway, which serves when nothing near does', async () => {
    expect(await hosts()).to.deep.equal([`8000 ${A}`, `8000 ${B}`, `15443 ${H}`]);
    await loseNear();
    const served = await chains(6);
    expect(served[0]).to.be.oneOf([`${A} ${H} ${H}`, `${A} ${K} ${K}`]);
    expect(new Set(served).size, 'a kept connection stays with one pod').to.equal(1);
  });

  it('are apart when the far gateway is gone: its address is ejected, and nobody is left', async () => {
    await loseNear();
    const context = contextOf('hangzhou');
    const plan = await eastWestCut.plan({ name: 'cut', spec: { cluster: 'hangzhou' } }, context);
    await eastWestCut.inject(plan, context);
    const proof = await eastWestCut.prove(plan, context);
    expect(proof, proof.detail).to.include({ proven: true, observed: true });
    await regionIsLost();
    expect(await test.chain(H), 'what stays in its network goes on').to.equal(`${H} ${H} ${H}`);
    const outcome = await eastWestCut.undo(plan, context);
    expect(outcome.state, outcome.detail).to.equal('undone');
    expect(test.podNames(GATEWAY, FAR_SYSTEM)).to.have.length(1);
    expect(await hosts(), 'for as long as baseEjectionTime').to.deep.equal([`15443 ${H} ejected`]);
  });

  it('lose the whole region with one bad far pod: the caller knows its gateway alone', async () => {
    await loseNear();
    const [, badZone = ''] = (await test.chain(A)).split(' ');
    const other = badZone === H ? K : H;
    test.change(
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      `mockb-${badZone}`,
      (object) => {
        const [container] = (object as never as { spec: { template: { spec: { containers: object[] } } } }).spec
          .template.spec.containers;
        Object.assign(container as object, SILENT);
      },
      FAR,
    );
    await regionIsLost();
    expect(await test.chain(other), 'the other pod of the region serves').to.equal(`${other} ${other} ${other}`);
  });
});
