import { expect } from 'chai';
import { ENABLED_LABEL, KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { BenchRun, SWAP } from '../testing/bench-run.ts';

const NAMESPACE = {
  ...KINDS.namespace,
  metadata: { name: 'default', labels: { [ENABLED_LABEL]: 'true' } },
};

/** A run before which both pods of mockb are ready. */
function ready(): BenchRun {
  const bench = new BenchRun();
  bench.cluster.add(serving(bench.cluster.all(KINDS.pod).filter(({ metadata }) => isMockb(metadata))));
  bench.cluster.add(NAMESPACE);
  return bench;
}

const isMockb = ({ name = '' }: KubeObject['metadata']) => name.startsWith('mockb');

function serving(pods: readonly KubeObject[]): KubeObject {
  const endpoints = pods.map(({ metadata }) => ({
    targetRef: { kind: 'Pod', name: metadata.name ?? '' },
    conditions: { ready: true },
    addresses: [],
  }));
  const labels = { 'kubernetes.io/service-name': 'mockb' };
  return { ...KINDS.endpointSlice, metadata: { name: 'mockb-x', namespace: 'default', labels }, endpoints };
}

/** How a run ends in whose baseline, or while whose first fault waits, this happens, and what it has changed. */
async function ended(bench: BenchRun, during: 'baseline' | 'inject', act: () => void) {
  const planned = await bench.plan([{ ...SWAP, afterMs: 2_000 }]);
  let before = bench.cluster.snapshot();
  bench.onEvent = (event) => {
    if (event.type !== 'phase-start' || event.phase !== during) return;
    void bench.clock.sleep(500).then(() => {
      act();
      before = bench.cluster.snapshot();
    });
  };
  const end = await bench.execute({ ...planned, guards: [] });
  const wasInjected = bench.steps().some((step) => step.startsWith('swap'));
  if (!wasInjected && during === 'baseline') expect(bench.cluster.snapshot()).to.deep.equal(before);
  return { ...end, wasInjected };
}

describe('guards: right before the first fault', () => {
  const TEXT = 'nothing was injected: right before the first fault ';

  it('refuse what was a part of a service when it was planned, and is all of it now', async () => {
    for (const during of ['baseline', 'inject'] as const) {
      const bench = ready();
      const [first] = bench.cluster.all(KINDS.pod);
      const end = await ended(bench, during, () => bench.cluster.put(serving(first === undefined ? [] : [first])));
      expect(end).to.include({ status: 'refused', wasInjected: false });
      expect(end.reason)
        .to.contain(`${TEXT}the faults hit every ready pod of default/mockb, in all clusters (1)`)
        .and.contain('(If an outage is meant: spec.allow.wholeServices: ["default/mockb"])');
    }
  });

  it('look at the pods that the fault would hit now, whatever their names were', async () => {
    const bench = ready();
    const [first] = bench.cluster.all(KINDS.pod);
    if (first === undefined) throw new Error('the system has pods');
    const end = await ended(bench, 'baseline', () => {
      for (const [key, { kind, metadata }] of bench.cluster.objects) {
        if (kind === 'Pod' && metadata.name === first.metadata.name) bench.cluster.objects.delete(key);
      }
      const anew = { ...first, metadata: { ...first.metadata, name: `${first.metadata.name}-anew` } };
      bench.cluster.put(serving([bench.cluster.add(anew)]));
    });
    expect(end.reason).to.contain(`${TEXT}the faults hit every ready pod of default/mockb, in all clusters (1)`);
  });

  it('refuse what has come to cut off every zone, as a drain of nodes does where those of the other zones have gone', async () => {
    const bench = ready();
    const { kinds } = bench;
    let zones: readonly string[] = ['a'];
    bench.kinds = (name) => {
      const kind = kinds(name);
      return { ...kind, plan: async (...args) => ({ ...(await kind.plan(...args)), cutsOff: zones }) };
    };
    const { clusters } = (await bench.plan([SWAP])).topology;
    const end = await ended(bench, 'baseline', () => {
      zones = clusters.flatMap((cluster) => cluster.zones);
    });
    expect(end).to.include({ status: 'refused', wasInjected: false });
    expect(end.reason).to.contain(`${TEXT}the faults cut off every zone of every cluster`);
  });

  it('refuse what GitOps has come to own, and what its owner has taken out of drills', async () => {
    const owned = ready();
    const [workload] = owned.cluster.all(KINDS.deployment);
    if (workload === undefined) throw new Error('the system has workloads');
    const annotations = { 'argocd.argoproj.io/tracking-id': 'x' };
    const end = await ended(owned, 'baseline', () =>
      owned.cluster.put({ ...workload, metadata: { ...workload.metadata, annotations } }),
    );
    expect(end.reason).to.contain(`${TEXT}cluster tokyo: Deployment default/mockb-ap-northeast-1a is owned by GitOps`);
    const out = ready();
    out.cluster.identity = async () => ({ uid: 'u', server: 'https://10.0.0.1:6443', version: 'v1.36.0' });
    const left = await ended(out, 'baseline', () => out.cluster.put({ ...NAMESPACE, metadata: { name: 'default' } }));
    expect(left.reason).to.contain(`${TEXT}cluster tokyo: namespace default has no label faultline.dev/enabled=true`);
  });

  it('let pass what they have let pass before', async () => {
    expect(await ended(ready(), 'baseline', () => {})).to.deep.equal({ status: 'completed', wasInjected: true });
  });
});
