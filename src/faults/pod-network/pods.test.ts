import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { AffectedPod } from '../../model/history.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { chainName, containerName } from '../in-pod/container.ts';
import { BEGIN_COMMAND } from '../in-pod/script.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { podNetwork } from './index.ts';
import { addService, type Fields, mockb, planOf, ZONE } from './testing/pods.ts';

/** Keeps a fault up for eight looks: whom it hits, and which pods are told to begin, after the injection. */
async function keepsOn(plan: FaultPlan, cluster: FakeCluster, at: (look: number) => void) {
  const ending = new AbortController();
  const context = fakeContext(cluster, ending.signal);
  const told: AffectedPod[] = [];
  const began: string[] = [];
  let looks = 0;
  const sleep = async () => {
    at(++looks);
    if (looks === 8) ending.abort();
  };
  const exec = cluster.exec.bind(cluster);
  cluster.exec = async (where, command) => {
    if (command === BEGIN_COMMAND) began.push(where.pod);
    return exec(where, command);
  };
  const onAffected = (pods: readonly AffectedPod[]) => void told.push(...pods);
  await podNetwork.sustain?.(plan, { ...context, clock: { ...context.clock, sleep }, onAffected });
  return { told, began };
}

const scriptIn = (cluster: FakeCluster, pod: string): string => {
  const found = cluster.all(KINDS.pod).find(({ metadata }) => metadata.name === pod)?.spec;
  const { ephemeralContainers = [] } = (found ?? {}) as { ephemeralContainers?: { command: string[] }[] };
  return ephemeralContainers.at(-1)?.command[2]?.replaceAll('$$', () => '$') ?? '';
};

describe('pods of a fault of the network of pods', () => {
  it('are as many as are asked for, and another one takes the place of one that has gone', async () => {
    const cluster = fakeSystem();
    for (const tail of ['a', 'b', 'c']) cluster.add(mockb(tail, `10.0.0.${tail.charCodeAt(0)}`));
    const names = async (fields: Fields) => (await planOf(fields, cluster)).affected.map(({ pod }) => pod.slice(-1));
    expect([await names({ count: 2 }), await names({ percent: 0.5 })]).to.deep.equal([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect((await planOf({ count: 9 }, cluster)).warnings.join()).to.contain('less than count 9');
    const plan = await planOf({ count: 2 }, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    const ending = new AbortController();
    const told: AffectedPod[] = [];
    const context = fakeContext(cluster, ending.signal);
    let looks = 0;
    const sleep = async () => {
      looks += 1;
      if (looks === 2) cluster.objects.delete(`Pod default/mockb-${ZONE}-abc-a`);
      if (looks === 4) ending.abort();
    };
    const clock = { ...context.clock, sleep };
    await podNetwork.sustain?.(plan, { ...context, clock, onAffected: (pods) => void told.push(...pods) });
    expect(told.map(({ pod }) => pod.slice(-1))).to.deep.equal(['c']);
    expect(scriptIn(cluster, `mockb-${ZONE}-abc-${'x'.repeat(15)}`)).to.equal('');
  });

  it('are first those that are ready, and stay chosen while others come', async () => {
    const cluster = fakeSystem();
    const pods = ['a', 'b', 'c'].map((tail) => mockb(tail, `10.0.0.${tail.charCodeAt(0)}`));
    const [first, ...others] = pods as [KubeObject, KubeObject, KubeObject];
    const conditions = [{ type: 'Ready', status: 'False' }];
    cluster.add({ ...first, status: { ...(first.status as object), conditions } as never });
    for (const pod of others) cluster.add(pod);
    const affected = async () => (await planOf({ count: 1 }, cluster)).affected.map(({ pod }) => pod.slice(-1));
    expect(await affected()).to.deep.equal(['b']);
    const plan = await planOf({ count: 1 }, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    cluster.add(first);
    const { told } = await keepsOn(plan, cluster, () => {});
    expect(told, 'the one that has it goes on having it').to.deep.equal([]);
  });

  it('are told to begin when they come later, once each', async () => {
    const cluster = fakeSystem();
    const plan = await planOf({}, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    const { began } = await keepsOn(plan, cluster, (look) => {
      if (look === 2) cluster.add(mockb('late', '10.0.0.9'));
    });
    expect(began.filter((pod) => pod.endsWith('-late'))).to.have.length(1);
  });

  it('have a container whose name and words every version of the tool knows again', async () => {
    const cluster = fakeSystem();
    const plan = { ...(await planOf({}, cluster)), runId: '20261122t090000z-test', fault: 'lossy' };
    await podNetwork.inject(plan, fakeContext(cluster));
    const [container] = cluster.all(KINDS.pod).flatMap(({ spec }) => {
      const { ephemeralContainers = [] } = (spec ?? {}) as { ephemeralContainers?: { name: string; env: unknown }[] };
      return ephemeralContainers;
    });
    expect(container?.name).to.equal('faultline-9e855c1eb0');
    expect(container?.env).to.deep.equal([
      { name: 'FAULTLINE_RUN', value: '20261122t090000z-test' },
      { name: 'FAULTLINE_FAULT', value: 'lossy' },
      { name: 'FAULTLINE_KIND', value: 'podNetwork' },
    ]);
  });

  it('have a script that tries the queue before it writes a rule, and takes away its own alone', async () => {
    const cluster = fakeSystem();
    cluster.add(mockb('v', '10.0.0.8', 'fd00::8'));
    const plan = await planOf({ packets: undefined, delay: 200, count: 1 }, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    const script = scriptIn(cluster, `mockb-${ZONE}-abc-v`);
    for (const [tool, own] of [
      ['iptables', '127.0.0.1'],
      ['ip6tables', '::1'],
    ])
      expect(script).to.match(new RegExp(`^${tool} -w -t mangle -A \\S+ -d ${own} -j RETURN`, 'm'));
    const made = /tc qdisc add dev \$\{5:-eth0\} root handle (\w+): prio .* \|\| exit 5/.exec(script)?.[1];
    expect(script).to.contain(`parent ${made}:4`).and.contain('netem delay 200ms');
    expect(script).to.contain(`tc qdisc del dev \${5:-eth0} root handle ${made}:`);
    const place = (words: string) => script.indexOf(words);
    expect(place('tc qdisc add'))
      .to.be.greaterThan(place('EXIT'))
      .and.lessThan(place('-N FAULTLINE'.replace('-N', 'iptables -w -t mangle -N')));
    expect(place('set -- $(ip -4 route show default)'))
      .to.be.greaterThan(place('EXIT'))
      .and.lessThan(place('tc qdisc add'));
    expect(script).to.contain('ip6tables -w -t mangle -I OUTPUT').and.not.contain('-I INPUT');
    const other = plan.affected[0]?.pod ?? '';
    const pod = cluster.all(KINDS.pod).find(({ metadata }) => metadata.name === other) as KubeObject;
    const status = {
      ...(pod.status as object),
      ephemeralContainerStatuses: [{ name: containerName(plan), state: { terminated: { exitCode: 5 } } }],
    };
    cluster.add({ ...pod, status: status as never });
    const proof = await podNetwork.prove(plan, fakeContext(cluster));
    expect(proof.proven).to.equal(false);
    expect(proof.detail).to.contain('cannot delay packets').and.contain('sch_netem');
  });

  it('are looked at until their rules have seen a packet, five times at the most, and once where nobody waits', async () => {
    const looks = async (shown: (look: number) => string, signal?: AbortSignal) => {
      const cluster = fakeSystem();
      const plan = await planOf({}, cluster);
      await podNetwork.inject(plan, fakeContext(cluster));
      const seen = new Map<string, number>();
      const exec = cluster.exec.bind(cluster);
      cluster.exec = async (where, command) => {
        const ran = await exec(where, command);
        if (!ran.stdout.startsWith('-A FAULTLINE')) return ran;
        const look = (seen.get(where.pod) ?? 0) + 1;
        seen.set(where.pod, look);
        return { ...ran, stdout: shown(look) };
      };
      const { proven, observed } = await podNetwork.prove(plan, fakeContext(cluster, signal));
      return [Math.max(...seen.values()), proven, observed];
    };
    const rules = (packets: number) => `-A FAULTLINE-x -c ${packets} 0 -j DROP\n`;
    expect(await looks(() => rules(0))).to.deep.equal([5, true, false]);
    expect(await looks((look) => rules(look === 3 ? 1 : 0))).to.deep.equal([3, true, true]);
    expect(await looks((look) => (look < 3 ? '' : rules(1)))).to.deep.equal([3, true, true]);
    expect(await looks(() => '')).to.deep.equal([5, false, false]);
    expect(await looks(() => rules(0), AbortSignal.abort())).to.deep.equal([1, true, false]);
  });

  it('are told to end again where the first time had no answer', async () => {
    const cluster = fakeSystem();
    const plan = await planOf({ direction: 'in', port: 8080 }, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    const exec = cluster.exec.bind(cluster);
    let told = 0;
    cluster.exec = async (where, command) => {
      if (++told === 1) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
      return exec(where, command);
    };
    expect((await podNetwork.undo(plan, fakeContext(cluster))).state).to.equal('undone');
  });

  it('that nobody may tell to end are left soon, with why, and with what somebody else may type', async () => {
    const cluster = fakeSystem();
    const plan = await planOf({ direction: 'in', port: 8080 }, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    const denied = 'cluster tokyo: exec sh in default/mockb: 403 no';
    cluster.exec = () => Promise.reject(new FaultlineError('PERMISSION_DENIED', denied));
    const context = fakeContext(cluster);
    const { state, detail, commands } = await podNetwork.undo(plan, context);
    expect(state).to.equal('failed');
    expect(detail).to.contain(`(the container runs, and cannot be told to end: ${denied})`);
    expect(commands).to.have.length(plan.affected.length);
    expect(commands[0]).to.match(/^kubectl -n default exec mockb-\S+ -c \S+ -- sh -c '/);
    expect(context.now() / 1e6).to.be.within(5, 7);
  });

  it('that were told by nobody for another reason are told for longer, and once more by whoever has asked', async () => {
    const cluster = fakeSystem();
    const plan = await planOf({ direction: 'in', port: 8080 }, cluster);
    await podNetwork.inject(plan, fakeContext(cluster));
    cluster.exec = () => Promise.reject(new FaultlineError('KUBE_API', '502 no kubelet'));
    const context = fakeContext(cluster);
    const error = await podNetwork.undo(plan, context).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('message', '502 no kubelet');
    expect(context.now() / 1e6).to.be.within(20, 22);
  });

  it('get rules for an end that comes while they run, once, and for nobody else', async () => {
    const cluster = fakeSystem();
    const ports = [{ name: 'http', port: 8080 }];
    const spec = { clusterIP: '10.96.0.9', ports: [{ name: 'http', port: 80 }] };
    addService(cluster, 'mockc', spec, [{ addresses: ['10.0.0.5'], ports }]);
    const plan = await planOf({ direction: 'out', peer: { service: 'mockc' }, port: 80 }, cluster);
    expect(plan.warnings.join()).to.match(/An address of .*mockc.* is hit to the end, whoever has it by then/);
    await podNetwork.inject(plan, fakeContext(cluster));
    const ending = new AbortController();
    const context = fakeContext(cluster, ending.signal);
    const ran: string[] = [];
    let code = 1;
    cluster.exec = async (_where, command) => {
      if (command === BEGIN_COMMAND) return { code: 0, stdout: '', stderr: '' };
      ran.push(command[2] ?? '');
      code = ran.length === 1 ? 1 : 0;
      return { code, stdout: '', stderr: 'busy' };
    };
    let looks = 0;
    const sleep = async () => {
      looks += 1;
      if (looks === 2) addService(cluster, 'mockc', spec, [{ addresses: ['10.0.0.5', '10.0.0.6'], ports }]);
      if (looks === 6) ending.abort();
    };
    await podNetwork.sustain?.(plan, { ...context, clock: { ...context.clock, sleep } });
    const chain = chainName(plan);
    const match = '10.0.0.6 -m conntrack --ctdir';
    const rule = [
      `iptables -w -A ${chain}-I -s ${match} REPLY --ctorigdstport 8080 -j DROP`,
      `iptables -w -A ${chain}-O -d ${match} ORIGINAL --ctorigdstport 8080 -j DROP`,
    ].join(' && ');
    expect(ran, 'until it has worked').to.deep.equal([rule, rule]);
  });
});
