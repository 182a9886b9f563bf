import { expect } from 'chai';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { asMap, at, type JsonMap, mapOf, mapsOf } from '../api/json.ts';
import { createSignal } from '../api/signal.ts';
import { createStore, type ObjectStore } from '../api/store.ts';
import { createEventRecorder } from '../controllers/events.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Kubelet, type PodStart, type RestartableApp } from './kubelet.ts';

const REF = { ...KINDS.pod, namespace: 'default', name: 'pod' };

describe('kubelet', () => {
  let clock: ManualClock;
  let store: ObjectStore;
  let kubelet: Kubelet;
  let started: PodStart[];
  let running: Set<string>;
  let healthy: boolean;
  let probes: number;
  let slowStart: Promise<void>;
  let exit: PromiseWithResolvers<number>;
  let sidecarStartMs: number;
  let app: RestartableApp | undefined;
  let begun: number;

  beforeEach(() => {
    clock = new ManualClock();
    store = createStore({ clock, random: Math.random });
    started = [];
    running = new Set();
    healthy = true;
    probes = 0;
    slowStart = Promise.resolve();
    exit = Promise.withResolvers();
    sidecarStartMs = 0;
    begun = 0;
    kubelet = new Kubelet({
      store,
      clock,
      events: createEventRecorder({ store, clock, random: Math.random }),
      podStartMs: 300,
      nextPodIp: () => `127.30.1.${10 + started.length}`,
      hostIp: () => '10.0.1.2',
      startPod: async (start) => {
        started.push(start);
        await slowStart;
        running.add(start.ip);
        const close = () => running.delete(start.ip);
        const ended = createSignal();
        app = { container: 'default', ended, end: () => ended.fire(), begin: () => void begun++ };
        return { listens: () => probed(), app, exited: exit.promise, sidecarStartMs, close };
      },
    });
  });
  afterEach(() => kubelet.close());

  function create(container: JsonMap = {}, restartPolicy = 'Always'): void {
    const containers = [{ name: 'default', image: 'example/mock:1', ...container }];
    store.create({
      ...KINDS.pod,
      metadata: { name: 'pod', namespace: 'default' },
      spec: { nodeName: 'n', containers, restartPolicy },
    });
  }

  /** What the Events say, each with how often it was told. */
  function told(): string[] {
    return store
      .list({ apiVersion: 'v1', kind: 'Event' }, 'default')
      .map((event) => {
        const { reason, message, count, type } = asMap(event);
        return `${type} ${reason} ${count}: ${message}`;
      })
      .sort();
  }

  function probed(): boolean {
    probes += 1;
    return healthy;
  }

  const pod = (): KubeObject | undefined => store.get(REF);
  const status = (): JsonMap => mapOf(asMap(pod() ?? { ...KINDS.pod, metadata: {} }).status);
  const ready = (): unknown => mapsOf(status().conditions).find((entry) => entry.type === 'Ready')?.status;
  const container = (): JsonMap => mapsOf(status().containerStatuses)[0] ?? {};

  it('starts a bound pod after its start time and reports it as a real one does', async () => {
    create();
    await clock.advance(299);
    expect(status().phase).to.equal('Pending');
    expect(container().state).to.deep.equal({ waiting: { reason: 'ContainerCreating' } });
    expect(status().podIP).to.equal(undefined);
    await clock.advance(1);
    expect(status()).to.include({ phase: 'Running', podIP: '127.30.1.10', hostIP: '10.0.1.2' });
    expect(ready()).to.equal('True');
    expect(container()).to.deep.include({ ready: true, started: true, restartCount: 0, image: 'example/mock:1' });
    expect(mapsOf(status().conditions).map((entry) => entry.type)).to.include.members([
      'PodScheduled',
      'Initialized',
      'ContainersReady',
    ]);
  });

  it('tells in Events what happens to containers', async () => {
    healthy = false;
    create({ readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1, failureThreshold: 2 } });
    await clock.advance(2500);
    expect(told()).to.deep.equal([
      'Normal Started 1: Started container default',
      'Warning Unhealthy 3: Readiness probe failed',
    ]);
    store.delete(REF);
    await clock.advance(5000);
    expect(told()).to.include('Normal Killing 1: Stopping container default');
  });

  it('tells in an Event of an image that it has no program for', async () => {
    create({ image: 'nginx:1.27' });
    await clock.advance(500);
    expect(told()).to.deep.equal([
      'Normal Started 1: Started container default',
      'Warning NoProgram 1: The sandbox has no program for the image nginx:1.27: container default runs, and listens nowhere',
    ]);
  });

  it('tells in an Event that it waits before it restarts a container', async () => {
    create({ command: ['false'] });
    await clock.advance(300 + 10_000);
    expect(told().join()).to.match(
      /^Warning BackOff 2: Back-off restarting failed container default in pod pod_default\(/,
    );
  });

  it('has an address before it is ready, while its sidecar starts', async () => {
    sidecarStartMs = 1200;
    create();
    await clock.advance(300);
    expect([status().phase, status().podIP, ready()]).to.deep.equal(['Pending', '127.30.1.10', 'False']);
    await clock.advance(1199);
    expect(ready()).to.equal('False');
    await clock.advance(1);
    expect([status().phase, ready()]).to.deep.equal(['Running', 'True']);
  });

  it('leaves an unbound pod alone', async () => {
    const containers = [{ name: 'default', image: 'example/mock:1' }];
    store.create({ ...KINDS.pod, metadata: { name: 'pod', namespace: 'default' }, spec: { containers } });
    await clock.advance(5000);
    expect(started).to.have.length(0);
  });

  it('follows a readiness probe in both directions', async () => {
    healthy = false;
    create({ readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1, failureThreshold: 2 } });
    await clock.advance(3000);
    expect([status().phase, ready()]).to.deep.equal(['Running', 'False']);
    healthy = true;
    await clock.advance(1000);
    expect(ready()).to.equal('True');
    healthy = false;
    await clock.advance(1000);
    expect(ready()).to.equal('True');
    await clock.advance(1000);
    expect(ready()).to.equal('False');
  });

  it('never makes a crashing container ready and counts its restarts', async () => {
    create({ command: ['false'] });
    await clock.advance(31_000);
    expect(container()).to.deep.include({ ready: false, restartCount: 2 });
    expect(mapOf(mapOf(container().state).waiting).reason).to.equal('CrashLoopBackOff');
    expect(ready()).to.equal('False');
    expect(started).to.have.length(0);
  });

  it('starts a container again in its pod: at once, and after a longer and longer time', async () => {
    create();
    await clock.advance(300);
    const { containerID } = container();
    app?.end();
    await clock.advance(1);
    expect([ready(), at(container(), 'state', 'terminated', 'exitCode'), container().restartCount]).to.deep.equal([
      'False',
      143,
      0,
    ]);
    await clock.advance(300);
    expect([ready(), container().restartCount, begun]).to.deep.equal(['True', 1, 1]);
    expect(container().containerID).to.be.a('string').and.not.equal(containerID);
    app?.end();
    await clock.advance(9_999);
    expect([ready(), at(container(), 'state', 'waiting', 'reason')]).to.deep.equal(['False', 'CrashLoopBackOff']);
    await clock.advance(10);
    expect([ready(), container().restartCount, begun]).to.deep.equal(['True', 2, 2]);
    expect([started.length, pod()?.metadata.deletionTimestamp]).to.deep.equal([1, undefined]);
  });

  it('stops a deleted pod after its preStop sleep, and a forced one in a moment', async () => {
    create({ lifecycle: { preStop: { sleep: { seconds: 2 } } } });
    await clock.advance(300);
    store.delete(REF);
    await clock.advance(1900);
    expect(running.size).to.equal(1);
    expect(pod()?.metadata.deletionTimestamp).to.be.a('string');
    store.delete(REF, { gracePeriodSeconds: 0 });
    expect(pod()).to.equal(undefined);
    await clock.advance(299);
    expect(running.size, 'the proxies hear of it first').to.equal(1);
    await clock.advance(1);
    expect(running.size).to.equal(0);
  });

  it('gives a pod that is removed by force two seconds of its preStop sleep at most', async () => {
    create({ lifecycle: { preStop: { sleep: { seconds: 5 } } } });
    await clock.advance(300);
    store.delete(REF, { gracePeriodSeconds: 0 });
    await clock.advance(1999);
    expect(running.size).to.equal(1);
    await clock.advance(1);
    expect(running.size).to.equal(0);
  });

  it('removes a deleted pod once its containers have stopped', async () => {
    create();
    await clock.advance(300);
    store.delete(REF);
    await clock.advance(299);
    expect(running.size, 'the proxies hear of it first').to.equal(1);
    await clock.advance(1);
    expect([running.size, pod()]).to.deep.equal([0, undefined]);
  });

  it('starts nothing for a pod that is deleted while it starts', async () => {
    create();
    await clock.advance(100);
    store.delete(REF);
    await clock.advance(1000);
    expect([started.length, pod()]).to.deep.equal([0, undefined]);
  });

  it('stops what has started too late for a pod that is gone', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    slowStart = promise;
    create();
    await clock.advance(300);
    store.delete(REF, { gracePeriodSeconds: 0 });
    resolve();
    await clock.advance(0);
    expect([started.length, running.size]).to.deep.equal([1, 0]);
  });

  it('keeps the transition time of a condition whose value stays', async () => {
    healthy = false;
    create({ readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1 } });
    await clock.advance(5000);
    const since = (type: string) =>
      mapsOf(status().conditions).find((entry) => entry.type === type)?.lastTransitionTime;
    const [initialized, unready] = [since('Initialized'), since('Ready')];
    healthy = true;
    await clock.advance(5000);
    expect(since('Initialized')).to.equal(initialized);
    expect(since('Ready')).not.to.equal(unready);
  });

  it('probes a deleted pod no more', async () => {
    create({ readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1 } });
    await clock.advance(2300);
    store.delete(REF);
    await clock.advance(0);
    const before = probes;
    expect(before).to.be.greaterThan(1);
    await clock.advance(10_000);
    expect(probes).to.equal(before);
  });

  it('reports the end of a container once and for all', async () => {
    create({ readinessProbe: { httpGet: { port: 8000 }, periodSeconds: 1 } });
    await clock.advance(2300);
    expect(ready()).to.equal('True');
    exit.resolve(0);
    await clock.advance(0);
    healthy = false;
    await clock.advance(10_000);
    expect(status().phase).to.equal('Succeeded');
    expect(ready()).to.equal('False');
    expect(container()).to.deep.include({ ready: false, started: false, restartCount: 0 });
    expect(container().state).to.deep.equal({
      terminated: {
        exitCode: 0,
        reason: 'Completed',
        startedAt: '2026-01-01T00:00:00Z',
        finishedAt: '2026-01-01T00:00:02Z',
      },
    });
    store.delete(REF);
    await clock.advance(0);
    expect([running.size, pod()]).to.deep.equal([0, undefined]);
  });

  it('fails a pod whose container ends in error', async () => {
    create();
    exit.resolve(107);
    await clock.advance(300);
    expect(status().phase).to.equal('Failed');
    expect(container().state).to.deep.nested.include({ 'terminated.exitCode': 107, 'terminated.reason': 'Error' });
  });

  it('is done with a pod that ends at once and is not to be started again', async () => {
    create({ command: ['true'] }, 'Never');
    await clock.advance(300);
    expect(status().phase).to.equal('Succeeded');
    expect(container().state).to.have.nested.property('terminated.exitCode', 0);
    expect(started).to.deep.equal([]);
    await clock.advance(60_000);
    expect(container().restartCount).to.equal(0);
  });

  it('fails a pod whose container ends at once in error and is not to be started again', async () => {
    create({ command: ['false'] }, 'Never');
    await clock.advance(300);
    expect(status().phase).to.equal('Failed');
  });

  it('starts again what ends well and should go on', async () => {
    create({ command: ['true'] });
    await clock.advance(300);
    expect(container().state).to.have.nested.property('waiting.reason', 'CrashLoopBackOff');
  });
});
