import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { systemClock } from '../../run/system-clock.ts';
import { CLUSTERS, labNode } from '../testing/clusters.ts';
import { curl, hopsOf, openLabCluster, requireLab } from '../testing/running-lab.ts';
import { deploymentsReady } from '../up/readiness.ts';

const tokyo = openLabCluster('tokyo');
const NEAR = labNode('ap-northeast-1a');
const FAR = labNode('ap-northeast-1b');
const MOCKB = { ...KINDS.deployment, namespace: 'default', name: `mockb-${NEAR.zone}` };
const RULE = {
  ...{ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' },
  ...{ namespace: 'default', name: 'mockb' },
};
/** What the page writes into the workload's container. */
const BROKEN = { image: 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2', command: ['sleep', '3600'] };

/** The page's proxies add why: `, transport failure reason: delayed connect error: Connection refused`. Envoy here does not. */
const REFUSED =
  /\)upstream connect error or disconnect\/reset before headers\. .*reset reason: remote connection failure/;

/** The metrics of the page's step 4, as Envoy writes them for Prometheus. */
const METRICS = {
  active: 'envoy_cluster_outlier_detection_ejections_active',
  enforced: 'envoy_cluster_outlier_detection_ejections_enforced_total',
  overflow: 'envoy_cluster_outlier_detection_ejections_overflow',
  detected: 'envoy_cluster_outlier_detection_ejections_detected_consecutive_5xx',
};
type Metrics = Readonly<Record<keyof typeof METRICS, number>>;

/** What the proxy of mocka in the near zone says of mockb. */
async function metrics(): Promise<Metrics> {
  const pods = await tokyo.list(KINDS.pod, { namespace: 'default', labelSelector: `app=mocka` });
  const pod = pods.find(({ spec }) => (spec as { nodeName?: string }).nodeName === NEAR.name);
  const text = await tokyo.podProxy('default', pod?.metadata.name ?? '', 15090, '/stats/prometheus');
  const value = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes('|mockb.'));
    return Number(line?.split(' ').at(-1) ?? Number.NaN);
  };
  const entries = Object.entries(METRICS).map(([key, name]) => [key, value(name)]);
  return Object.fromEntries(entries) as Metrics;
}

/** The page's reader types the next command. */
const pause = () => systemClock.sleep(2_000);

async function rolledOut(): Promise<void> {
  while ((await deploymentsReady(tokyo, 'default')) !== true || (await podsOf(MOCKB.name)) !== 1) {
    await systemClock.sleep(200);
  }
  await pause();
}

async function podsOf(deployment: string): Promise<number> {
  const pods = await tokyo.list(KINDS.pod, { namespace: 'default' });
  return pods.filter(({ metadata }) => metadata.name?.startsWith(`${deployment}-`)).length;
}

async function setContainer({ image, command }: { image: string; command?: string[] }): Promise<void> {
  const path = '/spec/template/spec/containers/0';
  await tokyo.patch(MOCKB, [
    { op: 'replace', path: `${path}/image`, value: image },
    command === undefined
      ? { op: 'remove', path: `${path}/command` }
      : { op: 'add', path: `${path}/command`, value: command },
  ]);
  await rolledOut();
}

async function setMostEjected(percent: number): Promise<void> {
  const path = '/spec/trafficPolicy/outlierDetection/maxEjectionPercent';
  await tokyo.patch(RULE, [{ op: 'replace', path, value: percent }]);
  await pause();
}

function imageOf({ spec }: KubeObject): string {
  const { template } = spec as { template: { spec: { containers: { image: string }[] } } };
  return template.spec.containers[0]?.image ?? '';
}

describe("the vendor page's transcript on the lab", function () {
  this.timeout(240_000);
  let whole = '';
  let untouched: Metrics;
  before(async () => {
    requireLab();
    const deployment = await tokyo.get(MOCKB);
    if (deployment === undefined) throw new Error(`no ${MOCKB.name}`);
    whole = imageOf(deployment);
    untouched = await metrics();
  });

  it('step 2: every request stays in the zone of its gateway', () => {
    for (const node of CLUSTERS.flatMap(({ nodes }) => nodes)) {
      const answer = curl(node);
      expect(answer)
        .to.match(/^HTTP\/1\.1 200 OK\r\n/)
        .and.contain('server: istio-envoy');
      expect(hopsOf(answer)).to.deep.equal([`mocka ${node.zone}`, `mockb ${node.zone}`, `mockc ${node.zone}`]);
    }
  });

  describe('step 3: mockb in ap-northeast-1a has another image', () => {
    before(() => setContainer(BROKEN));
    after(() => setContainer({ image: whole }));

    it('expectation 1: a request to another zone stays there', () => {
      expect(hopsOf(curl(FAR))).to.deep.equal(['mocka', 'mockb', 'mockc'].map((name) => `${name} ${FAR.zone}`));
    });

    it('expectation 2: the first request to ap-northeast-1a ends at a mockb that refuses the connection', async () => {
      const answer = curl(NEAR);
      expect(answer).to.match(/^HTTP\/1\.1 200 OK\r\n/);
      expect(hopsOf(answer)).to.deep.equal([`mocka ${NEAR.zone}`]);
      expect(answer).to.match(REFUSED);
      await pause();
    });

    it('expectation 3: the next one goes on in ap-northeast-1b', () => {
      const [first, ...others] = hopsOf(curl(NEAR));
      expect(first).to.equal(`mocka ${NEAR.zone}`);
      expect(others).to.deep.equal([`mockb ${FAR.zone}`, `mockc ${FAR.zone}`]);
    });

    it('step 4: the metrics of the ejection have moved', async () => {
      const now = await metrics();
      expect(now.active).to.equal(1);
      expect(now.enforced - untouched.enforced).to.equal(1);
      expect(now.detected - untouched.detected).to.equal(1);
      expect(now.overflow - untouched.overflow).to.equal(0);
    });

    it('step 4: that of an ejection that is not allowed moves where no host may be ejected', async () => {
      const { overflow } = await metrics();
      await setMostEjected(10);
      try {
        for (let tries = 0; tries < 3; tries += 1) curl(NEAR);
        expect((await metrics()).overflow - overflow).to.be.greaterThan(0);
      } finally {
        await setMostEjected(100);
      }
    });
  });

  it('and as before when the image is: at home again, nobody ejected', async () => {
    const names = ['mocka', 'mockb', 'mockc'];
    expect(hopsOf(curl(NEAR))).to.deep.equal(names.map((name) => `${name} ${NEAR.zone}`));
    expect((await metrics()).active).to.equal(0);
  });
});
