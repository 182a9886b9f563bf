import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import type { HistoryEvent } from '../model/history.ts';
import { KINDS, type KubeKind } from '../model/kubernetes.ts';
import { BenchRun, BLACKHOLE, SWAP } from './testing/bench-run.ts';
import { copyAll, kobeCluster } from './testing/copied.ts';

const POLICY = { ...BLACKHOLE, afterMs: 0 };
const KEY = 'default/networkpolicy/faultline-20261122t090000z-test-silent';

/** A run in tokyo, of which somebody has copied objects of these kinds to kobe while its faults were on. */
function copying(kinds: readonly KubeKind[]) {
  const bench = new BenchRun();
  const kobe = kobeCluster();
  bench.others = [kobe];
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== 'undo') return;
    for (const kind of kinds) copyAll(kind, bench.cluster, kobe);
  };
  return { bench, kobe };
}

const isLoadOver = (bench: BenchRun) => bench.events.some(({ type }) => type === 'load');

/** What was found in each cluster, and what could not be looked through. */
function looked({ events }: BenchRun): Record<string, readonly [readonly string[], string | undefined]> {
  const found = events.filter(
    (event): event is Extract<HistoryEvent, { type: 'leftovers' }> => event.type === 'leftovers',
  );
  return Object.fromEntries(
    found.map(({ cluster, objects, unread }) => [cluster, [objects.map(({ ref }) => ref), unread]]),
  );
}

describe('the last look of a run', () => {
  it('finds what was copied to a cluster that no fault touches, with the command that takes it away', async () => {
    const { bench } = copying([KINDS.networkPolicy, KINDS.configMap]);
    expect(await bench.run([POLICY])).to.deep.equal({ status: 'completed' });
    expect(looked(bench)).to.deep.equal({
      tokyo: [[], undefined],
      kobe: [['default/configmap/faultline-run', KEY], undefined],
    });
    const left = bench.events.flatMap((event) => (event.type === 'leftovers' ? event.objects : []));
    expect(left.find(({ ref }) => ref === KEY)?.command).to.equal(
      `kubectl -n default delete ${KEY.slice('default/'.length)} --wait=false`,
    );
  });

  it('finds what was copied to a cluster with faults of other kinds', async () => {
    const { bench } = copying([KINDS.networkPolicy]);
    const there = { ...SWAP, spec: { ...SWAP.spec, cluster: 'kobe' } };
    expect(await bench.run([POLICY, there])).to.deep.equal({ status: 'completed' });
    expect(looked(bench)).to.deep.equal({ tokyo: [[], undefined], kobe: [[KEY], undefined] });
  });

  it('says what it may not look for where no fault needed to be allowed that, and takes nothing for left', async () => {
    const { bench, kobe } = copying([KINDS.networkPolicy]);
    kobe.allows = (verb, { kind }) => verb !== 'list' || kind !== KINDS.networkPolicy.kind;
    await bench.run([POLICY]);
    const why = 'default, for networkpolicy: the API does not allow to list them there';
    expect(looked(bench)).to.deep.equal({ tokyo: [[], undefined], kobe: [[], why] });
  });

  it('says that a cluster that no fault touches does not answer, and waits for it once', async () => {
    const { bench, kobe } = copying([]);
    kobe.pause = () => (isLoadOver(bench) ? new Promise(() => {}) : undefined);
    expect(await bench.run([POLICY])).to.deep.equal({ status: 'completed' });
    expect(looked(bench)).to.deep.equal({ tokyo: [[], undefined], kobe: [[], 'no answer within 20 s'] });
    const at = (...types: readonly string[]) =>
      bench.events.findLast(({ type }) => types.includes(type))?.t ?? Number.NaN;
    expect(at('leftovers') - at('load')).to.equal(20_000_000);
  });

  it('says why a cluster that no fault touches cannot be asked for plans', async () => {
    const { bench, kobe } = copying([]);
    kobe.before = ({ kind }) => {
      if (isLoadOver(bench) && kind === 'ConfigMap') throw new FaultlineError('KUBE_API', '500 no');
    };
    await bench.run([POLICY]);
    expect(looked(bench)).to.deep.equal({ tokyo: [[], undefined], kobe: [[], '500 no'] });
  });

  it('takes a cluster with a fault for seen where only what others may have copied there does not answer', async () => {
    const { bench, kobe } = copying([]);
    kobe.pause = ({ kind }) => (isLoadOver(bench) && kind === 'NetworkPolicy' ? new Promise(() => {}) : undefined);
    const there = { ...SWAP, spec: { ...SWAP.spec, cluster: 'kobe' } };
    await bench.run([POLICY, there]);
    expect(looked(bench)).to.deep.equal({ tokyo: [[], undefined], kobe: [[], 'no answer within 20 s'] });
  });
});
