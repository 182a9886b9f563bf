import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const NAME = 'mockb-ap-northeast-1a';
const KEY = `Deployment default/${NAME}`;
const ASKED = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';
const MIRRORED = 'mirror.corp/acs/curl:8.1.2';

type Containers = { image: string }[];
const containersOf = (object: KubeObject | undefined): Containers => {
  const { spec, kind } = object as unknown as {
    kind: string;
    spec: { containers: Containers; template: { spec: { containers: Containers } } };
  };
  return (kind === 'Pod' ? spec : spec.template.spec).containers;
};

/** What a webhook does that names the mirror of a registry. */
function mirrored(object: KubeObject): KubeObject {
  for (const container of containersOf(object)) {
    container.image = container.image.replace('registry.cn-hangzhou.aliyuncs.com', 'mirror.corp');
  }
  return object;
}

function underWebhook(): FakeCluster {
  const cluster = fakeSystem();
  cluster.admit = mirrored;
  return cluster;
}

const imageIn = (cluster: FakeCluster) => containersOf(cluster.objects.get(KEY))[0]?.image;

describe('an image swap where a webhook names a mirror', () => {
  it('plans what will stand, says so, is proven, and is undone', async () => {
    const cluster = underWebhook();
    const before = cluster.snapshot();
    const plan = await planWith(imageSwap, cluster);
    expect(plan.objects[0]?.during).to.equal(`{"image":"${MIRRORED}","command":["sleep","3600"]}`);
    expect(plan.summary).to.match(new RegExp(`to ${MIRRORED}$`));
    expect(plan.warnings[0]).to.equal(
      `${KEY} will hold {"image":"${MIRRORED}","command":["sleep","3600"]}: admission of the cluster makes that of {"image":"${ASKED}","command":["sleep","3600"]}.`,
    );
    await imageSwap.inject(plan, fakeContext(cluster));
    expect(imageIn(cluster)).to.equal(MIRRORED);
    expect((await imageSwap.prove(plan, fakeContext(cluster))).detail).to.contain('the Deployment holds the new image');
    expect((await imageSwap.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(cluster.snapshot()).to.deep.equal(before);
  });

  it('leaves alone what somebody has set after that, as where there is none', async () => {
    const cluster = underWebhook();
    const plan = await planWith(imageSwap, cluster);
    await imageSwap.inject(plan, fakeContext(cluster));
    for (const image of ['hotfix:1', ASKED]) {
      const object = structuredClone(cluster.objects.get(KEY)) as KubeObject;
      Object.assign(containersOf(object)[0] ?? {}, { image });
      cluster.put(object);
      const { state, detail } = await imageSwap.undo(plan, fakeContext(cluster));
      expect([state, imageIn(cluster)]).to.deep.equal(['conflict', image]);
      expect(detail).to.contain(`has image "${image}", which faultline did not write`);
    }
  });

  it('is proven by the pods of its template where the webhook changes these alone, and by none with the image from before', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(imageSwap, cluster);
    expect(plan.warnings.join()).to.not.contain('admission');
    await imageSwap.inject(plan, fakeContext(cluster));
    const [pod] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name?.startsWith(NAME));
    mirrored(pod as KubeObject);
    expect(containersOf(pod)[0]?.image).to.equal(MIRRORED);
    expect((await imageSwap.prove(plan, fakeContext(cluster))).proven).to.equal(true);
    Object.assign(containersOf(pod)[0] ?? {}, { image: 'asm-mock:v0.1' });
    expect((await imageSwap.prove(plan, fakeContext(cluster))).proven).to.equal(false);
  });

  it('with another command and the same image is proven by pods of its template and by no other', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(imageSwap, cluster, { image: 'asm-mock:v0.1' });
    cluster.frozen = true;
    await imageSwap.inject(plan, fakeContext(cluster));
    expect((await imageSwap.prove(plan, fakeContext(cluster))).proven).to.equal(false);
  });
});

describe('the dry run of an image swap', () => {
  const planUnder = async (said: Error) => {
    const cluster = fakeSystem();
    cluster.before = ({ verb }) => {
      if (verb === 'patch') throw said;
    };
    return errorOf(planWith(imageSwap, cluster).then(({ objects }) => Promise.reject(objects[0]?.during)));
  };

  it('is gone without where patching is not permitted, or a webhook takes none: what is written counts then', async () => {
    const written = `{"image":"${ASKED}","command":["sleep","3600"]}`;
    const denied = 'deployments.apps "d" is forbidden: User "u" cannot patch resource "deployments"';
    expect(await planUnder(new FaultlineError('PERMISSION_DENIED', denied))).to.equal(written);
    const unready = '400 admission webhook "old.example" does not support dry run';
    expect(await planUnder(new FaultlineError('KUBE_API', unready))).to.equal(written);
  });

  it('ends the plan where admission forbids the change, the credentials are refused, or there is no answer', async () => {
    const policy = 'admission webhook "gate.example" denied the request: no curl';
    expect(await planUnder(new FaultlineError('PERMISSION_DENIED', policy))).to.match(
      new RegExp(`^FAULT_REFUSED: cluster tokyo: ${KEY}: the change is not admitted: ${policy}`),
    );
    const expired = Object.assign(new FaultlineError('PERMISSION_DENIED', '401 Unauthorized'), { status: 401 });
    expect(await planUnder(expired)).to.contain('PERMISSION_DENIED: 401');
    expect(await planUnder(new FaultlineError('TARGET_UNREACHABLE', 'no answer'))).to.contain('TARGET_UNREACHABLE');
    expect(await planUnder(new Error('a defect'))).to.equal('Error: a defect');
  });
});
