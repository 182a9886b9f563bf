import { expect } from 'chai';
import type { RunHeader } from '../../model/history.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { FaultSpec, RecordedScenario } from '../../model/scenario.ts';
import { executeRun } from '../machine.ts';
import { BenchRun, DOWN, SWAP } from '../testing/bench-run.ts';
import { DeadManHost, mortal } from '../testing/dead-man-host.ts';
import { DEAD_MAN_TARGET } from '../testing/dead-man-target.ts';

const PLANS = 'ConfigMap default/faultline-run';
const NAME = 'Deployment default/mockb-ap-northeast-1a';
const DOWN_TOO = { ...DOWN, name: 'down too', spec: { ...DOWN.spec, deployment: 'mockb-ap-northeast-1b' } };

const besideLock = ({ cluster }: BenchRun) =>
  (cluster.snapshot() as { kind: string }[]).filter(({ kind }) => !['Lease', 'ConfigMap', 'Pod', 'Job'].includes(kind));

const others = (map: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !key.startsWith('faultline.dev/')));

/** Takes every mark of ours off what is not ours, templates left alone. */
function strip({ cluster }: BenchRun): void {
  for (const object of cluster.all(KINDS.deployment)) {
    const { labels, annotations, ...metadata } = object.metadata;
    cluster.put({ ...object, metadata: { ...metadata, labels: others(labels), annotations: others(annotations) } });
  }
}

/** Writes other values into the plans: what stood there before is to be seven replicas. */
function forge({ cluster }: BenchRun): void {
  const object = structuredClone(cluster.objects.get(PLANS)) as KubeObject & { data: Record<string, string> };
  const data = { 'plans.json': (object.data['plans.json'] ?? '').replaceAll('"before":1', '"before":7') };
  expect(data).to.not.deep.equal(object.data);
  cluster.put({ ...object, data } as unknown as KubeObject);
}

type Drill = {
  readonly faults: readonly FaultSpec[];
  /** In the hold, with all faults on; its runner dies then. */
  readonly atHold: (bench: BenchRun) => void;
  /** When the plans are in the cluster, before the dead-man has read them. */
  readonly atArming?: (bench: BenchRun) => void;
  /** What becomes of the arguments that the run gives its dead-man. */
  readonly args?: (args: readonly string[]) => readonly string[];
};

/** A run that dies in its hold; resolves five minutes later. */
async function drill({ faults, atHold, atArming = () => {}, args = (all) => all }: Drill) {
  const bench = new BenchRun();
  const before = besideLock(bench);
  const host = new DeadManHost(bench.cluster, bench.clock);
  const start = host.start.bind(host);
  host.start = (given, armed) => {
    atArming(bench);
    return start(args(given), armed);
  };
  const runner = mortal(host.seen, bench.clock, { at: 0, when: 'before' });
  bench.seen = runner.cluster;
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== 'hold') return;
    runner.living.isDead = true;
    atHold(bench);
  };
  const planned = await bench.plan(faults, DEAD_MAN_TARGET);
  const scenario: RecordedScenario = planned.scenario;
  const header = { runId: planned.runId, scenario, topology: planned.topology } as RunHeader;
  void executeRun(planned, header, { ...bench.ports(), clock: runner.clock });
  for (let second = 0; second < 300; second++) await bench.clock.sleep(1_000);
  host.stop.abort();
  return { bench, host, before, isBack: JSON.stringify(besideLock(bench)) === JSON.stringify(before) };
}

/** Has finalizers hold the plans when they are deleted. */
function holdPlans({ cluster }: BenchRun): void {
  const remove = cluster.delete.bind(cluster);
  cluster.delete = async (ref, options) => {
    const object = ref.kind === 'ConfigMap' ? cluster.objects.get(PLANS) : undefined;
    if (object === undefined) return remove(ref, options);
    const held = { deletionTimestamp: '2026-11-22T00:00:00Z', finalizers: ['policy.example/keep'] };
    cluster.add({ ...object, metadata: { ...object.metadata, ...held } });
  };
}

describe('a dead-man that was armed before the faults', () => {
  const believed: Record<string, Drill> = {
    'of which somebody has taken the marks off': { faults: [DOWN, DOWN_TOO], atHold: strip },
    'of a swapped image, without its marks': { faults: [SWAP], atHold: strip },
    'whose plans somebody has forged since, and taken the marks off': {
      faults: [DOWN],
      atHold: (bench) => {
        strip(bench);
        forge(bench);
      },
    },
  };
  for (const [what, given] of Object.entries(believed)) {
    it(`puts them back as the run has planned them: ${what}`, async () => {
      const { host, bench, before, isBack } = await drill(given);
      expect(isBack, host.said.join('\n')).to.equal(true);
      expect([besideLock(bench), host.ends]).to.deep.equal([before, [true]]);
    });
  }

  const hearsay: Record<string, Drill> = {
    'that were forged before it was armed': { faults: [DOWN], atArming: forge, atHold: strip },
    'that it was not told of': {
      faults: [DOWN],
      atHold: strip,
      args: (args) => args.filter((_, at) => args[at] !== '--plans' && args[at - 1] !== '--plans'),
    },
  };
  for (const [what, given] of Object.entries(hearsay)) {
    it(`believes no plans without marks ${what}`, async () => {
      const { host, bench, isBack } = await drill(given);
      expect([isBack, bench.cluster.objects.get(NAME)?.spec]).to.deep.include(false);
      expect(bench.cluster.objects.get(NAME)?.spec).to.include({ replicas: 0 });
      expect(host.said.join()).to.contain('anybody who may write there may have made it up');
    });
  }

  for (const isHeld of [false, true]) {
    it(`is over when its run has taken its plans${isHeld ? ', which finalizers hold,' : ''} and given its lease back, whatever is set then`, async () => {
      const bench = new BenchRun();
      if (isHeld) holdPlans(bench);
      const host = new DeadManHost(bench.cluster, bench.clock);
      bench.seen = host.seen;
      bench.onEvent = ({ type }) => {
        if (type !== 'run-end') return;
        const object = bench.cluster.objects.get(NAME) as KubeObject;
        bench.cluster.put({ ...object, spec: { ...(object.spec as object), replicas: 0 } });
      };
      expect(await bench.run([DOWN], DEAD_MAN_TARGET)).to.deep.equal({ status: 'completed' });
      for (let second = 0; second < 180; second++) await bench.clock.sleep(1_000);
      host.stop.abort();
      expect(bench.cluster.objects.get(NAME)?.spec).to.include({ replicas: 0 });
      expect(host.ends, host.said.join('\n')).to.deep.equal([true]);
    });
  }

  it('leaves a value that others set as well where plans and marks are gone, and says so', async () => {
    const atHold = (bench: BenchRun) => {
      strip(bench);
      bench.cluster.objects.delete(PLANS);
    };
    const { host, bench } = await drill({ faults: [DOWN], atHold });
    expect(bench.cluster.objects.get(NAME)?.spec).to.include({ replicas: 0 });
    expect(host.said.join()).to.contain('fault down: conflict').and.to.contain('neither its mark nor its plans');
  });

  it('leaves alone what a colleague sets on the objects of a fault that was undone before the runner died', async () => {
    const atHold = (bench: BenchRun) => {
      const object = structuredClone(bench.cluster.objects.get(PLANS)) as KubeObject & { data: Record<string, string> };
      const [first] = JSON.parse(object.data['plans.json'] ?? '') as { readonly fault: string }[];
      expect(first?.fault).to.equal('down');
      // As the run leaves it that has undone the other one.
      bench.cluster.put({ ...object, data: { 'plans.json': JSON.stringify([first]) } } as unknown as KubeObject);
      const { labels, annotations, ...metadata } = bench.cluster.objects.get(TOO)?.metadata ?? {};
      const theirs = { ...metadata, labels: others(labels), annotations: others(annotations) };
      bench.cluster.put({ ...bench.cluster.objects.get(TOO), metadata: theirs } as KubeObject);
    };
    const TOO = 'Deployment default/mockb-ap-northeast-1b';
    const { host, bench } = await drill({ faults: [DOWN, DOWN_TOO], atHold });
    expect(bench.cluster.objects.get(TOO)?.spec).to.include({ replicas: 0 });
    expect(bench.cluster.objects.get(NAME)?.spec).to.include({ replicas: 1 });
    expect(host.ends, host.said.join('\n')).to.deep.equal([true]);
  });
});
