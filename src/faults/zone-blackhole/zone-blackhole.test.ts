import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { AffectedPod } from '../../model/history.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import { chainName, containerName, stateIn } from '../in-pod/container.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';

import { zoneBlackhole } from './index.ts';

const ZONE = 'ap-northeast-1a';
const FAULT = { runId: RUN, fault: 'broken' };
const NAME = containerName(FAULT);

type Added = { name: string; image: string; command: string[]; securityContext: { capabilities: { add: string[] } } };

const inZone = (name: string, spec: object = {}): KubeObject =>
  readyPod(name, `node-${ZONE}`, name, { containers: [{ name: 'app', image: 'i:1' }], ...spec } as never);
const podOf = (cluster: FakeCluster, workload: string): KubeObject => {
  const found = cluster.all(KINDS.pod).find(({ metadata }) => metadata.name?.startsWith(workload));
  if (found === undefined) throw new Error(`no pod of ${workload}`);
  return found;
};
const cutIn = (cluster: FakeCluster): string[] =>
  cluster
    .all(KINDS.pod)
    .filter((pod) => stateIn(pod, NAME).kind === 'running')
    .map(({ metadata }) => metadata.name ?? '');
const addedTo = (pod: KubeObject): Added =>
  (pod.spec as unknown as { ephemeralContainers: Added[] }).ephemeralContainers.at(-1) as Added;

/** A blackhole that was injected. */
async function on(cluster = fakeSystem(), fields: Parameters<typeof planWith>[2] = {}) {
  const plan = await planWith(zoneBlackhole, cluster, fields);
  await zoneBlackhole.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

/** Sets the state of the fault's container in a pod. */
function setState(cluster: FakeCluster, pod: KubeObject, state: object): void {
  const next = structuredClone(pod);
  next.status = { ...(next.status as object), ephemeralContainerStatuses: [{ name: NAME, state }] as never };
  cluster.add(next);
}

describe('the block of a zone blackhole', () => {
  it('is read with its defaults', () => {
    const image = 'docker.io/nicolaka/netshoot:v0.13';
    expect(blockOf(zoneBlackhole)).to.deep.equal({ ...zoneBlackhole.example, image, expiry: 900_000 });
  });
});

describe('the plan of a zone blackhole', () => {
  it('takes a pod for where it says itself that it is, whatever its node', async () => {
    const cluster = fakeSystem();
    const moved = inZone('moved');
    moved.metadata.labels = { ...moved.metadata.labels, 'istio-locality': 'ap-northeast-1.elsewhere' };
    cluster.add(moved);
    const affected = async (zone: string) =>
      (await planWith(zoneBlackhole, cluster, { zone })).affected.map(({ workload }) => workload);
    expect(await affected('elsewhere')).to.deep.equal(['moved']);
    expect(await affected(ZONE)).to.not.include('moved');
  });

  it('names every pod of the zone that it can cut off, and those that it leaves alone', async () => {
    const cluster = fakeSystem();
    cluster.add(inZone('agent', { hostNetwork: true }));
    const mirror = inZone('static');
    mirror.metadata.annotations = { 'kubernetes.io/config.mirror': 'x' };
    cluster.add(mirror);
    const plan = await planWith(zoneBlackhole, cluster);
    expect(plan.affected.map(({ workload }) => workload)).to.have.members([`mockb-${ZONE}`, `mocka-${ZONE}`]);
    expect(plan.objects.map(({ change }) => change)).to.deep.equal(Array(2).fill(`add ephemeral container ${NAME}`));
    expect(plan.warnings.join('\n')).to.contain('no network of their own: agent-abc-agent, static-abc-static.');
    expect(plan).to.deep.include({ signature: 'stops-serving', cutsOff: [ZONE], expiresMs: 900_000 });
    expect(cluster.writes).to.equal(0);
  });

  it('says that a zone has nobody to cut off', async () => {
    const cluster = fakeSystem();
    for (const pod of cluster.all(KINDS.pod))
      cluster.add({ ...pod, spec: { ...(pod.spec as object), hostNetwork: true } });
    expect(await errorOf(planWith(zoneBlackhole, cluster)))
      .to.contain('FAULT_NO_TARGET')
      .and.contain('of its own');
    expect(await errorOf(planWith(zoneBlackhole, fakeSystem(), { zone: 'x' }))).to.contain('FAULT_NO_TARGET');
  });

  it('says where the image is missing, as far as nodes tell what they have', async () => {
    const cluster = fakeSystem();
    const told = async (names: string[]) => {
      const node = cluster.all(KINDS.node).find(({ metadata }) => metadata.name === `node-${ZONE}`) as KubeObject;
      cluster.add({ ...node, status: { images: [{ names }] } });
      return (await planWith(zoneBlackhole, cluster, { image: 'nicolaka/netshoot:v0.13' })).warnings.join('\n');
    };
    expect(await told(['other:1'])).to.contain(`is not on node-${ZONE} yet`);
    expect(await told(['docker.io/nicolaka/netshoot:v0.13'])).to.not.contain('is not on');
    expect((await planWith(zoneBlackhole, fakeSystem())).warnings.join('\n')).to.not.contain('is not on');
  });

  it('is refused where admission forbids it, with what to do, and leaves RBAC to the list of permissions', async () => {
    const refused = async (message: string) => {
      const cluster = fakeSystem();
      cluster.before = ({ subresource }) => {
        if (subresource === 'ephemeralcontainers') throw new FaultlineError('PERMISSION_DENIED', message);
      };
      return errorOf(planWith(zoneBlackhole, cluster));
    };
    expect(await refused('403 pods "p" is forbidden: violates PodSecurity "baseline:latest"'))
      .to.contain('FAULT_REFUSED: zoneBlackhole is not admitted in namespace default')
      .and.contain('violates PodSecurity "baseline:latest"')
      .and.contain('zoneNetworkPolicy');
    expect(
      await refused('403 pods "p" is forbidden: User "u" cannot patch resource "pods/ephemeralcontainers"'),
    ).to.equal('none');
  });

  it('does not begin in a pod that another run has cut off', async () => {
    const { cluster } = await on();
    const later = { ...fakeContext(cluster), runId: 'later' };
    const spec = blockOf(zoneBlackhole);
    expect(await errorOf(zoneBlackhole.plan({ name: 'broken', spec }, later))).to.contain(
      `still cut off by run ${RUN}`,
    );
    for (const pod of cluster.all(KINDS.pod)) setState(cluster, pod, { terminated: { exitCode: 0 } });
    expect(await errorOf(zoneBlackhole.plan({ name: 'broken', spec }, later))).to.equal('none');
    podOf(cluster, 'mockb').metadata.labels = { [RUN_LABEL]: 'other' };
    expect(await errorOf(zoneBlackhole.plan({ name: 'broken', spec }, later))).to.contain('labelled');
  });
});

describe('the container of a zone blackhole', () => {
  it('has the rules, its end and its deadline in it, and nothing that a kubelet would expand', async () => {
    const cluster = fakeSystem();
    const probe = { httpGet: { port: 'http' } };
    const containers = [{ name: 'app', ports: [{ name: 'http', containerPort: 8000 }], livenessProbe: probe }];
    const initContainers = [{ name: 'istio-proxy', readinessProbe: { httpGet: { port: 15021 } } }];
    const pod = inZone('probed', { containers, initContainers });
    pod.status = {
      ...(pod.status as object),
      hostIP: '10.9.9.1',
      hostIPs: [{ ip: '10.9.9.1' }, { ip: 'fd00::1' }],
    } as never;
    cluster.add(pod);
    await on(cluster, { expiry: 90_000 });
    const { command, image, securityContext } = addedTo(podOf(cluster, 'probed'));
    expect([image, command.slice(0, 2)]).to.deep.equal(['docker.io/nicolaka/netshoot:v0.13', ['sh', '-c']]);
    expect(securityContext.capabilities.add).to.deep.equal(['NET_ADMIN', 'NET_RAW']);
    const spec = command[2] ?? '';
    expect(spec.replaceAll('$$', '')).to.not.contain('$');
    const script = spec.replaceAll('$$', () => '$');
    const chain = chainName(FAULT);
    const rules = [...script.matchAll(/^iptables -w (-[NAI] .*?)(?: &&| \|\| exit 3)$/gm)].map(([, rule]) => rule);
    expect(rules).to.deep.equal([
      `-N ${chain}`,
      `-A ${chain} -i lo -j RETURN`,
      `-A ${chain} -o lo -j RETURN`,
      `-A ${chain} -d 127.0.0.1 -j RETURN`,
      ...[8000, 15021].flatMap((port) =>
        ['10.9.9.1', `\${3:-0.0.0.0}`].flatMap((peer) => [
          `-A ${chain} -s ${peer} -p tcp --dport ${port} -j RETURN`,
          `-A ${chain} -d ${peer} -p tcp --sport ${port} -j RETURN`,
        ]),
      ),
      `-A ${chain} -j DROP`,
      `-I INPUT -j ${chain}`,
      `-I OUTPUT -j ${chain}`,
    ]);
    expect(script).to.contain('sleep 90 &').and.not.contain('ip6tables');
  });

  it('has rules for IPv6 where the pod has an address of it', async () => {
    const cluster = fakeSystem();
    const pod = inZone('dual');
    pod.status = { ...(pod.status as object), podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } as never;
    cluster.add(pod);
    await on(cluster);
    const [, , script] = addedTo(podOf(cluster, 'dual')).command;
    expect(script).to.contain('ip6tables -w -I OUTPUT').and.contain('ip6tables -w -X');
  });
});

describe('a zone blackhole that cannot be put into a pod', () => {
  const change: Readonly<Record<string, (pod: KubeObject) => object>> = {
    'is still there': () => ({}),
    'is on its way out': () => ({ deletionTimestamp: '2026-11-29T00:00:00Z' }),
    'was replaced': () => ({ uid: 'anew' }),
  };
  for (const [what, changed] of Object.entries(change)) {
    it(`${what === 'is still there' ? 'fails' : 'does not fail'} where the pod ${what}`, async () => {
      const cluster = fakeSystem();
      const plan = await planWith(zoneBlackhole, cluster);
      cluster.before = ({ isWrite, name, namespace }) => {
        const pod = cluster.objects.get(`Pod ${namespace}/${name}`);
        if (!isWrite || pod === undefined) return;
        Object.assign(pod.metadata, changed(pod));
        throw new FaultlineError('KUBE_API', 'the kubelet says no');
      };
      expect(await errorOf(zoneBlackhole.inject(plan, fakeContext(cluster)))).to.equal(
        what === 'is still there' ? 'KUBE_API: the kubelet says no ()' : 'none',
      );
    });
  }
});

describe('a zone blackhole that is on', () => {
  it('is proven when iptables shows the rules in every pod, and seen when they have dropped something', async () => {
    const { cluster, plan } = await on();
    const proof = await zoneBlackhole.prove(plan, fakeContext(cluster));
    expect(proof).to.include({ proven: true, observed: true });
    expect(proof.detail).to.contain('each of 2 pods; they have dropped 14 packets');
    const shows = (stdout: string, code = 0) => {
      cluster.exec = async () => ({ code, stdout, stderr: '' });
      return zoneBlackhole.prove(plan, fakeContext(cluster));
    };
    expect(await shows('-A X -c 0 0 -j DROP\n')).to.include({ proven: true, observed: false });
    expect(await shows('-N X\n')).to.include({ proven: false });
    expect(await shows('', 1)).to.include({ proven: false });
  });

  it('is not proven while a container has not started, and never when one has ended', async () => {
    const { cluster, plan } = await on();
    setState(cluster, podOf(cluster, 'mocka'), { waiting: { reason: 'ErrImagePull', message: 'no' } });
    const waiting = await zoneBlackhole.prove(plan, fakeContext(cluster));
    expect([waiting.proven, waiting.detail]).to.deep.equal([
      false,
      `not cut off: ${podOf(cluster, 'mocka').metadata.name}: ErrImagePull: no`,
    ]);
    setState(cluster, podOf(cluster, 'mocka'), { terminated: { exitCode: 3 } });
    const { requests } = cluster;
    expect((await zoneBlackhole.prove(plan, fakeContext(cluster))).detail).to.contain('ended with exit code 3');
    expect(cluster.requests - requests, 'it does not wait').to.equal(2);
  });

  it('cuts off pods that come later, and says so', async () => {
    const { cluster, plan } = await on();
    const ending = new AbortController();
    const told: AffectedPod[] = [];
    const context = fakeContext(cluster, ending.signal);
    let looks = 0;
    const sleep = async () => {
      looks += 1;
      if (looks === 2) cluster.add(inZone('late'));
      if (looks === 4) ending.abort();
    };
    await zoneBlackhole.sustain?.(plan, {
      ...context,
      clock: { ...context.clock, sleep },
      onAffected: (pods) => void told.push(...pods),
    });
    expect(told.map(({ workload }) => workload)).to.deep.equal(['late']);
    expect(cutIn(cluster)).to.have.length(3);
    expect((await zoneBlackhole.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(cutIn(cluster)).to.deep.equal([]);
  });
});

describe('the undo of a zone blackhole', () => {
  it('says what the rules have dropped, and that an entry stays', async () => {
    const { cluster, plan } = await on();
    const { detail, objects } = await zoneBlackhole.undo(plan, fakeContext(cluster));
    expect(detail).to.contain('dropped 14 packets').and.contain(NAME).and.contain('stays');
    for (const { before, after, state } of objects) expect([after, state]).to.deep.equal([before, 'put-back']);
  });

  it('ends a container that starts while it looks, in a hurry or not', async () => {
    for (const signal of [undefined, AbortSignal.abort()]) {
      const { cluster, plan } = await on();
      setState(cluster, podOf(cluster, 'mocka'), { waiting: { reason: 'ContainerCreating' } });
      const context = fakeContext(cluster, signal);
      const sleep: typeof context.clock.sleep = async (ms) => {
        if (stateIn(podOf(cluster, 'mocka'), NAME).kind === 'starting')
          setState(cluster, podOf(cluster, 'mocka'), { running: {} });
        await context.clock.sleep(ms);
      };
      const { state } = await zoneBlackhole.undo(plan, { ...context, clock: { ...context.clock, sleep } });
      expect([state, cutIn(cluster)]).to.deep.equal(['undone', []]);
    }
  });

  it('says where rules may be left, and what takes them away', async () => {
    for (const [state, words] of [
      [{ terminated: { exitCode: 137 } }, /killed, exit code 137/],
      [{ terminated: { exitCode: 4 } }, /exit code 4/],
    ] as const) {
      const { cluster, plan } = await on();
      const pod = podOf(cluster, 'mockb');
      setState(cluster, pod, state);
      const outcome = await zoneBlackhole.undo(plan, fakeContext(cluster));
      expect(outcome.state).to.equal('failed');
      expect(outcome.detail).to.match(words);
      expect(outcome.commands).to.deep.equal([`kubectl -n default delete pod/${pod.metadata.name} --wait=false`]);
      expect(outcome.objects.map((one) => one.state)).to.have.members(['left-behind', 'put-back']);
    }
  });

  it('in a hurry counts on no word to end: it looks whether the container has', async () => {
    for (const code of [0, 1]) {
      const { cluster, plan } = await on();
      cluster.exec = async () => ({ code, stdout: '', stderr: '' });
      const outcome = await zoneBlackhole.undo(plan, fakeContext(cluster, AbortSignal.abort()));
      expect(outcome.state, `exit code ${code}`).to.equal('failed');
    }
  });

  it('waits for one that takes its time, and leaves one open that does not end for whoever recovers', async () => {
    const { cluster, plan } = await on();
    const { exec } = cluster;
    const tell = exec.bind(cluster);
    const context = fakeContext(cluster);
    cluster.exec = async (...args) => (context.now() < 45e6 ? { code: 0, stdout: '', stderr: '' } : tell(...args));
    expect((await zoneBlackhole.undo(plan, context)).state).to.equal('undone');
  });

  it('says that a container goes on that does not end, and how to end it', async () => {
    const { cluster, plan } = await on();
    cluster.exec = async () => ({ code: 0, stdout: '', stderr: '' });
    const outcome = await zoneBlackhole.undo(plan, fakeContext(cluster));
    expect([outcome.state, outcome.commands.length]).to.deep.equal(['failed', 2]);
    expect(outcome.commands[0]).to.contain(`-c ${NAME} -- sh -c 'read pid < /faultline.pid && kill $pid'`);
  });
});
