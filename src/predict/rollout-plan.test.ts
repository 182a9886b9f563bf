import { expect } from 'chai';
import { KINDS, type KubeKind, type KubeObject } from '../model/kubernetes.ts';
import { moveOf } from './moves.ts';
import { rolloutOf } from './rollout-plan.ts';
import { liveSystem, planned } from './testing/live-fixture.ts';

const NEW = { dead: true, becomesReady: true, minReadyMs: 0 };

function planOf(kind: KubeKind, spec: object, container?: string) {
  return rolloutOf({ ...kind, metadata: {}, spec } as unknown as KubeObject, container);
}

describe('how a rollout will go on', () => {
  it('of a Deployment is within its limits, Recreate all at once', () => {
    const of = (spec: object) => planOf(KINDS.deployment, spec);
    expect(of({ replicas: 8 })).to.deep.equal({ ...NEW, kind: 'surging', replicas: 8, surge: 2, unavailable: 2 });
    expect(of({ replicas: 2 })).to.include({ surge: 1, unavailable: 0 });
    expect(of({ replicas: 2, strategy: { type: 'Recreate' } })).to.include({ surge: 0, unavailable: 2 });
    expect(of({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })).to.include({ unavailable: 1 });
    expect(of({ minReadySeconds: 5 })).to.include({ minReadyMs: 5000 });
  });

  it('never ends with pods that a probe of the swapped container keeps from being ready', () => {
    const spec = (probe: string) => ({
      template: { spec: { containers: [{ name: 'proxy' }, { name: 'app', [probe]: {} }] } },
    });
    for (const probe of ['readinessProbe', 'startupProbe'])
      expect(planOf(KINDS.deployment, spec(probe), 'app')).to.include({ becomesReady: false });
    expect(planOf(KINDS.deployment, spec('readinessProbe'), 'proxy')).to.include({ becomesReady: true });
    expect(planOf(KINDS.deployment, spec('livenessProbe'), 'app')).to.include({ becomesReady: true });
  });

  it('of a StatefulSet is one by one from its partition on', () => {
    const of = (rollingUpdate: object, more: object = {}) =>
      planOf(KINDS.statefulSet, { updateStrategy: { rollingUpdate }, ...more });
    expect(of({})).to.deep.equal({ ...NEW, kind: 'in-place', atOnce: 1, from: 0 });
    expect(of({ partition: 2 }, { ordinals: { start: 1 } })).to.include({ from: 3 });
    expect(of({ maxUnavailable: 2 })).to.have.property('unknown');
  });

  it('of a DaemonSet is so many nodes at once', () => {
    const of = (rollingUpdate: object) => planOf(KINDS.daemonSet, { updateStrategy: { rollingUpdate } });
    expect(of({})).to.deep.equal({ ...NEW, kind: 'in-place', atOnce: 1 });
    expect(of({ maxUnavailable: 3 })).to.include({ atOnce: 3 });
    expect(of({ maxUnavailable: '10%' })).to.have.property('unknown');
    expect(of({ maxSurge: 1 })).to.have.property('unknown');
  });

  it('of an Argo Rollout is that of a Deployment, where its canary has no steps', () => {
    const of = (strategy: object) => planOf(KINDS.rollout, { replicas: 4, strategy });
    expect(of({ canary: { maxSurge: 2 } })).to.include({ kind: 'surging', replicas: 4, surge: 2, unavailable: 1 });
    expect(of({ canary: { steps: [] } })).to.include({ surge: 1, unavailable: 1 });
    expect(of({ canary: { steps: [{ setWeight: 20 }] } }))
      .to.have.property('unknown')
      .that.contains('steps');
    expect(of({ blueGreen: { activeService: 'x' } }))
      .to.have.property('unknown')
      .that.contains('blue-green');
  });
});

describe('what a fault will do to pods', () => {
  const workload = (kind: 'Deployment' | 'StatefulSet') => ({ kind, name: 'db' }) as const;
  const scaled = (kind: 'Deployment' | 'StatefulSet', left: number, spec: object = {}) => {
    const system = structuredClone(liveSystem());
    const apiVersion = 'apps/v1';
    const object = { apiVersion, kind, metadata: { namespace: 'default', name: 'db' }, spec } as unknown as KubeObject;
    const clusters = system.clusters.map((live) => ({ ...live, workloads: [object] }));
    const move = { kind: 'scale', cluster: 'tokyo', namespace: 'default', workload: workload(kind), left } as const;
    return moveOf(planned({ name: 'down', kind: 'scale', afterMs: 0, spec: {}, move }, []), { ...system, clusters });
  };

  it('is known of a scaling where it is known which pods go', () => {
    expect(scaled('Deployment', 0)).to.deep.include({ kind: 'scale', scale: { left: 0, ordered: false } });
    expect(scaled('Deployment', 1)).to.have.property('unknown').that.contains('the choice of the controller');
    expect(scaled('StatefulSet', 1)).to.deep.include({ scale: { left: 1, ordered: true } });
    const parallel = { podManagementPolicy: 'Parallel' };
    expect(scaled('StatefulSet', 1, parallel)).to.deep.include({ scale: { left: 1, ordered: false } });
  });

  it('is not known of several pods of a StatefulSet at once', () => {
    const system = liveSystem({ mockbs: ['db'], replicas: 2 });
    const pods = (madeBy: string) => system.pods.map((pod) => (pod.workload === 'db' ? { ...pod, madeBy } : pod));
    const killed = (madeBy: string, ...names: string[]) => {
      const move = { kind: 'kill', everyMs: undefined, forced: false } as const;
      const fault = planned({ name: 'kill', kind: 'podKill', afterMs: 0, spec: {}, move }, names);
      return 'unknown' in moveOf(fault, { ...system, pods: pods(madeBy) });
    };
    expect(killed('StatefulSet', 'db-0', 'db-1')).to.equal(true);
    expect(killed('StatefulSet', 'db-0')).to.equal(false);
    expect(killed('ReplicaSet', 'db-0', 'db-1')).to.equal(false);
  });
});
