import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { withoutEffect } from '../api/effect/without-effect.ts';
import { asMap, at, ensureMap, type JsonMap, mapsOf } from '../api/json.ts';
import { deployment, type Harness, node, startHarness } from '../testing/controllers-harness.ts';

const HASH = 'rollouts-pod-template-hash';

describe('rollout controller', () => {
  let cluster: Harness;
  beforeEach(() => {
    cluster = startHarness();
    cluster.store.create(node('node-a', 'zone-a'));
  });
  afterEach(() => {
    cluster.stop();
    expect(cluster.errors).to.deep.equal([]);
  });

  const create = async (more: Record<string, unknown> = {}, replicas = 2): Promise<void> => {
    cluster.store.create({ ...deployment('web', replicas, more), ...KINDS.rollout });
    await cluster.settled();
  };
  const ship = async (image: string, more: (spec: JsonMap) => void = () => {}): Promise<void> => {
    cluster.change(KINDS.rollout, 'web', (object) => {
      const spec = ensureMap(object, 'spec');
      for (const container of mapsOf(at(spec, 'template', 'spec', 'containers'))) container.image = image;
      more(spec);
    });
    await cluster.settled();
  };
  const status = (field: string) => at(cluster.get(KINDS.rollout, 'web'), 'status', field);
  const images = () => cluster.store.list(KINDS.pod, 'default').map((pod) => at(pod, 'spec', 'containers', 0, 'image'));

  it('makes a ReplicaSet of its own and pods, and says so in its status', async () => {
    await create();
    const [set] = cluster.store.list(KINDS.replicaSet, 'default');
    expect(set?.metadata.ownerReferences?.[0]).to.include({ kind: 'Rollout', name: 'web', controller: true });
    const hash = set?.metadata.labels?.[HASH];
    expect(set?.metadata.name).to.equal(`web-${hash}`);
    expect(set?.metadata.labels).to.not.have.property('pod-template-hash');
    expect(cluster.store.list(KINDS.pod, 'default').map(({ metadata }) => metadata.labels?.[HASH])).to.deep.equal([
      ...[hash, hash],
    ]);
    expect(at(cluster.get(KINDS.rollout, 'web'), 'status')).to.include({
      ...{ observedGeneration: '1', phase: 'Healthy', replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
      ...{ currentPodHash: hash, stableRS: hash, selector: 'app=web' },
    });
  });

  it('rolls a new template out, and one that it has had back into the same ReplicaSet', async () => {
    await create();
    const before = status('stableRS');
    await ship('web:2');
    expect([images(), status('phase')]).to.deep.equal([['web:2', 'web:2'], 'Healthy']);
    expect(status('stableRS')).to.equal(status('currentPodHash')).and.not.equal(before);
    await ship('web:1');
    expect([images(), status('stableRS')]).to.deep.equal([['web:1', 'web:1'], before]);
    expect(cluster.names(KINDS.replicaSet)).to.have.length(2);
  });

  it('keeps as many old pods as its canary allows while new ones are not ready', async () => {
    await create({ strategy: { canary: { maxSurge: 0, maxUnavailable: 1 } } });
    const before = status('stableRS');
    cluster.kubelet.healthy = (pod) => at(pod, 'spec', 'containers', 0, 'image') === 'web:1';
    await ship('web:2');
    expect(images()).to.have.members(['web:1', 'web:2']);
    expect([status('phase'), status('stableRS')]).to.deep.equal(['Progressing', before]);
  });

  it('scales, one of whose count nothing is said, one that is paused, and none that follows another workload', async () => {
    await create({ replicas: undefined });
    expect(images()).to.have.length(1);
    cluster.change(KINDS.rollout, 'web', (object) => Object.assign(ensureMap(object, 'spec'), { paused: true }));
    await ship('web:2', (spec) => Object.assign(spec, { replicas: 3 }));
    expect([images(), status('phase')]).to.deep.equal([['web:1', 'web:1', 'web:1'], 'Paused']);
    const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
    cluster.store.create({ ...KINDS.rollout, metadata: { name: 'ref', namespace: 'default' }, spec: { workloadRef } });
    await cluster.settled();
    expect(at(cluster.get(KINDS.rollout, 'ref'), 'status')).to.equal(undefined);
  });

  it('is told where nothing here acts on its strategy', () => {
    const told = (spec: JsonMap) => withoutEffect({ kind: 'Rollout', spec }).map((text) => text.split(' ')[4]);
    expect(told({ strategy: { canary: { maxSurge: 1, steps: [] } } })).to.deep.equal([]);
    expect(told({ strategy: { canary: { steps: [{ setWeight: 20 }, { pause: {} }] } } })).to.deep.equal([
      ...['spec.strategy.canary.steps:', 'spec.strategy.canary.steps:'],
    ]);
    expect(told({ strategy: { blueGreen: { activeService: 'web' } } })).to.deep.equal(['spec.strategy.blueGreen']);
    expect(told({ workloadRef: { name: 'web' } })).to.deep.equal(['spec.workloadRef']);
  });

  it('takes its pods with it', async () => {
    await create();
    cluster.store.delete({ ...KINDS.rollout, namespace: 'default', name: 'web' }, { propagation: 'Background' });
    await cluster.settled();
    expect(asMap(cluster.get(KINDS.rollout, 'web') ?? ({} as never))).to.deep.equal({});
    expect([cluster.names(KINDS.replicaSet), cluster.names(KINDS.pod)]).to.deep.equal([[], []]);
  });
});
