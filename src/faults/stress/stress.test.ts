import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import { amountOf, limitOf } from '../../model/pod-limits.ts';
import { findLeftovers } from '../../run/leftovers.ts';
import { cpuStress } from '../cpu-stress/index.ts';
import { memoryStress } from '../memory-stress/index.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';

const NAME = 'mockb-ap-northeast-1a';
const victimIn = (cluster: FakeCluster): KubeObject =>
  cluster.all(KINDS.pod).find(({ metadata }) => metadata.name?.startsWith(NAME)) as KubeObject;

/** A system whose victim has these limits. */
function limited(cpu: string, memory: string): FakeCluster {
  const cluster = fakeSystem();
  const containers = [
    { name: 'default', image: 'i', resources: { limits: { cpu, memory } } },
    { name: 'istio-proxy', image: 'p', resources: { limits: { cpu: '500m', memory: '100Mi' } } },
  ];
  Object.assign(victimIn(cluster).spec as object, { containers });
  return cluster;
}

const BOUND = { unlimited: undefined };
const scriptIn = (cluster: FakeCluster): string => {
  const { ephemeralContainers } = victimIn(cluster).spec as unknown as { ephemeralContainers: { command: string[] }[] };
  return ephemeralContainers[0]?.command[2] ?? '';
};

type Ephemeral = { state: object };
const statusIn = (cluster: FakeCluster): Ephemeral =>
  (victimIn(cluster).status as unknown as { ephemeralContainerStatuses: Ephemeral[] })
    .ephemeralContainerStatuses[0] as Ephemeral;

/** A cluster whose containers say these things of what they use, one after the other. */
function saying(cluster: FakeCluster, texts: readonly string[]): FakeCluster {
  let at = 0;
  cluster.exec = async () => ({ code: 0, stdout: texts[at++ % texts.length] ?? '', stderr: '' });
  return cluster;
}

async function proofOf(
  kind: typeof cpuStress,
  cluster: FakeCluster,
  fields: Parameters<typeof planWith>[2],
  says: readonly string[],
) {
  const plan = await planWith(kind, cluster, fields);
  await kind.inject(plan, fakeContext(cluster));
  return kind.prove(plan, fakeContext(saying(cluster, says)));
}

describe('the limit of a pod', () => {
  const pod = (spec: object): KubeObject => ({ ...KINDS.pod, metadata: {}, spec: spec as never });
  const with_ = (limits: object) => ({ resources: { limits } });

  it('is its own, or the sum of its containers’ where each has one', () => {
    const two = { containers: [with_({ cpu: '500m' }), with_({ cpu: 1 })] };
    expect(limitOf(pod(two), 'cpu')).to.equal(1.5);
    expect(limitOf(pod({ containers: [with_({ cpu: '500m' }), {}] }), 'cpu')).to.equal(undefined);
    expect(limitOf(pod(two), 'memory')).to.equal(undefined);
    expect(limitOf(pod({ ...two, ...with_({ cpu: '3' }) }), 'cpu')).to.equal(3);
    const sidecar = { restartPolicy: 'Always', ...with_({ cpu: '2' }) };
    expect(limitOf(pod({ ...two, initContainers: [sidecar, with_({ cpu: '1' })] }), 'cpu')).to.equal(3.5);
    expect(limitOf(pod({ ...two, initContainers: [sidecar, with_({ cpu: '4' })] }), 'cpu')).to.equal(6);
    expect(limitOf(pod({ ...two, initContainers: [sidecar, {}] }), 'cpu'), 'one of its start has none').to.equal(
      undefined,
    );
    expect(limitOf(pod({}), 'cpu')).to.equal(undefined);
    expect(limitOf(pod({ containers: [with_({ cpu: '0' })] }), 'cpu'), '0 is none').to.equal(undefined);
  });

  it('is read as Kubernetes writes it', () => {
    expect(['128Mi', '1G', '0.5', '250m', '2k'].map(amountOf)).to.deep.equal([128 * 2 ** 20, 1e9, 0.5, 0.25, 2000]);
    expect(['', 'Mi', '1 Gi', '-1', '1e3'].map(amountOf)).to.deep.equal(Array(5).fill(undefined));
  });
});

describe('a CPU stress', () => {
  it('keeps as many cores busy as the limits of the pod have, for its time and without any capability', async () => {
    const cluster = limited('1', '100Mi');
    const plan = await planWith(cpuStress, cluster, BOUND);
    expect([plan.signature, plan.summary]).to.match(/degrades,2 busy cores in each of 1 pods in default/);
    await cpuStress.inject(plan, fakeContext(cluster));
    expect(scriptIn(cluster).match(/^timeout 900 dd if=\/dev\/zero of=\/dev\/null bs=64k &$/gm)).to.have.length(2);
    expect(JSON.stringify(victimIn(cluster).spec)).to.contain('"capabilities":{"drop":["ALL"]}');
  });

  it('ends when it is told to, in time by itself, and begins late never', async () => {
    const cluster = limited('1', '100Mi');
    await cpuStress.inject(await planWith(cpuStress, cluster, BOUND), fakeContext(cluster));
    const lines = scriptIn(cluster).split('\n');
    expect(lines.slice(0, 5)).to.deep.equal([
      ...["trap 'exit 0' TERM", 'echo $$$$ > /faultline.pid', 'sleep 60 &', 'echo $$! > /faultline.wait'],
      'wait $$! && exit 0',
    ]);
    expect(lines).to.include.members(['sleep 900 &', 'wait $$!']);
    expect(lines.join(), 'no clock is asked').to.not.contain('date');
  });

  it('is refused where its container is not admitted, and asks what another run is at work on', async () => {
    const closed = limited('1', '100Mi');
    closed.before = ({ verb }) => {
      if (verb === 'patch') throw new FaultlineError('PERMISSION_DENIED', 'violates PodSecurity "restricted:latest"');
    };
    expect(await errorOf(planWith(cpuStress, closed, BOUND))).to.match(
      /FAULT_REFUSED: cpuStress is not admitted.*as root/,
    );
    const taken = limited('1', '100Mi');
    victimIn(taken).metadata.labels = { ...victimIn(taken).metadata.labels, [RUN_LABEL]: 'another' };
    expect(await errorOf(planWith(cpuStress, taken, BOUND))).to.contain('OPEN_RUN');
  });

  it('is proven by what the kernel counts, as far as the pod may go', async () => {
    const enough = await proofOf(cpuStress, limited('500m', '1Gi'), { ...BOUND, cores: 8 }, [
      'usage_usec 5000000\n',
      'usage_usec 5600000\n',
    ]);
    expect([enough.proven, enough.observed, enough.detail]).to.match(/true,true,.*at least 0.6 busy cores/);
    const v1 = await proofOf(cpuStress, limited('500m', '1Gi'), BOUND, ['1000000000', '1900000000']);
    expect(v1.proven).to.equal(true);
  });

  it('is given ten looks to get what it wants, and is proven by the first that shows it', async () => {
    const plans = [limited('500m', '1Gi'), limited('500m', '1Gi')].map(async (cluster) => {
      const plan = await planWith(cpuStress, cluster, BOUND);
      await cpuStress.inject(plan, fakeContext(cluster));
      return { cluster, plan };
    });
    const [never, later] = await Promise.all(plans);
    if (never === undefined || later === undefined) throw new Error('there are two');
    let asked = 0;
    const counts = (text: (at: number) => string) => async () => ({ code: 0, stdout: text(asked++), stderr: '' });
    never.cluster.exec = counts(() => 'usage_usec 5\n');
    expect((await cpuStress.prove(never.plan, fakeContext(never.cluster))).proven).to.equal(false);
    expect(asked, 'ten times before and after').to.equal(20);
    asked = 0;
    later.cluster.exec = counts((at) => `usage_usec ${at < 5 ? 5 : 9_000_000}\n`);
    expect((await cpuStress.prove(later.plan, fakeContext(later.cluster))).proven).to.equal(true);
    expect(asked).to.equal(6);
  });

  it('is not proven where it gets too little, or the container does not tell', async () => {
    const little = await proofOf(cpuStress, limited('500m', '1Gi'), BOUND, ['usage_usec 5\n', 'usage_usec 400005\n']);
    expect([little.proven, little.detail]).to.match(/false,\S+: only 0.4 busy cores, of 1 busy core$/);
    const mute = await proofOf(cpuStress, limited('500m', '1Gi'), BOUND, ['cat: no such file\n']);
    expect([mute.proven, mute.detail]).to.match(/false,.*does not tell what it uses/);
  });

  it('is refused where nothing bounds it, unless the workload is named', async () => {
    expect(await errorOf(planWith(cpuStress, fakeSystem(), BOUND))).to.match(
      /FAULT_REFUSED: .*has a cpu limit: nothing but the node would bound it \(If that is meant: unlimited: \[mockb-/,
    );
    const plan = await planWith(cpuStress, fakeSystem());
    expect(plan.warnings.join()).to.contain('Nothing bounds it but the node: 1 of its cores');
    expect(await errorOf(planWith(cpuStress, limited('1', '1Gi'))))
      .to.contain('FAULT_NO_TARGET')
      .and.contain(NAME);
  });

  it('is refused where nothing matches', async () => {
    const cluster = fakeSystem();
    expect(await errorOf(planWith(cpuStress, cluster, { deployment: 'ghost' }))).to.contain(
      'matches no pod in default',
    );
    expect(await errorOf(planWith(cpuStress, cluster, { daemonSet: 'agent' }))).to.contain('belongs to one workload');
    expect(cluster.writes).to.equal(0);
  });
});

describe('a memory stress', () => {
  it('says what it leaves, and whom the kernel may kill for it', async () => {
    const { warnings } = await planWith(memoryStress, limited('1', '300Mi'), BOUND);
    expect(warnings[0]).to.contain(
      'may be OOM-killed in any of default, istio-proxy, or in the container of the fault',
    );
    expect(warnings[1]).to.equal("It leaves 200 Mi of the pod's limit of 400 Mi to its containers.");
    const least = await planWith(memoryStress, limited('1', '101Mi'), BOUND);
    expect(least.warnings[1]).to.equal("It leaves 1 Mi of the pod's limit of 201 Mi to its containers.");
    const most = await planWith(memoryStress, limited('1', '100Mi'), BOUND);
    expect(most.warnings[1]).to.contain('OOM-killed for certain');
  });

  it('takes a size as Kubernetes writes it, and nothing else', async () => {
    const read = (size: string) => blockOf({ ...memoryStress, example: { ...memoryStress.example, size } }).size;
    for (const size of ['200Mi', '1G', '5000', '10Ki']) expect(read(size)).to.equal(size);
    for (const size of ['', '0', '0Mi', '1.5Gi', '-1Mi', '200 Mi', '200mb', 'x'])
      expect(() => read(size), size).to.throw();
  });

  it('is proven by the bytes that its container holds', async () => {
    const held = (bytes: number) => proofOf(memoryStress, limited('1', '300Mi'), BOUND, [`${bytes}\n`]);
    expect((await held(190 * 2 ** 20)).detail).to.contain('at least 190 Mi of memory held');
    expect((await held(90 * 2 ** 20)).detail).to.match(/only 90 Mi of memory held, of 200 Mi/);
  });

  it('that the kernel has killed is not proven, and leaves nothing', async () => {
    const cluster = limited('1', '300Mi');
    const plan = await planWith(memoryStress, cluster, BOUND);
    await memoryStress.inject(plan, fakeContext(cluster));
    expect(scriptIn(cluster)).to.contain('(head -c 209715200 /dev/zero; sleep 900) | tail > /dev/null');
    statusIn(cluster).state = { terminated: { exitCode: 137 } };
    const { proven, detail } = await memoryStress.prove(plan, fakeContext(cluster));
    expect([proven, detail]).to.match(/^false,not stressed: .*exit code 137: it was killed, as by the kernel/);
    expect((await memoryStress.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(await findLeftovers(cluster, { namespaces: ['default'], lockNamespace: 'default' })).to.deep.equal([]);
  });
});
