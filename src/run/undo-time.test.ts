import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import type { FakeCluster } from '../faults/testing/fake-cluster.ts';
import { readyPod } from '../faults/testing/fake-controllers.ts';
import { fakeContext, fakeSystem } from '../faults/testing/fake-system.ts';
import { planWith } from '../faults/testing/steps.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { UnstampedEvent } from '../model/ports.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { boundedUndo, undoBound } from './undo-bound.ts';
import { type OpenFault, undoAll } from './undo-stack.ts';

const LATENCY_MS = 200;
const EACH = 10;
const ZONE = 'ap-northeast-1a';

/** A cluster with ten Deployments of one pod each in one zone. */
function crowded(name: string): FakeCluster {
  const cluster = Object.assign(fakeSystem(), { name });
  const image = { containers: [{ name: 'default', image: 'asm-mock:v0.1' }] };
  for (let at = 0; at < EACH; at++) {
    const workload = `w${at}`;
    cluster.add({
      ...KINDS.deployment,
      metadata: { name: workload, namespace: 'default', labels: { app: workload }, generation: 1 },
      spec: { replicas: 1, selector: { matchLabels: { app: workload } }, template: { spec: image } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    });
    cluster.add(readyPod(workload, `node-${ZONE}`, 'x', image));
  }
  return cluster;
}

/** Faults that are on in a cluster. */
async function injected(cluster: FakeCluster, kind: string, blocks: readonly object[]): Promise<OpenFault[]> {
  const context = fakeContext(cluster);
  const faults: OpenFault[] = [];
  for (const [at, block] of blocks.entries()) {
    const plan = await planWith(faultKind(kind), cluster, { ...block }, `${cluster.name}-${at}`);
    await faultKind(kind).inject(plan, context);
    const quiet = { lost: () => [], stalled: () => false, endSustain: async () => {} };
    faults.push({ kind: faultKind(kind), plan, context, ...quiet });
  }
  return faults;
}

/** Undoes them after a signal, with an API that takes its time; when each fault was undone, in seconds. */
async function undone(clusters: readonly FakeCluster[], faults: readonly OpenFault[], silent: readonly string[] = []) {
  const clock = virtualClock();
  for (const cluster of clusters) {
    cluster.pause = () => (silent.includes(cluster.name) ? new Promise(() => {}) : clock.sleep(LATENCY_MS));
  }
  const told: { fault: string; step: string; at: number }[] = [];
  const append = (event: UnstampedEvent) => {
    if (event.type === 'fault') told.push({ fault: event.fault, step: event.step, at: clock.now() / 1e6 });
    return { seq: 0, t: 0, wall: '' };
  };
  const stop = AbortSignal.abort();
  const bound = undoBound(stop, clock);
  const own = faults.map((open) => {
    const context = { ...open.context, clock, now: () => clock.now() };
    return boundedUndo(() => ({ ...open, context }), { over: bound.over, clock, recover: 'recover it' });
  });
  const journal = { append: () => {}, close: () => {} };
  await undoAll(own, { clock, history: { now: () => clock.now(), append }, journal, hurry: stop, recover: '' });
  bound.release();
  for (const cluster of clusters) cluster.pause = () => {};
  return told.filter(({ step }) => step !== 'undo-requested');
}

const latest = (told: Awaited<ReturnType<typeof undone>>): number => Math.max(...told.map(({ at }) => at));
const swaps = Array.from({ length: EACH }, (_, at) => ({ deployment: `w${at}` }));

describe(`the undo of 20 objects in two clusters with an API that takes ${LATENCY_MS} ms`, () => {
  it('takes less than five seconds: twenty faults of one object each', async () => {
    const clusters = [crowded('tokyo'), crowded('osaka')];
    const before = clusters.map((cluster) => cluster.snapshot());
    const faults = (await Promise.all(clusters.map((one) => injected(one, 'imageSwap', swaps)))).flat();
    const told = await undone(clusters, faults);
    expect(told.map(({ step }) => step)).to.deep.equal(Array(2 * EACH).fill('undone'));
    expect(latest(told)).to.be.within(LATENCY_MS / 1000, 5);
    expect(clusters.map((cluster) => cluster.snapshot())).to.deep.equal(before);
  });

  it('takes less than five seconds: two faults of ten pods each', async () => {
    const clusters = [crowded('tokyo'), crowded('osaka')];
    const zone = [{ zone: ZONE, namespaces: ['default'] }];
    const faults = (await Promise.all(clusters.map((one) => injected(one, 'zoneNetworkPolicy', zone)))).flat();
    expect(faults[0]?.plan.affected.length).to.be.at.least(EACH);
    const told = await undone(clusters, faults);
    expect(told.map(({ step }) => step)).to.deep.equal(['undone', 'undone']);
    expect(latest(told)).to.be.within(LATENCY_MS / 1000, 5);
  });

  it('does not wait for the cluster that is silent, which is given up in the end', async () => {
    const clusters = [crowded('tokyo'), crowded('osaka')];
    const faults = (await Promise.all(clusters.map((one) => injected(one, 'imageSwap', swaps)))).flat();
    const told = await undone(clusters, faults, ['osaka']);
    const of = (name: string) => told.filter(({ fault }) => fault.startsWith(name));
    expect(of('tokyo').map(({ step }) => step)).to.deep.equal(Array(EACH).fill('undone'));
    expect(latest(of('tokyo'))).to.be.lessThan(5);
    expect(of('osaka').map(({ step }) => step)).to.deep.equal(Array(EACH).fill('undo-failed'));
    expect(latest(of('osaka'))).to.be.within(90, 120);
  });
});
