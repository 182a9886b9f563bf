import { expect } from 'chai';
import { FaultlineError } from '../../../model/errors.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import type { PodCluster } from '../../../model/ports.ts';
import { HandClock } from '../../testing/hand-clock.ts';
import { awaitRunners } from './runner-pods.ts';

const AWAITED = { namespace: 'n', testRun: 'run', pods: 2, say: () => {}, signal: undefined };
const PACE = { patienceMs: 20, lookMs: 1, sayEveryMs: 5 };

type State = { readonly stage?: string; readonly pods?: readonly KubeObject[] };

function pod(name: string, phase: string, labels: Record<string, string> = { runner: 'true' }): KubeObject {
  return { ...KINDS.pod, metadata: { name, labels: { app: 'k6', k6_cr: 'run', ...labels } }, status: { phase } };
}

/** A cluster that shows one state after the other, and the last one from then on; undefined: the TestRun is gone. */
function showing(states: readonly (State | undefined)[], logs: Record<string, string[]> = {}) {
  const asked: unknown[] = [];
  let looks = 0;
  const now = () => states[Math.min(looks, states.length) - 1];
  const cluster: Pick<PodCluster, 'name' | 'get' | 'list' | 'podLog'> = {
    name: 'load',
    get: async (ref) => {
      looks += 1;
      asked.push(ref);
      const { stage } = now() ?? {};
      const status = stage === undefined ? {} : { status: { stage } };
      return now() === undefined ? undefined : { ...KINDS.testRun, metadata: { name: 'run' }, ...status };
    },
    list: async (kind, filter) => {
      asked.push({ ...kind, ...filter });
      return [...(now()?.pods ?? [])];
    },
    podLog: async ({ pod: name }, onLine) => {
      const lines = logs[name];
      if (lines === undefined) throw new Error('there is no log');
      lines.forEach(onLine);
    },
  };
  return { cluster: cluster as PodCluster, asked, looks: () => looks };
}

describe('load/k6/pods/runner-pods: waiting for the pods of a TestRun', () => {
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
  });

  function wait(cluster: PodCluster, pods = 2, signal?: AbortSignal): Promise<string[]> {
    const awaited = { ...AWAITED, cluster, pods, say: (text: string) => said.push(text), signal };
    return awaitRunners(awaited, PACE, new HandClock());
  }

  const refusal = async (...args: Parameters<typeof wait>) =>
    wait(...args).then(
      () => 'resolved',
      (error: unknown) => (error instanceof FaultlineError && error.code === 'LOAD' ? error.message : String(error)),
    );

  it('resolves with the names in order when enough runners run, however late they come', async () => {
    const initializer = pod('initializer', 'Succeeded', {});
    const { cluster, asked, looks } = showing([
      {},
      { stage: 'initialization', pods: [pod('initializer', 'Running', {})] },
      { stage: 'created', pods: [initializer, pod('b', 'Running'), pod('a', 'Pending')] },
      {
        stage: 'created',
        pods: [initializer, pod('b', 'Running'), pod('a', 'Running'), pod('starter', 'Running', {})],
      },
    ]);
    expect(await wait(cluster)).to.deep.equal(['a', 'b']);
    const soon = showing([{}, { pods: [pod('a', 'Running')] }]);
    expect(await awaitRunners({ ...AWAITED, cluster: soon.cluster, pods: 1 })).to.deep.equal(['a']);
    expect(looks()).to.equal(4);
    expect(asked.slice(0, 2)).to.deep.equal([
      { ...KINDS.testRun, namespace: 'n', name: 'run' },
      { ...KINDS.pod, namespace: 'n', labelSelector: 'app=k6,k6_cr=run' },
    ]);
    expect(said).to.deep.equal([]);
  });

  it('says now and then what it waits for, and gives up in the end', async () => {
    const one = { stage: 'created', pods: [pod('a', 'Running'), pod('b', 'Pending')] };
    const { cluster, looks } = showing([{}, {}, {}, {}, {}, {}, one]);
    expect(await refusal(cluster)).to.equal('cluster load: TestRun n/run had no 2 running pods after 0.02 s');
    expect(looks()).to.equal(22);
    expect(said).to.deep.equal([
      'waiting for the pods of the load: 0 of 2 running, TestRun not seen by the k6-operator yet',
      'waiting for the pods of the load: 1 of 2 running, TestRun created',
      'waiting for the pods of the load: 1 of 2 running, TestRun created',
    ]);
  });

  it('waits no longer for a TestRun that is over or gone', async () => {
    for (const stage of ['error', 'stopped', 'finished']) {
      const { cluster, looks } = showing([{}, { stage }]);
      expect(await refusal(cluster)).to.equal(`cluster load: TestRun n/run is in the stage ${stage}`);
      expect(looks()).to.equal(2);
    }
    expect(await refusal(showing([{}, undefined]).cluster)).to.equal('cluster load: TestRun n/run is gone');
  });

  it('tells of a pod that has ended, with the last lines that it said', async () => {
    const lines = ['1', '2', '3', '4', '5', '6'];
    const failed = showing([{ pods: [pod('a', 'Running'), pod('initializer', 'Failed', {})] }], { initializer: lines });
    expect(await refusal(failed.cluster)).to.equal(
      'cluster load: TestRun n/run has a pod that ended before anything was sent, initializer, and said: 2\n3\n4\n5\n6',
    );
    for (const phase of ['Failed', 'Succeeded']) {
      const silent = showing([{ pods: [pod('a', phase), pod('b', 'Running'), pod('c', 'Running')] }]);
      expect(await refusal(silent.cluster)).to.equal(
        'cluster load: TestRun n/run has a pod that ended before anything was sent, a',
      );
    }
  });

  it('can be interrupted, before it looks and while it waits', async () => {
    const { cluster, looks } = showing([{}]);
    expect(await refusal(cluster, 2, AbortSignal.abort())).to.equal('The start of the load was interrupted.');
    expect(looks()).to.equal(0);
    const abort = new AbortController();
    const patient = { ...PACE, patienceMs: 3_600_000, lookMs: 600_000 };
    const awaited = { ...AWAITED, cluster, signal: abort.signal };
    const waiting = awaitRunners(awaited, patient).catch((error: Error) => error.message);
    abort.abort();
    expect(await waiting).to.equal('The start of the load was interrupted.');
  });

  it('passes on what the API server says', async () => {
    const { cluster } = showing([{}]);
    const denied = { ...cluster, list: () => Promise.reject(new Error('forbidden')) };
    expect(await refusal(denied)).to.equal('Error: forbidden');
  });
});
