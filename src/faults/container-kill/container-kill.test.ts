import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { startContainers } from '../testing/fake-kubelet.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { containerKill } from './index.ts';

const ONCE = { every: undefined };
const BY_IMAGE = { every: undefined, image: 'busybox:1.37' };

const victimIn = (cluster: FakeCluster): KubeObject =>
  cluster.all(KINDS.pod).find(({ metadata }) => metadata.name?.startsWith('mockb-ap-northeast-1a')) as KubeObject;

type Container = { restartCount: number; containerID: string; state: object };
const containerIn = (cluster: FakeCluster): Container =>
  (victimIn(cluster).status as unknown as { containerStatuses: Container[] }).containerStatuses[0] as Container;

/** Edits the victim's pod behind everybody's back. */
function edit(cluster: FakeCluster, change: (pod: { spec: Record<string, unknown> }) => void): FakeCluster {
  change(victimIn(cluster) as unknown as { spec: Record<string, unknown> });
  return cluster;
}

async function killed(cluster: FakeCluster, fields: Parameters<typeof planWith>[2] = ONCE) {
  const plan = await planWith(containerKill, cluster, fields);
  await containerKill.inject(plan, fakeContext(cluster));
  return { plan, proof: () => containerKill.prove(plan, fakeContext(cluster)) };
}

describe('a container kill', () => {
  it('is proven by another start of the container in the same pod', async () => {
    const cluster = fakeSystem();
    const { uid } = victimIn(cluster).metadata;
    const { plan, proof } = await killed(cluster);
    expect([plan.signature, plan.affected.length, plan.objects[0]?.state]).to.deep.equal(['degrades', 1, 'one-shot']);
    expect(await proof()).to.deep.include({ proven: true, observed: true });
    expect([victimIn(cluster).metadata.uid, containerIn(cluster).restartCount]).to.deep.equal([uid, 1]);
  });

  it('is not proven where the first process takes no SIGTERM', async () => {
    const cluster = fakeSystem();
    cluster.exec = async () => ({ code: 0, stdout: '', stderr: '' });
    const { proof } = await killed(cluster);
    const { proven, detail } = await proof();
    expect([proven, detail]).to.match(/^false,after 60 s: container default of \S+ runs on: .*no SIGTERM/);
  });

  it('is not proven while the container waits for its restart, and says so', async () => {
    const cluster = fakeSystem();
    const { proof } = await killed(cluster);
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 40s' };
    Object.assign(containerIn(cluster), { state: { waiting }, restartCount: 0 });
    const { proven, detail } = await proof();
    expect([proven, detail]).to.match(/^false,.*has ended and waits: CrashLoopBackOff: back-off 40s/);
  });

  it('stays proven while a container that was killed again waits', async () => {
    const cluster = fakeSystem();
    const { proof } = await killed(cluster);
    Object.assign(containerIn(cluster), { state: { waiting: { reason: 'CrashLoopBackOff' } } });
    expect((await proof()).proven).to.equal(true);
  });

  it('is not proven by the same container with a higher count, nor by a pod that was replaced', async () => {
    const cluster = fakeSystem();
    const { proof } = await killed(cluster);
    containerIn(cluster).containerID = 'containerd://0';
    expect((await proof()).proven).to.equal(false);
    await cluster.delete({ ...KINDS.pod, namespace: 'default', name: victimIn(cluster).metadata.name ?? '' });
    const { requests } = cluster;
    expect((await proof()).detail).to.match(/^pod \S+ is gone, and was not restarted in place$/);
    expect(cluster.requests - requests, 'it does not wait for what cannot come').to.equal(1);
  });

  it('counts what the pod shows where nobody heard how the command ended', async () => {
    const cluster = fakeSystem();
    cluster.after = ({ isWrite }) => {
      if (isWrite) throw new FaultlineError('TARGET_UNREACHABLE', 'the connection broke off');
    };
    expect((await (await killed(cluster)).proof()).proven).to.equal(true);
  });

  it('says what to do where the container has no shell', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(containerKill, cluster, ONCE);
    cluster.exec = async () => ({ code: 127, stdout: '', stderr: 'sh: not found, token=abc' });
    expect(await errorOf(containerKill.inject(plan, fakeContext(cluster)))).to.match(
      /could not be killed by its own shell: exit code 127: sh: not found, token=\[redacted\] \(.*name an image/,
    );
  });

  it('kills no container that has begun anew since the plan', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(containerKill, cluster, ONCE);
    containerIn(cluster).restartCount = 4;
    expect(await errorOf(containerKill.inject(plan, fakeContext(cluster)))).to.contain('FAULT_CONFLICT');
    expect(cluster.writes).to.equal(0);
  });
});

describe('a container kill is refused', () => {
  it('where it would hit other processes, or for good', async () => {
    for (const [field, value, why] of [
      ['hostPID', true, 'it has the processes of its node'],
      ['shareProcessNamespace', true, 'one list of processes'],
      ['restartPolicy', 'Never', 'does not restart it (restartPolicy Never)'],
      ['restartPolicy', 'OnFailure', 'does not restart it (restartPolicy OnFailure)'],
    ] as const) {
      const cluster = edit(fakeSystem(), ({ spec }) => {
        spec[field] = value;
      });
      const error = await errorOf(planWith(containerKill, cluster, ONCE));
      expect(error).to.contain('FAULT_REFUSED').and.contain(why);
      expect(cluster.writes).to.equal(0);
    }
  });

  it('where nothing matches', async () => {
    expect(await errorOf(planWith(containerKill, fakeSystem(), { ...ONCE, container: 'ghost' }))).to.contain(
      'FAULT_NO_TARGET: cluster tokyo: containerKill broken matches no pod in default with a running container ghost',
    );
    const cluster = fakeSystem();
    Object.assign(containerIn(cluster), { state: { waiting: { reason: 'CrashLoopBackOff' } } });
    expect(await errorOf(planWith(containerKill, cluster, ONCE))).to.contain('(CrashLoopBackOff)');
    for (const workload of ['daemonSet', 'rollout'])
      expect(await errorOf(planWith(containerKill, fakeSystem(), { ...ONCE, [workload]: 'x' }))).to.contain(
        'a pod belongs to one workload',
      );
  });

  it('again and again by ephemeral containers, whose names a pod keeps', async () => {
    expect(await errorOf(planWith(containerKill, fakeSystem(), { image: 'busybox:1.37' }))).to.contain(
      'image and every',
    );
  });
});

describe('a container kill by an ephemeral container', () => {
  it('stands among the processes of the container, and does nothing by itself', async () => {
    const cluster = fakeSystem();
    const { proof } = await killed(cluster, BY_IMAGE);
    const { ephemeralContainers } = victimIn(cluster).spec as unknown as {
      ephemeralContainers: { targetContainerName: string; command: string[] }[];
    };
    expect(ephemeralContainers[0]?.targetContainerName).to.equal('default');
    expect(ephemeralContainers[0]?.command).to.deep.equal(['sh', '-c', 'sleep 60']);
    expect((await proof()).proven).to.equal(true);
  });

  it('has the right to signal and no other, and is refused where that is not admitted', async () => {
    const cluster = fakeSystem();
    await killed(cluster, BY_IMAGE);
    expect(JSON.stringify(victimIn(cluster).spec)).to.contain(
      '"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"],"add":["KILL"]}',
    );
    const planUnder = (said: string) => {
      const closed = fakeSystem();
      closed.before = ({ verb }) => {
        if (verb === 'patch') throw new FaultlineError('PERMISSION_DENIED', said);
      };
      return errorOf(planWith(containerKill, closed, BY_IMAGE));
    };
    expect(await planUnder('violates PodSecurity "restricted:latest"')).to.match(
      /FAULT_REFUSED: containerKill is not admitted: violates PodSecurity.*leave `image` out/,
    );
    expect(
      await planUnder('cannot patch resource "pods/ephemeralcontainers"'),
      'that is for the list of permissions',
    ).to.equal('none');
  });

  it('that starts only after the undo kills nobody, whatever time its node has', async () => {
    const cluster = fakeSystem();
    cluster.frozen = true;
    const plan = await planWith(containerKill, cluster, BY_IMAGE);
    expect(await errorOf(containerKill.inject(plan, fakeContext(cluster)))).to.match(
      /KUBE_API: pod \S+: container kill-\w+, which was to kill default, has not started within 45 s/,
    );
    const context = fakeContext(cluster);
    expect((await containerKill.undo(plan, context)).state).to.equal('undone');
    expect(context.now(), 'there is nothing to wait for').to.equal(0);
    cluster.frozen = false;
    startContainers(victimIn(cluster));
    const { ephemeralContainerStatuses } = victimIn(cluster).status as unknown as {
      ephemeralContainerStatuses: { state: object }[];
    };
    expect(ephemeralContainerStatuses[0]?.state).to.deep.equal({ running: {} });
    expect(containerIn(cluster).restartCount).to.equal(0);
  });

  it('hits a sidecar of a pod whose containers are not restarted, and none of those beside it', async () => {
    const cluster = edit(fakeSystem(), ({ spec }) => {
      spec.restartPolicy = 'OnFailure';
      spec.initContainers = [{ name: 'istio-proxy', restartPolicy: 'Always' }];
    });
    Object.assign(victimIn(cluster).status as object, {
      initContainerStatuses: [{ name: 'istio-proxy', restartCount: 0, containerID: 'c', state: { running: {} } }],
    });
    expect(await errorOf(planWith(containerKill, cluster, { ...ONCE, container: 'istio-proxy' }))).to.equal('none');
    expect(await errorOf(planWith(containerKill, cluster, ONCE))).to.contain('(restartPolicy OnFailure)');
  });

  it('finds a native sidecar, and leaves an init container alone', async () => {
    const cluster = edit(fakeSystem(), ({ spec }) => {
      spec.initContainers = [{ name: 'istio-proxy', restartPolicy: 'Always' }, { name: 'istio-init' }];
    });
    const status = victimIn(cluster).status as Record<string, unknown>;
    const state = { running: {} };
    status.initContainerStatuses = ['istio-proxy', 'istio-init'].map((name) => ({ name, containerID: 'c', state }));
    const plan = await planWith(containerKill, cluster, { ...BY_IMAGE, container: 'istio-proxy' });
    expect(plan.summary).to.contain('kill container istio-proxy in 1 of 1 pods');
    expect(plan.warnings.join()).to.contain('Other containers of these pods go on: default');
    expect(await errorOf(planWith(containerKill, cluster, { ...ONCE, container: 'istio-init' }))).to.contain(
      'NO_TARGET',
    );
  });
});
