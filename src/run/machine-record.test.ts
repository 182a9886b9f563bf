import { expect } from 'chai';
import { faultKind } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import { KINDS, type KubeObject } from '../model/kubernetes.ts';
import type { LoadEngine, LoadOrder } from '../model/ports.ts';
import { fakePrometheus, valuesOf } from './abort/testing/fake-prometheus.ts';
import { readClusterJournal } from './cluster-journal.ts';
import { alteredCluster } from './testing/altered-cluster.ts';
import { BenchRun, SWAP, stubEngine } from './testing/bench-run.ts';
import type { RunProgress } from './wiring.ts';

const WORKLOAD = String(SWAP.spec.deployment);
const COUNTS = [{ path: 'p', due: 5, sent: 4, dropped: 1, late: 0 }];

/** An engine whose start and stop a spec can replace. */
function engine(stop: () => ReturnType<Awaited<ReturnType<LoadEngine['start']>>['stop']>): LoadEngine {
  return { ...stubEngine, start: async (order) => ({ ...(await stubEngine.start(order)), stop }) };
}

const of = (bench: BenchRun, type: string) => bench.events.filter((event) => event.type === type);
const notices = (bench: BenchRun) =>
  bench.events.flatMap((event) =>
    event.type === 'notice' && event.level !== 'info' ? [[event.level, event.text]] : [],
  );

describe('the record of a run', () => {
  it('begins with its header and ends with how it ended', async () => {
    const bench = new BenchRun();
    await bench.run([SWAP]);
    expect(bench.events[0]).to.deep.include({ type: 'run-start' });
    const [start] = bench.events;
    expect(start?.type === 'run-start' && start.run.runId).to.equal('20261122t090000z-test');
    const said = of(bench, 'notice').map((event) => event.type === 'notice' && event.text);
    expect(said).to.include('the steady state is judged up to here');
    expect(bench.events.at(-1)).to.deep.include({ type: 'run-end', status: 'completed' });
    expect(bench.events.map(({ type }) => type).filter((type) => type.startsWith('run-'))).to.have.length(2);
  });

  it('holds what fires, as soon as one alert is asked for', async () => {
    const asked = new Set<string>();
    const bench = new BenchRun();
    bench.prometheus = fakePrometheus((query) => {
      asked.add(query);
      return valuesOf();
    });
    const planned = await bench.plan([SWAP]);
    const alert = [{ rule: 'Slow', labels: {}, onlyThese: false }];
    const expectations = { ...planned.scenario.expect, alert };
    const run = { ...planned, scenario: { ...planned.scenario, expect: expectations } };
    expect(await bench.execute(run)).to.deep.equal({ status: 'completed' });
    expect([...asked].join()).to.contain('alertname="Slow"');
  });

  it('holds what the engine says of its load, with the engine told all about it', async () => {
    const bench = new BenchRun();
    let order: LoadOrder | undefined;
    const summary = { counts: COUNTS, lateP99: 7, degraded: ['slow'] };
    bench.engine = {
      name: 'stub',
      start: async (given) => {
        order = given;
        return { ...(await stubEngine.start(given)), stop: async () => summary };
      },
    };
    await bench.run([SWAP]);
    expect(of(bench, 'load')).to.have.length(1);
    expect(of(bench, 'load')[0]).to.deep.include(summary);
    expect(order).to.deep.include({ file: 'requests.ndjson', zero: 0, longestMs: 360_000 + 600_000 });
    expect(order?.paths).to.have.length(2);
    const types = bench.events.map((event) => ('phase' in event ? `${event.type} ${event.phase}` : event.type));
    expect(types.indexOf('load'), 'load goes on to the end of the way home').to.be.above(
      types.indexOf('phase-end recover'),
    );
  });

  it('holds each stretch in which the engine stood still, as soon as it is told', async () => {
    const bench = new BenchRun();
    bench.engine = {
      name: 'stub',
      start: async (given) => {
        given.onStall?.({ from: 1_000_000, to: 2_500_000 });
        return stubEngine.start(given);
      },
    };
    await bench.run([SWAP]);
    expect(of(bench, 'load-stall')).to.have.length(1);
    expect(of(bench, 'load-stall')[0]).to.deep.include({ from: 1_000_000, to: 2_500_000 });
  });

  it('says that the engine failed where it cannot be stopped', async () => {
    const bench = new BenchRun();
    bench.engine = engine(() => Promise.reject(new Error('it is gone')));
    expect((await bench.run([SWAP])).status).to.equal('completed');
    expect(of(bench, 'load')[0]).to.deep.include({
      counts: [],
      lateP99: 0,
      degraded: ['the load engine failed: it is gone'],
    });
  });

  it('has no load where none was started, and says why the run was refused', async () => {
    const bench = new BenchRun();
    bench.engine = { name: 'broken', start: () => Promise.reject(new FaultlineError('LOAD', 'no port is free')) };
    expect(await bench.run([SWAP])).to.deep.equal({ status: 'refused', reason: 'no port is free' });
    expect(of(bench, 'load')).to.deep.equal([]);
    expect(bench.steps()).to.deep.equal([]);
  });

  it('tells a bug from a refusal, with its stack', async () => {
    const bench = new BenchRun();
    bench.engine = { name: 'broken', start: () => Promise.reject(new TypeError('x is not a function')) };
    const end = await bench.run([SWAP]);
    expect(end.status).to.equal('failed');
    expect(end.reason).to.match(/^TypeError: x is not a function\n +at /);
    const internal = new BenchRun();
    internal.engine = { name: 'broken', start: () => Promise.reject(new FaultlineError('INTERNAL', 'a bug')) };
    expect((await internal.run([SWAP])).status).to.equal('failed');
    const odd = new BenchRun();
    odd.engine = { name: 'broken', start: () => Promise.reject('text') };
    expect(await odd.run([SWAP])).to.deep.equal({ status: 'failed', reason: 'text' });
  });

  it('says that it was stopped by a bug elsewhere, and by its own deadline', async () => {
    const bench = new BenchRun();
    bench.onEvent = (event) => {
      if (event.type === 'phase-start' && event.phase === 'hold') bench.stop.abort({ kind: 'crash', message: 'oops' });
    };
    expect(await bench.run([SWAP])).to.deep.equal({
      status: 'failed',
      reason: 'stopped by an error that nobody caught: oops',
    });
  });

  it('aborts, and is not refused, once something was injected', async () => {
    const bench = new BenchRun();
    const inject = async () => {
      throw new FaultlineError('KUBE_API', '500 no');
    };
    bench.kinds = (kind) => ({ ...faultKind(kind), inject });
    expect(await bench.run([SWAP])).to.deep.equal({
      status: 'aborted',
      reason: 'fault swap could not be injected: 500 no',
    });
  });

  it('looks for leftovers in the touched cluster after the load has ended, and finds none', async () => {
    const bench = new BenchRun();
    await bench.run([SWAP]);
    const [leftovers] = of(bench, 'leftovers');
    expect(leftovers).to.deep.include({ cluster: 'tokyo', objects: [] });
    expect(bench.events.indexOf(leftovers as never)).to.be.above(bench.events.indexOf(of(bench, 'load')[0] as never));
    expect(notices(bench)).to.deep.equal([]);
  });

  it('names the workload that keeps its undo from an end and what lets it, and not the plans that stay for recover', async () => {
    const bench = new BenchRun();
    bench.onEvent = (event) => {
      if (event.type !== 'phase-start' || event.phase !== 'undo') return;
      const [object] = bench.cluster.all(KINDS.deployment).filter(({ metadata }) => metadata.name === WORKLOAD);
      if (object === undefined) throw new Error('it is there');
      bench.cluster.put({ ...object, spec: { ...(object.spec as object), paused: true }, status: {} } as KubeObject);
    };
    await bench.run([SWAP]);
    const undo = of(bench, 'fault').at(-1);
    expect(undo).to.deep.include({
      step: 'undo-failed',
      detail: `image and command are back, but not seen in the pods of Deployment default/${WORKLOAD}: it is paused`,
      commands: [
        `kubectl -n default rollout resume deployment/${WORKLOAD}`,
        'faultline recover --run 20261122t090000z-test',
      ],
    });
    expect(of(bench, 'leftovers')[0]).to.deep.include({ cluster: 'tokyo', objects: [] });
    expect(await readClusterJournal(bench.cluster, 'default'), 'what recover works from').to.not.equal(undefined);
  });

  it('looks again where a search for leftovers fails, for as long as it may take', async () => {
    const bench = new BenchRun();
    const { cluster } = bench;
    let failures = 0;
    bench.onEvent = (event) => {
      if (event.type === 'load') failures = 1;
    };
    const list: typeof cluster.list = (...args) =>
      failures-- > 0 ? Promise.reject(new Error('503 no')) : cluster.list(...args);
    bench.seen = alteredCluster(cluster, { list });
    await bench.run([SWAP]);
    expect(of(bench, 'leftovers')[0]).to.deep.include({ objects: [] });
  });

  it('takes a search for leftovers that goes on failing for something left', async () => {
    const bench = new BenchRun();
    const { cluster } = bench;
    let ended = false;
    bench.onEvent = (event) => {
      if (event.type === 'load') ended = true;
    };
    const list: typeof cluster.list = (...args) =>
      ended ? Promise.reject(new Error('403 no')) : cluster.list(...args);
    bench.seen = alteredCluster(cluster, { list });
    await bench.run([SWAP]);
    expect(of(bench, 'leftovers')[0]).to.deep.include({
      objects: [{ ref: 'could not look: 403 no', command: 'faultline recover --run 20261122t090000z-test' }],
    });
    expect(notices(bench)).to.deep.equal([]);
  });

  it('says what to do where not everything could be put back', async () => {
    const bench = new BenchRun();
    const undo = () => Promise.reject(new Error('no'));
    bench.kinds = (kind) => ({ ...faultKind(kind), undo });
    await bench.run([SWAP]);
    expect(notices(bench)).to.deep.equal([
      ['warning', 'fault swap: its undo is tried again, as long as that may help: no'],
      ['error', 'not everything could be put back: faultline recover --run 20261122t090000z-test'],
    ]);
    expect(bench.entries.map(({ state }) => state)).to.not.include('released');
  });

  it('undoes a fault although the journal cannot be written any more, and says so', async () => {
    const bench = new BenchRun();
    const before = bench.cluster.snapshot();
    bench.beforeJournal = ({ state }) => {
      if (state === 'undo-intent' || state === 'closed') throw new FaultlineError('JOURNAL', 'disk full');
    };
    expect(await bench.run([SWAP])).to.deep.equal({ status: 'completed' });
    expect(bench.cluster.snapshot()).to.deep.equal(before);
    expect(notices(bench)).to.deep.equal([
      ['warning', 'journal: disk full'],
      ['warning', 'journal: disk full'],
    ]);
  });

  it('shows how far each phase is, and which faults are on', async () => {
    const bench = new BenchRun();
    const seen: RunProgress[] = [];
    bench.onProgress = (progress) => seen.push(progress);
    await bench.run([SWAP]);
    const baseline = seen.filter(({ phase }) => phase === 'baseline');
    expect(baseline.slice(0, 3).map(({ elapsedMs }) => elapsedMs)).to.deep.equal([0, 250, 500]);
    expect(baseline).to.have.length(40);
    expect(baseline[0]).to.deep.include({ lastsMs: 10_000, activeFaults: [] });
    expect(baseline[0]?.load?.paths.map(({ path, good }) => ({ path, good }))).to.deep.equal([
      { path: 'entry@tokyo/ap-northeast-1a', good: 1 },
    ]);
    const hold = seen.filter(({ phase }) => phase === 'hold');
    expect(hold[4]).to.deep.include({ elapsedMs: 1_000, lastsMs: 20_000, activeFaults: ['swap'] });
    const recover = seen.filter(({ phase }) => phase === 'recover');
    expect(recover[0]).to.deep.include({ lastsMs: 30_000, activeFaults: [] });
    expect(seen.filter(({ phase }) => phase === 'inject')[0]?.lastsMs).to.equal(undefined);
  });

  it('shows a fault as one that is on from the moment on at which it may be', async () => {
    const bench = new BenchRun();
    const seen: (readonly string[])[] = [];
    bench.kinds = (name) => {
      const kind = faultKind(name);
      const inject: typeof kind.inject = async (plan, context) => {
        await bench.clock.sleep(1_000);
        await kind.inject(plan, context);
      };
      return { ...kind, inject };
    };
    bench.onProgress = ({ activeFaults }) => {
      if (['swap requested', 'swap acknowledged'].includes(bench.steps().at(-1) ?? '')) seen.push(activeFaults);
    };
    await bench.run([SWAP]);
    expect(seen).to.have.length.above(2);
    for (const activeFaults of seen) expect(activeFaults).to.deep.equal(['swap']);
  });

  it('has no load and no judgement where the stop came before, or while the records were awaited', async () => {
    const early = new BenchRun();
    early.stop.abort({ kind: 'signal', signal: 'SIGINT' });
    expect((await early.run([SWAP])).status).to.equal('interrupted');
    expect(early.events.map(({ type }) => type))
      .to.not.include.members(['load'])
      .and.not.include('phase-start');
    const late = new BenchRun();
    late.engine = { ...stubEngine, start: async (order) => ({ ...(await stubEngine.start(order)), lagMs: 2_000 }) };
    void late.clock.sleep(11_000).then(() => late.stop.abort({ kind: 'signal', signal: 'SIGINT' }));
    expect((await late.run([SWAP])).status).to.equal('interrupted');
    expect(of(late, 'steady-state')).to.deep.equal([]);
    expect(of(late, 'load')).to.have.length(1);
  });
});
