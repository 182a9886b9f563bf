import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { networkPartition } from './index.ts';

type Fields = Parameters<typeof planWith>[2];
const planOf = (fields: Fields, cluster = fakeSystem()) => planWith(networkPartition, cluster, fields);

/** What each pod's rules are at, by workload. */
async function rulesOf(fields: Fields, cluster = fakeSystem()): Promise<Record<string, string>> {
  const { objects } = await planOf(fields, cluster);
  return Object.fromEntries(
    objects.map(({ name, during = '' }) => [name.split('-abc-')[0] ?? '', during.split(': ')[1] ?? '']),
  );
}

/** The fake system with an address of its own for each pod, and a Service of mockb. */
function system(): FakeCluster {
  const cluster = fakeSystem();
  const pods = cluster.all(KINDS.pod);
  for (const [index, pod] of pods.entries()) {
    cluster.add({ ...pod, status: { ...(pod.status as object), podIP: `10.0.0.${index + 1}` } as never });
  }
  const spec = { clusterIP: '10.96.0.2', clusterIPs: ['10.96.0.2'], selector: { app: 'mockb' } };
  cluster.add({ ...KINDS.service, metadata: { name: 'mockb', namespace: 'default' }, spec });
  const labels = { 'kubernetes.io/service-name': 'mockb' };
  const endpoints = [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }];
  cluster.add({
    ...KINDS.endpointSlice,
    metadata: { name: 'mockb-x', namespace: 'default', labels },
    endpoints,
  } as never);
  return cluster;
}

describe('a network partition', () => {
  it('has rules on both sides, each at the addresses of the other', async () => {
    expect(await rulesOf({}, system())).to.deep.equal({
      'mockb-ap-northeast-1a': 'to and from 10.0.0.2',
      'mocka-ap-northeast-1a': 'to and from 10.0.0.2',
      'mockb-ap-northeast-1b': 'to and from 10.0.0.1, 10.0.0.3',
    });
    const plan = await planOf({}, system());
    expect(plan).to.deep.include({ signature: 'degrades', cutsOff: [] });
    expect(
      plan.tolls.filter(({ named }) => named),
      'it says where they are, and not who',
    ).to.deep.equal([]);
    const who = { from: { selector: { app: 'mocka' } }, to: { service: 'mockb' } };
    expect((await planOf(who, system())).tolls.every(({ named }) => named)).to.equal(true);
    const some = { from: { zone: 'ap-northeast-1a' }, to: { cidrs: ['10.9.0.0/16'] } };
    expect((await planOf(some, system())).tolls.filter(({ named }) => named)).to.deep.equal([]);
  });

  it('fails calls one way alone where it is asked to, and knows a Service by its own address, too', async () => {
    const fields = { from: { selector: { app: 'mocka' } }, to: { service: 'mockb' }, direction: 'one' };
    expect(await rulesOf(fields, system())).to.deep.equal({
      'mocka-ap-northeast-1a': 'calls out to 10.0.0.1, 10.0.0.2, 10.96.0.2',
      'mockb-ap-northeast-1a': 'calls in from 10.0.0.3',
      'mockb-ap-northeast-1b': 'calls in from 10.0.0.3',
    });
    const narrowed = { ...fields, to: { service: 'mockb', zone: 'ap-northeast-1b' } };
    const labelled = { ...fields, to: { service: 'mockb', selector: { version: 'ap-northeast-1b' } } };
    for (const half of [narrowed, labelled]) {
      expect(await rulesOf(half, system())).to.deep.equal({
        'mocka-ap-northeast-1a': 'calls out to 10.0.0.2',
        'mockb-ap-northeast-1b': 'calls in from 10.0.0.3',
      });
    }
    const turned = { from: { service: 'mockb' }, to: { selector: { app: 'mocka' } }, direction: 'one' };
    expect(await rulesOf(turned, system()), 'its own address calls nobody').to.deep.equal({
      'mockb-ap-northeast-1a': 'calls out to 10.0.0.3',
      'mockb-ap-northeast-1b': 'calls out to 10.0.0.3',
      'mocka-ap-northeast-1a': 'calls in from 10.0.0.1, 10.0.0.2',
    });
    const service = { service: 'mockb' };
    const asked = (to: object) =>
      networkPartition.named?.({ ...networkPartition.example, to } as FaultBlock).permissions;
    expect(asked(service)?.map(({ kind }) => kind.kind)).to.deep.equal(['Service', 'EndpointSlice']);
    for (const part of [{ zone: 'a' }, { region: 'r' }, { selector: { app: 'mockb' } }]) {
      expect(asked({ ...service, ...part })?.map(({ kind }) => kind.kind)).to.deep.equal(['Service']);
    }
    const wide = await planOf({ ...fields, namespaces: ['default', 'shop'] }, system());
    expect(
      wide.objects.every(({ namespace }) => namespace === 'default'),
      'a Service of the first',
    ).to.equal(true);
    const bare = system();
    for (const pod of bare.all(KINDS.pod)) bare.add({ ...pod, metadata: { ...pod.metadata, annotations: {} } });
    expect(await errorOf(planOf(fields, bare))).to.contain('has no sidecar');
  });

  it('is of regions, as pods or their nodes say', async () => {
    const cluster = system();
    const far = readyPod('far', 'node-ap-northeast-1b', 'f', { containers: [{ name: 'app' }] });
    far.metadata.labels = { ...far.metadata.labels, 'istio-locality': 'cn-hangzhou.h' };
    cluster.add(far);
    expect(await rulesOf({ from: { zone: 'ap-northeast-1b' }, to: { region: 'cn-hangzhou' } }, cluster)).to.deep.equal({
      'mockb-ap-northeast-1b': 'to and from 127.30.0.1',
      far: 'to and from 10.0.0.2',
    });
  });

  it('takes a zone off where the other side is everybody, so that guards look', async () => {
    expect((await planOf({}, system())).warnings.join())
      .to.contain('by way of a gateway')
      .and.not.contain('Only pods of');
    const plan = await planOf({ to: { cidrs: ['0.0.0.0/0'] } }, system());
    expect(plan.warnings.join()).to.contain('by way of a gateway').and.contain('Only pods of `from` have rules');
    expect(plan).to.deep.include({ signature: 'stops-serving', cutsOff: ['ap-northeast-1a'] });
    expect(plan.affected.map(({ zone }) => zone)).to.deep.equal(['ap-northeast-1a', 'ap-northeast-1a']);
    expect(await planOf({ to: { cidrs: ['10.0.0.0/8'] } }, system())).to.deep.include({
      signature: 'degrades',
      cutsOff: [],
    });
  });

  it('refuses a pod on both sides, a side without a pod, and ranges beside what pods are', async () => {
    const refusals: [Fields, string][] = [
      [{ to: { service: 'mockb' } }, 'is on both sides'],
      [{ to: { zone: 'no' } }, 'pods of zone no (default) has no address now'],
      [{ from: { zone: 'no' } }, 'there are no pods of zone no'],
      [{ to: { service: 'no' } }, 'there is no Service default/no'],
      [{ to: { cidrs: ['10.0.0.0/8'], zone: 'ap-northeast-1b' } }, 'cidrs and says of pods'],
      [{ to: { cidrs: ['10.0.0.1/8'] } }, 'beyond its prefix'],
    ];
    for (const [fields, words] of refusals) expect(await errorOf(planOf(fields, system())), words).to.contain(words);
  });

  it('hits a pod that comes to either side, at the addresses of that moment', async () => {
    const cluster = system();
    const plan = await planOf({}, cluster);
    await networkPartition.inject(plan, fakeContext(cluster));
    const ending = new AbortController();
    const context = fakeContext(cluster, ending.signal);
    const late = readyPod('late', 'node-ap-northeast-1b', 'late', { containers: [{ name: 'app' }] });
    let looks = 0;
    const sleep = async () => {
      looks += 1;
      if (looks === 2) cluster.add({ ...late, status: { ...(late.status as object), podIP: '10.0.0.9' } as never });
      if (looks === 4) ending.abort();
    };
    await networkPartition.sustain?.(plan, { ...context, clock: { ...context.clock, sleep } });
    const found = cluster.all(KINDS.pod).find(({ metadata }) => metadata.name?.startsWith('late')) as KubeObject;
    expect(JSON.stringify(found.spec)).to.contain('-s 10.0.0.1,10.0.0.3 -j DROP');
    expect((await networkPartition.undo(plan, fakeContext(cluster))).state).to.equal('undone');
  });
});
