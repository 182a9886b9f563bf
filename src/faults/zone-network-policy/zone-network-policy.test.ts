import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { LABEL, labelled, NAME, on, POLICY } from '../testing/policies.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { zoneNetworkPolicy } from './index.ts';

const OURS = { [RUN_LABEL]: RUN };

function podIn(namespace: string, name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject {
  const pod = readyPod(name, 'node-ap-northeast-1a', 'x', {});
  return { ...pod, metadata: { ...pod.metadata, namespace, ...more } };
}

describe('the block of a zone network policy', () => {
  const read = (fields: FaultBlock) =>
    blockOf({ ...zoneNetworkPolicy, example: { ...zoneNetworkPolicy.example, ...fields } });

  it('is read with its default, and refuses what cannot be', () => {
    expect(read({})).to.deep.equal({ ...zoneNetworkPolicy.example, expiry: 900_000 });
    expect(read({ expiry: '2m', selector: { app: 'x' } })).to.deep.include({ expiry: 120_000, selector: { app: 'x' } });
    for (const fields of [
      { namespaces: [] },
      { namespaces: [''] },
      { zone: '' },
      { expiry: 'soon' },
      { selector: {} },
    ]) {
      expect(() => read(fields), JSON.stringify(fields)).to.throw(Object.keys(fields)[0]);
    }
  });
});

describe('the plan of a zone network policy', () => {
  it('names what it creates in each namespace and every pod of the zone that it labels', async () => {
    const cluster = fakeSystem();
    cluster.add(podIn('shop', 'cart'));
    const plan = await planWith(zoneNetworkPolicy, cluster, { namespaces: ['default', 'shop'] });
    expect(plan.summary).to.equal('deny new connections of 3 pods in zone ap-northeast-1a (default, shop)');
    expect(plan.objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).to.deep.equal([
      `Job default/${NAME}`,
      `NetworkPolicy default/${NAME}`,
      `Job shop/${NAME}`,
      `NetworkPolicy shop/${NAME}`,
      ...plan.affected.map(({ namespace, pod }) => `Pod ${namespace}/${pod}`),
    ]);
    expect(plan.objects.map(({ change }) => change)).to.include.members(['created', `label ${RUN_LABEL}`]);
    const states = plan.objects.map(({ before, during, state }) => [before, during, state].join());
    expect(new Set(states)).to.deep.equal(new Set(['absent,present,unknown']));
    expect(plan.affected.map(({ workload }) => workload)).to.have.members([
      'mockb-ap-northeast-1a',
      'mocka-ap-northeast-1a',
      'cart',
    ]);
    expect(plan).to.deep.include({
      namespaces: ['default', 'shop'],
      cutsOff: ['ap-northeast-1a'],
      signature: 'stops-serving',
      expiresMs: 900_000,
    });
    expect(plan.deadMan).to.contain('activeDeadlineSeconds 900');
    expect(plan.warnings.map((text) => text.slice(0, 30))).to.deep.equal([
      'Open connections may go on, an',
      'The network plug-in must enfor',
      'Kubelet probes usually still r',
    ]);
  });

  it('takes only pods with the labels, that are alive', async () => {
    const cluster = fakeSystem();
    cluster.add(podIn('default', 'leaver', { deletionTimestamp: '2026-11-22T09:00:00Z' }));
    cluster.add({ ...podIn('default', 'job'), status: { phase: 'Succeeded' } });
    const { affected } = await planWith(zoneNetworkPolicy, cluster, { selector: { app: 'mockb' } });
    expect(affected.map(({ workload }) => workload)).to.deep.equal(['mockb-ap-northeast-1a']);
  });

  it('refuses a zone without pods', async () => {
    expect(await errorOf(planWith(zoneNetworkPolicy, fakeSystem(), { zone: 'nowhere' })))
      .to.contain('FAULT_NO_TARGET: cluster tokyo: zoneNetworkPolicy broken matches no pod in zone nowhere')
      .and.contain('kubectl get nodes -L topology.kubernetes.io/zone');
  });

  it('gives faults with long names objects of their own', async () => {
    const names = await Promise.all(
      ['x', 'y'].map(async (tail) => {
        const name = `a-fault-with-a-name-as-long-as-anybody-would-want-${tail}`;
        return (await planWith(zoneNetworkPolicy, fakeSystem(), {}, name)).objects[0]?.name ?? '';
      }),
    );
    expect(new Set(names).size).to.equal(2);
    for (const name of names) expect(name).to.match(/^faultline-[a-z0-9-]{53}$/);
    const longest = 'n'.repeat(63 - `faultline-${RUN}-`.length);
    const [whole, cut] = await Promise.all(
      [longest, `${longest}n`].map(
        async (name) => (await planWith(zoneNetworkPolicy, fakeSystem(), {}, name)).objects[0],
      ),
    );
    expect(whole?.name).to.equal(`faultline-${RUN}-${longest}`);
    expect(cut?.name).to.match(/-[0-9a-f]{8}$/);
  });
});

describe('a zone network policy that is on', () => {
  it('is a policy that allows the labelled pods nothing in either direction', async () => {
    const { cluster } = await on();
    const policy = await cluster.get(POLICY);
    expect(policy?.spec).to.deep.equal({
      podSelector: { matchLabels: { ...OURS, [LABEL]: 'broken' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    });
    expect(policy?.metadata.labels).to.deep.equal({ 'app.kubernetes.io/managed-by': 'faultline', ...OURS });
    const pods = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.labels?.[LABEL] === 'broken');
    expect(pods.map(({ spec }) => (spec as { nodeName: string }).nodeName)).to.deep.equal([
      'node-ap-northeast-1a',
      'node-ap-northeast-1a',
    ]);
    expect(labelled(cluster)).to.have.length(2);
  });

  it('has an owner that Kubernetes deletes by itself when the time is over, and that never starts a pod', async () => {
    const { cluster } = await on({ expiry: 61_500 });
    const [job] = cluster.all(KINDS.job);
    expect(job?.spec).to.deep.include({
      parallelism: 0,
      completions: 1,
      activeDeadlineSeconds: 62,
      ttlSecondsAfterFinished: 0,
    });
    expect(JSON.stringify(job?.spec)).to.contain('"restartPolicy":"Never","automountServiceAccountToken":false');
    const [policy] = cluster.all(KINDS.networkPolicy);
    expect(policy?.metadata.ownerReferences).to.deep.equal([
      { ...KINDS.job, name: NAME, uid: job?.metadata.uid, blockOwnerDeletion: false },
    ]);
  });

  it('labels a pod without any labels, and one that has gone in the meantime is no error', async () => {
    const cluster = fakeSystem();
    const { labels: _labels, ...metadata } = podIn('default', 'bare').metadata;
    cluster.add({ ...podIn('default', 'bare'), metadata });
    const plan = await planWith(zoneNetworkPolicy, cluster);
    cluster.before = ({ verb, kind }) => {
      if (verb === 'patch' && kind === 'Pod')
        cluster.objects.delete('Pod default/mocka-ap-northeast-1a-abc-xxxxxxxxxxxxxxx');
    };
    await zoneNetworkPolicy.inject(plan, fakeContext(cluster));
    expect(labelled(cluster)).to.have.members(['bare-abc-x', 'mockb-ap-northeast-1a-abc-xxxxxxxxxxxxxxx']);
  });

  it('does not label a pod of the same name that was created anew, nor one that another run holds', async () => {
    const cluster = fakeSystem();
    const [, , mocka] = cluster.all(KINDS.pod);
    if (mocka === undefined) throw new Error('there are three pods');
    const plan = await planWith(zoneNetworkPolicy, cluster);
    cluster.before = ({ verb, kind }) => {
      if (verb === 'get' && kind === 'Pod') cluster.add({ ...mocka, metadata: { ...mocka.metadata, uid: 'another' } });
    };
    await zoneNetworkPolicy.inject(plan, fakeContext(cluster));
    expect(labelled(cluster)).to.have.length(1);
    const held = fakeSystem();
    for (const pod of held.all(KINDS.pod))
      held.add({ ...pod, metadata: { ...pod.metadata, labels: { [RUN_LABEL]: 'other' } } });
    expect(await errorOf(on({}, held))).to.match(
      /^OPEN_RUN: cluster tokyo: pod default\/mock.* is still labelled by run other \(faultline recover --scan --target <targets file>\)$/,
    );
  });

  it('takes what an earlier try of its own has left, and refuses what is not its own', async () => {
    const { cluster, plan } = await on();
    const { writes } = cluster;
    await zoneNetworkPolicy.inject(plan, fakeContext(cluster));
    expect(cluster.writes).to.equal(writes);
    const other = fakeSystem();
    const again = await planWith(zoneNetworkPolicy, other);
    other.add({ ...KINDS.networkPolicy, metadata: { name: NAME, namespace: 'default' } });
    expect(await errorOf(zoneNetworkPolicy.inject(again, fakeContext(other)))).to.contain(
      `FAULT_CONFLICT: cluster tokyo: NetworkPolicy default/${NAME} is there already, and not of this run`,
    );
  });

  it('is proven when every policy is there and selects every pod, and leaves the rest to the requests', async () => {
    const cluster = fakeSystem();
    cluster.add(podIn('shop', 'cart'));
    const { plan } = await on({ namespaces: ['default', 'shop'] }, cluster);
    const look = () => zoneNetworkPolicy.prove(plan, fakeContext(cluster));
    expect(await look()).to.deep.equal({
      proven: true,
      observed: false,
      detail: 'the deny-all NetworkPolicy is there and selects 3 pods; only requests can show that it is enforced',
    });
    cluster.add(podIn('shop', 'late'));
    expect(await look()).to.deep.equal({
      proven: false,
      observed: false,
      detail: 'pods without the label: late-abc-x',
    });
    cluster.add(podIn('default', 'early'));
    expect((await look()).detail).to.equal('pods without the label: early-abc-x, late-abc-x');
    cluster.objects.delete(`NetworkPolicy shop/${NAME}`);
    expect((await look()).detail).to.equal(`NetworkPolicy ${NAME} is missing in shop`);
    cluster.add({
      ...KINDS.networkPolicy,
      metadata: { name: NAME, namespace: 'shop', labels: { [RUN_LABEL]: 'other' } },
    });
    expect((await look()).detail).to.equal(`NetworkPolicy ${NAME} is missing in shop`);
    cluster.objects.delete(`NetworkPolicy default/${NAME}`);
    expect((await look()).detail).to.equal(`NetworkPolicy ${NAME} is missing in default, shop`);
  });
});

describe('a zone network policy that is kept up', () => {
  const later = (cluster: FakeCluster) => cluster.add(podIn('default', 'later'));

  it('labels pods that come later and says so, and lets those of other runs be', async () => {
    const { cluster, plan } = await on();
    later(cluster);
    cluster.add(podIn('default', 'held', { labels: { [RUN_LABEL]: 'other' } }));
    const ending = new AbortController();
    const seen: string[] = [];
    await zoneNetworkPolicy.sustain?.(plan, {
      ...fakeContext(cluster, ending.signal),
      onAffected: (pods) => {
        seen.push(...pods.map(({ workload }) => workload));
        ending.abort();
      },
    });
    expect(seen).to.deep.equal(['later']);
    expect(labelled(cluster)).to.have.length(3);
    expect((await zoneNetworkPolicy.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(labelled(cluster)).to.deep.equal([]);
  });

  it('does not take a pod again that somebody has freed', async () => {
    const { cluster, plan } = await on();
    const ending = new AbortController();
    let looks = 0;
    cluster.before = ({ kind }) => {
      if (kind !== 'Node') return;
      looks++;
      if (looks === 2)
        for (const pod of cluster.all(KINDS.pod)) cluster.add({ ...pod, metadata: { ...pod.metadata, labels: {} } });
      if (looks === 4) ending.abort();
    };
    await zoneNetworkPolicy.sustain?.(plan, fakeContext(cluster, ending.signal));
    expect(labelled(cluster)).to.deep.equal([]);
  });

  it('looks several times a second, and says nothing while nobody comes', async () => {
    const { cluster, plan } = await on();
    const ending = new AbortController();
    const clock = virtualClock();
    const context = { ...fakeContext(cluster, ending.signal), clock, now: () => clock.now() };
    const looks: number[] = [];
    cluster.before = ({ kind }) => {
      if (kind !== 'Node') return;
      looks.push(clock.now() / 1000);
      if (looks.length === 4) ending.abort();
    };
    let told = 0;
    await zoneNetworkPolicy.sustain?.(plan, { ...context, onAffected: () => told++ });
    expect([looks, told]).to.deep.equal([[0, 250, 500, 750], 0]);
  });

  it('goes on over an API server that is away for a moment, and says so when it stays away', async () => {
    for (const [errors, wanted] of [
      [3, 'none'],
      [1_000, 'KUBE_API: 503 no ()'],
    ] as const) {
      const { cluster, plan } = await on();
      later(cluster);
      let left: number = errors;
      cluster.before = ({ verb }) => {
        if (verb === 'list' && left-- > 0) throw new FaultlineError('KUBE_API', '503 no');
      };
      const ending = new AbortController();
      const context = { ...fakeContext(cluster, ending.signal), onAffected: () => ending.abort() };
      expect(await errorOf(zoneNetworkPolicy.sustain?.(plan, context))).to.equal(wanted);
    }
  });

  it('is no failure when the end comes while the API server is away', async () => {
    const { cluster, plan } = await on();
    const ending = new AbortController();
    cluster.before = () => {
      ending.abort();
      throw new FaultlineError('KUBE_API', '503 no');
    };
    expect(await errorOf(zoneNetworkPolicy.sustain?.(plan, fakeContext(cluster, ending.signal)))).to.equal('none');
  });
});
