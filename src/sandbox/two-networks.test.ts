import { expect } from 'chai';
import { readClusters } from '../mesh/clusters-reader.ts';
import { TWO_NETWORKS } from '../topologies/two-networks.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const [A, B, H, K] = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'];
const GATEWAY = 'istio-eastwestgateway';
const FAR = { cluster: 'hangzhou' };
const FAR_SYSTEM = { cluster: 'hangzhou', namespace: 'istio-system' };
const SILENT = { image: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2', command: ['sleep', '3600'] };

describe('two networks in the sandbox', () => {
  let test: SandboxUnderTest;

  beforeEach(async () => {
    test = await SandboxUnderTest.start({
      topology: TWO_NETWORKS,
      host: process.platform === 'linux' ? 'per-zone' : 'single',
    });
  });
  afterEach(async () => test.sandbox.close());

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
    test.scale(GATEWAY, 0, FAR_SYSTEM);
    await until('the gateway to be gone', async () => test.podNames(GATEWAY, FAR_SYSTEM).length === 0);
    await regionIsLost();
    expect(await test.chain(H), 'what stays in its network goes on').to.equal(`${H} ${H} ${H}`);
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
