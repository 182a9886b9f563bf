import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind } from '../model/fault.ts';
import type { HistoryEvent } from '../model/history.ts';
import { KINDS } from '../model/kubernetes.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import { firstBound, recoveryBound } from './undo-bound.ts';

/** How long a read hangs that is repeated. */
const HANG_MS = 77_000;
const never = () => new Promise<never>(() => {});

type Asked = { readonly kind: string; readonly verb: string; readonly isWrite: boolean };
const ofPods = ({ kind }: Asked): boolean => kind === KINDS.pod.kind;
const isRead = ({ isWrite }: Asked): boolean => !isWrite;

function altered(kind: string, change: Partial<FaultKind>): (name: string) => FaultKind {
  return (name) => (name === kind ? { ...faultKind(name), ...change } : faultKind(name));
}

/** A run that SIGTERM ends as soon as it holds, and how long its end has taken then, in seconds. */
async function stopped(bench: BenchRun, faults = [SWAP, BLACKHOLE]) {
  let at = Number.NaN;
  const { onEvent } = bench;
  bench.onEvent = ({ type, t, ...event }) => {
    onEvent({ type, t, ...event } as HistoryEvent);
    if (type !== 'phase-start' || !('phase' in event) || event.phase !== 'hold') return;
    at = t;
    bench.stop.abort({ kind: 'signal', signal: 'SIGTERM' });
  };
  const end = await bench.run(faults);
  return { end, lastedSeconds: (bench.clock.now() - at) / 1e6 };
}

const leftIn = ({ events }: BenchRun): string[] =>
  events.flatMap((event: HistoryEvent) => (event.type === 'leftovers' ? event.objects.map(({ ref }) => ref) : []));

describe('the bound of an undo', () => {
  it('ends the wait for an undo that never ends, and leaves it to recover', async () => {
    const bench = new BenchRun();
    bench.kinds = altered('zoneNetworkPolicy', { undo: never });
    const { end, lastedSeconds } = await stopped(bench);
    expect(lastedSeconds).to.be.within(90, 125);
    expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
    expect(bench.steps()).to.include.members(['silent undo-failed', 'swap undone']);
    const failed = bench.events.find((event) => event.type === 'fault' && event.step === 'undo-failed');
    expect(failed).to.have.property(
      'detail',
      'cluster tokyo did not answer in time; given up 90 s after the run was told to stop',
    );
    const closed = bench.entries.flatMap((entry) => (entry.state === 'closed' ? [entry.fault] : []));
    expect(closed).to.deep.equal(['swap']);
  });

  it('holds for the wait for a write that was lost, too', async () => {
    const bench = new BenchRun();
    const { cluster } = bench;
    bench.kinds = altered('imageSwap', {
      inject: async (_plan, context) => {
        bench.stop.abort({ kind: 'signal', signal: 'SIGTERM' });
        const isHit = ({ kind }: { readonly kind: string }) => kind === KINDS.deployment.kind;
        cluster.pause = (request) => (isHit(request) ? bench.clock.sleep(HANG_MS) : undefined);
        cluster.before = (request) => {
          if (isHit(request)) throw new FaultlineError('TARGET_UNREACHABLE', 'no answer');
        };
        await context.cluster.patch({ ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' }, []);
      },
    });
    const end = await bench.run([SWAP]);
    expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
    expect(bench.clock.now() / 1e6, 'baseline, the lost write, bound and search').to.be.below(10 + 77 + 140);
    expect(bench.steps()).to.include('swap undo-failed');
  });

  it('says of a cluster that has answered everything that the undo was not over', async () => {
    const bench = new BenchRun();
    bench.kinds = altered('zoneNetworkPolicy', {
      undo: async (_, { cluster }) => {
        await cluster.list(KINDS.pod, { namespace: 'default' });
        return never();
      },
    });
    await stopped(bench);
    const failed = bench.events.find((event) => event.type === 'fault' && event.step === 'undo-failed');
    expect(failed).to.have.property(
      'detail',
      'cluster tokyo has answered, and the undo was not over in time; given up 90 s after the run was told to stop ' +
        '(nothing was written; looked at last: list Pod default)',
    );
  });

  it('says the last error that the undo has met: of a request, or of a try', async () => {
    const exec = { namespace: 'default', pod: 'mockb-1', container: 'c' };
    const refused = new FaultlineError('PERMISSION_DENIED', 'cluster tokyo: exec sh in default/mockb-1: 403 no');
    const asks: FaultKind['undo'] = async (_, { cluster, clock }) => {
      for (;;) {
        await cluster.exec(exec, ['sh']).catch(() => undefined);
        await cluster.list(KINDS.pod, { namespace: 'default' });
        await clock.sleep(1_000);
      }
    };
    const tries: FaultKind['undo'] = async (_, { clock }) => {
      await clock.sleep(25_000);
      throw new FaultlineError('HOOK', 'undo: ./off.sh ended with 1');
    };
    const silent: FaultKind['undo'] = async (_, { cluster, clock }) => {
      for (;;) {
        await cluster.get({ ...KINDS.pod, namespace: 'default', name: 'mockb-1' }).catch(() => undefined);
        await clock.sleep(1_000);
      }
    };
    const list = 'looked at last: list Pod default';
    const after = 'given up 90 s after the run was told to stop (nothing was written';
    for (const [undo, said] of [
      [
        asks,
        `tokyo has answered, and the undo was not over in time; ${after}; ${list}; last error: ${refused.message})`,
      ],
      [tries, 'given up 90 s after the run was told to stop (last error: undo: ./off.sh ended with 1)'],
      [
        silent,
        `tokyo did not answer in time; ${after}; looked at last: get Pod default/mockb-1; last error: no answer)`,
      ],
    ] as const) {
      const bench = new BenchRun();
      bench.kinds = altered('zoneNetworkPolicy', {
        undo: (plan, context) => {
          bench.cluster.before = ({ kind, verb }) => {
            if (kind !== KINDS.pod.kind || verb === 'list') return;
            throw undo === silent ? new FaultlineError('TARGET_UNREACHABLE', 'no answer') : refused;
          };
          return undo(plan, context);
        },
      });
      await stopped(bench, [BLACKHOLE]);
      const failed = bench.events.find((event) => event.type === 'fault' && event.step === 'undo-failed');
      expect(failed).to.have.property('detail').that.contains(said);
    }
  });

  it('says why the plans could not be taken away', async () => {
    const bench = new BenchRun();
    bench.cluster.pause = ({ verb, kind }) =>
      verb === 'delete' && kind === KINDS.configMap.kind ? bench.clock.sleep(HANG_MS) : undefined;
    bench.cluster.before = ({ verb, kind }) => {
      if (verb === 'delete' && kind === KINDS.configMap.kind) throw new FaultlineError('KUBE_API', '500 etcd is slow');
    };
    await stopped(bench, [SWAP]);
    const said = bench.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
    const why =
      '(nothing was written; no answer to: delete ConfigMap default/faultline-run; last error: 500 etcd is slow)';
    expect(said.join()).to.contain(`cluster tokyo did not answer in time ${why}: the plans are still there`);
  });

  it('holds for a fault whose upkeep never ends, too', async () => {
    const bench = new BenchRun();
    bench.kinds = altered('zoneNetworkPolicy', { sustain: never });
    const { lastedSeconds } = await stopped(bench);
    expect(lastedSeconds).to.be.within(90, 125);
    expect(bench.steps()).to.include('swap undone');
  });

  it('holds for the plans that nobody hears the end of, too', async () => {
    const bench = new BenchRun();
    bench.cluster.pause = ({ verb, kind }) =>
      verb === 'delete' && kind === KINDS.configMap.kind ? never() : undefined;
    const { lastedSeconds } = await stopped(bench);
    expect(lastedSeconds).to.be.within(90, 125);
    expect(bench.steps()).to.include.members(['silent undone', 'swap undone']);
    const said = bench.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
    const waits = '(nothing was written; no answer to: delete ConfigMap default/faultline-run)';
    expect(said.join()).to.contain(`cluster tokyo did not answer in time ${waits}: the plans are still there`);
    expect(leftIn(bench)).to.deep.equal(['default/configmap/faultline-run']);
  });

  it('does not wait for the last words of a cluster that has fallen silent', async () => {
    const bench = new BenchRun();
    const { cluster } = bench;
    bench.kinds = altered('zoneNetworkPolicy', {
      undo: () => {
        cluster.list = never;
        return never();
      },
    });
    const { lastedSeconds } = await stopped(bench);
    expect(lastedSeconds).to.be.within(90, 140);
    expect(leftIn(bench)).to.include('could not look: no answer within 20 s');
  });

  it('is the end of all that the run does: who answers later is asked for nothing more', async () => {
    for (const hung of ['everything', 'reads', 'pods'] as const) {
      const bench = new BenchRun();
      const { cluster, clock } = bench;
      const answer = Promise.withResolvers<void>();
      const isHung = { everything: () => true, reads: isRead, pods: ofPods }[hung];
      bench.onEvent = (event) => {
        if (event.type !== 'phase-start' || event.phase !== 'hold') return;
        cluster.pause = (request) => (isHung(request) ? answer.promise : undefined);
      };
      const { lastedSeconds } = await stopped(bench);
      expect(lastedSeconds, hung).to.be.within(90, 116);
      const done = () => [cluster.requests, cluster.writes, bench.events.length, bench.entries.length];
      const before = done();
      answer.resolve();
      await clock.sleep(600_000);
      expect(done(), hung).to.deep.equal(before);
    }
  });

  it('leaves nothing of an undo that is given up, though its run goes on to its end', async () => {
    const bench = new BenchRun();
    const { cluster, clock } = bench;
    const answer = Promise.withResolvers<void>();
    bench.kinds = altered('zoneNetworkPolicy', { undo: never });
    const { objects } = cluster;
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'hold') {
        const isHung = ({ kind, verb }: Asked) =>
          kind === KINDS.lease.kind || (kind === 'Deployment' && verb === 'get');
        cluster.pause = (request) => (isHung(request) ? answer.promise : undefined);
      }
      if (event.type !== 'fault' || event.step !== 'undo-failed' || event.fault !== 'swap') return;
      const image = JSON.stringify(objects.get('Deployment default/mockb-ap-northeast-1a')?.spec);
      answer.resolve();
      bench.settle = async () => {
        await clock.sleep(5_000);
        expect(JSON.stringify(objects.get('Deployment default/mockb-ap-northeast-1a')?.spec)).to.equal(image);
      };
    };
    const { end } = await stopped(bench);
    expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
    expect(bench.steps()).to.include('swap undo-failed');
  });

  it('says what an undo has done, and what it waited for', async () => {
    const bench = new BenchRun();
    const { cluster } = bench;
    bench.onEvent = (event) => {
      if (event.type !== 'fault' || event.step !== 'undo-requested') return;
      cluster.pause = (request) => (ofPods(request) ? never() : undefined);
    };
    await stopped(bench, [SWAP]);
    const failed = bench.events.find((event) => event.type === 'fault' && event.step === 'undo-failed');
    expect(failed)
      .to.have.property('detail')
      .that.contains(
        '(done: patch Deployment default/mockb-ap-northeast-1a; not seen in the pods; no answer to: list Pod',
      );
  });

  it('is longer than an undo looks for pods that do not come: it says itself what was not seen', async () => {
    const bench = new BenchRun();
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'hold') bench.cluster.frozen = true;
    };
    const { end, lastedSeconds } = await stopped(bench, [SWAP]);
    expect(lastedSeconds).to.be.within(75, 90);
    expect(end).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
    const failed = bench.events.find((event) => event.type === 'fault' && event.step === 'undo-failed');
    expect(failed).to.have.property('detail').that.contains('are back, but not seen in the pods');
    expect(bench.entries.map(({ state }) => state)).to.not.include('closed');
  });

  it('counts from the stop: what is asked before the first fault, or for its proof, is not waited for', async () => {
    const isLock = ({ kind }: Asked) => kind === KINDS.lease.kind || kind === KINDS.configMap.kind;
    const atGuards = (bench: BenchRun, request: Asked) => bench.clock.now() > 5e6 && !isLock(request);
    const atProof = (bench: BenchRun, request: Asked) =>
      ofPods(request) && bench.steps().includes('swap acknowledged') && !bench.steps().includes('swap undo-requested');
    for (const isHung of [atGuards, atProof]) {
      const bench = new BenchRun();
      const { cluster, clock } = bench;
      let at = Number.NaN;
      const stop = () => {
        if (bench.stop.signal.aborted) return;
        at = clock.now();
        bench.stop.abort({ kind: 'signal', signal: 'SIGTERM' });
      };
      cluster.pause = (request) => {
        if (!isHung(bench, request)) return undefined;
        setImmediate(stop);
        return never();
      };
      expect(await bench.run([SWAP])).to.deep.include({ status: 'interrupted', signal: 'SIGTERM' });
      expect((clock.now() - at) / 1e6, isHung.name).to.be.below(26);
    }
  });

  it('of what a recovery does first leaves time for what it does last, told to stop or not', async () => {
    for (const isStopped of [true, false]) {
      const clock = virtualClock();
      const stop = new AbortController();
      const ends = await Promise.all(
        [firstBound, recoveryBound].map((boundOf) => {
          const { over } = boundOf(stop.signal, clock);
          if (isStopped) stop.abort();
          return new Promise<number>((resolve) => {
            over.addEventListener('abort', () => resolve(clock.now() / 1e6));
          });
        }),
      );
      expect(ends).to.deep.equal(isStopped ? [60, 90] : [420, 600]);
    }
  });

  it('does not run while nobody has told the run to stop', async () => {
    const bench = new BenchRun();
    const slow = faultKind('zoneNetworkPolicy');
    bench.kinds = altered('zoneNetworkPolicy', {
      undo: async (plan, context) => {
        await context.clock.sleep(200_000);
        return slow.undo(plan, context);
      },
    });
    expect(await bench.run([SWAP, BLACKHOLE])).to.deep.equal({ status: 'completed' });
    expect(bench.steps()).to.include.members(['silent undone', 'swap undone']);
  });
});
