import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import { KINDS, type KubeObject, RUN_LABEL } from '../../model/kubernetes.ts';
import type { FaultBlock, Json } from '../../model/scenario.ts';
import { narrowTo } from '../define.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { endingText, longestGrace } from './ending.ts';
import { manifest } from './index.ts';

const CHAOS = { apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'NetworkChaos' };
const REF = { ...CHAOS, namespace: 'default', name: 'delay' };
const KEY = 'NetworkChaos default/delay';
const OBJECT: Json = {
  ...CHAOS,
  metadata: { name: 'delay', namespace: 'default', labels: { team: 'a' } },
  spec: { action: 'delay', delay: { latency: '2s' } },
};
const INJECTED = { condition: 'AllInjected', is: 'True' };

const planned = (cluster: FakeCluster, fields: Parameters<typeof planWith>[2] = {}) =>
  planWith(manifest, cluster, { object: OBJECT, ...fields });

async function on(fields: Parameters<typeof planWith>[2] = {}) {
  const cluster = fakeSystem();
  const plan = await planned(cluster, fields);
  await manifest.inject(plan, fakeContext(cluster));
  return { cluster, plan, object: cluster.objects.get(KEY) as KubeObject };
}

/** What a controller writes. */
function says(cluster: FakeCluster, status: Json): void {
  cluster.put({ ...(cluster.objects.get(KEY) as KubeObject), status });
}

describe('the block of a manifest', () => {
  const read = (fields: FaultBlock) => blockOf({ ...manifest, example: { ...manifest.example, ...fields } });

  it('waits for a condition or a field of the status, and of nothing else', () => {
    expect(read({ until: { condition: 'AllInjected' } }).until).to.deep.equal(INJECTED);
    const field = { pointer: '/status/phase', equals: 'Running' };
    expect(read({ until: field }).until).to.deep.include(field);
    for (const until of [{}, { pointer: '/spec/replicas', equals: 1 }, { ...field, condition: 'x' }]) {
      expect(() => read({ until }), JSON.stringify(until)).to.throw();
    }
  });

  it('decides which kind of object is asked for and marked', () => {
    const { permissions, marks } = narrowTo(manifest, { object: OBJECT });
    expect(permissions.at(-1)).to.deep.equal({
      ...{ kind: CHAOS, scope: 'namespace' },
      ...{ verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'] },
    });
    expect(marks.map(({ resource }) => resource)).to.deep.equal(['job', 'networkchaos']);
  });
});

describe('the plan of a manifest', () => {
  it('asks the API server by a dry run whether it would take the object', async () => {
    const cluster = fakeSystem();
    const verbs: string[] = [];
    cluster.before = ({ verb, kind, isWrite }) => void verbs.push(`${verb} ${kind} ${isWrite}`);
    await planned(cluster);
    expect(verbs.slice(0, 2)).to.deep.equal(['get NetworkChaos false', 'create NetworkChaos false']);
    cluster.before = ({ verb }) => {
      if (verb === 'create') throw new FaultlineError('KUBE_API', 'admission webhook said no');
    };
    expect(await errorOf(planned(cluster))).to.contain(
      'KUBE_API: fault broken: the API server does not take the object: admission webhook said no',
    );
  });

  it('is refused where an object of the name is there', async () => {
    const cluster = fakeSystem();
    cluster.add(OBJECT as KubeObject);
    expect(await errorOf(planned(cluster))).to.contain(
      'FAULT_CONFLICT: cluster tokyo: NetworkChaos default/delay is there already',
    );
  });

  it('is refused for what could not be ended, or must not stand in a journal, and where no pod is hit', async () => {
    const cases: readonly [string, Json][] = [
      ['needs an apiVersion and a kind', { metadata: { name: 'x', namespace: 'default' } }],
      ['needs a metadata.name', { ...CHAOS, metadata: { generateName: 'x-', namespace: 'default' } }],
      ['needs a metadata.namespace', { ...CHAOS, metadata: { name: 'x' } }],
      [
        'must be no PersistentVolumeClaim',
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'x', namespace: 'default' } },
      ],
      ...['whenDeleted', 'whenScaled'].map((when): [string, Json] => [
        'must delete no claims (persistentVolumeClaimRetentionPolicy)',
        {
          ...{ ...KINDS.statefulSet, metadata: { name: 'x', namespace: 'default' } },
          spec: { persistentVolumeClaimRetentionPolicy: { [when]: 'Delete' } },
        },
      ]),
      ['must be no Secret', { ...KINDS.secret, metadata: { name: 'x', namespace: 'default' } }],
      [
        'must have no ownerReferences',
        { ...CHAOS, metadata: { name: 'x', namespace: 'default', ownerReferences: [] } },
      ],
      [
        'has more than 16384 bytes',
        { ...CHAOS, metadata: { name: 'x', namespace: 'default' }, data: 'x'.repeat(20_000) },
      ],
      ...[
        { ...KINDS.lease, name: 'faultline' },
        { ...KINDS.configMap, name: 'faultline-run' },
        { ...KINDS.configMap, name: 'faultline-freeze' },
      ].map(({ apiVersion, kind, name }): [string, Json] => [
        `must not be ${kind} ${name}`,
        { apiVersion, kind, metadata: { name, namespace: 'default' } },
      ]),
      ['needs an apiVersion and a kind', null],
    ];
    for (const [what, object] of cases) {
      expect(await errorOf(planned(fakeSystem(), { object }))).to.contain(
        `FIELD_VALUE: the object of a manifest ${what}`,
      );
    }
    expect(await errorOf(planned(fakeSystem(), { hits: { app: 'ghost' } }))).to.contain('FAULT_NO_TARGET');
  });

  it('says what is not known of it', async () => {
    const { summary, warnings, signature } = await planned(fakeSystem(), { effect: 'degrades', until: INJECTED });
    expect(summary).to.equal(
      'apply NetworkChaos default/delay, on when condition AllInjected is True; it is said to hit 1 pod (app=mockb,version=ap-northeast-1a)',
    );
    expect([signature, warnings.length]).to.deep.equal(['degrades', 1]);
    const { expiresMs } = await planned(fakeSystem(), { expiry: 89_001 });
    expect(expiresMs, 'its Job counts whole seconds').to.equal(90_000);
    expect((await planned(fakeSystem())).warnings[1]).to.contain('only requests can');
  });
});

describe('a manifest of a route', () => {
  it('says which hosts it routes, so that no other fault routes them too', async () => {
    const route = {
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
      metadata: { name: 'slow', namespace: 'default' },
      spec: { hosts: ['mockb'], http: [{ route: [{ destination: { host: 'mockb' } }] }] },
    };
    const plan = await planned(fakeSystem(), { object: route });
    expect(plan.routes?.map(({ host }) => host)).to.deep.equal(['mockb.default.svc.cluster.local']);
    expect((await planned(fakeSystem())).routes).to.equal(undefined);
  });
});

describe('a manifest', () => {
  it('is applied as it is written, with the mark of the run, and owned by its Job', async () => {
    const { object } = await on();
    expect(object.spec).to.deep.equal({ action: 'delay', delay: { latency: '2s' } });
    expect(object.metadata.labels).to.include({ team: 'a', [RUN_LABEL]: RUN });
    expect(object.metadata.ownerReferences?.[0]).to.deep.include({ kind: 'Job', name: `faultline-${RUN}-broken` });
  });

  it('is proven when its controller says so, by a condition or a field', async () => {
    for (const [until, status] of [
      [INJECTED, { conditions: [{ type: 'AllInjected', status: 'True' }] }],
      [{ pointer: '/status/a~1b/0', equals: { on: true } }, { 'a/b': [{ on: true }] }],
      [{ pointer: '/status/a~0b', equals: 'on' }, { 'a~b': 'on' }],
    ] as const) {
      const { cluster, plan } = await on({ until });
      expect((await manifest.prove(plan, fakeContext(cluster))).detail).to.contain('default/delay does not say that');
      says(cluster, { conditions: [{ type: 'AllInjected', status: 'False' }] });
      expect((await manifest.prove(plan, fakeContext(cluster))).proven).to.equal(false);
      says(cluster, status as unknown as Json);
      const { proven, observed } = await manifest.prove(plan, fakeContext(cluster));
      expect([proven, observed]).to.deep.equal([true, true]);
    }
  });

  it('is off when it is on its way out', async () => {
    const { cluster, plan, object } = await on();
    object.metadata.deletionTimestamp = '2026-11-29T00:00:00Z';
    expect((await manifest.prove(plan, fakeContext(cluster))).detail).to.contain('is being deleted');
  });

  it('is not undone while finalizers hold it: its controller has not taken the fault back', async () => {
    const { cluster, plan } = await on();
    const remove = cluster.delete.bind(cluster);
    cluster.delete = async (ref, options) => {
      if (ref.kind !== CHAOS.kind) return remove(ref, options);
      const [chaos] = cluster.all(CHAOS);
      const held = { deletionTimestamp: '2026-11-22T09:00:00Z', finalizers: ['chaos-mesh/records'] };
      Object.assign(chaos?.metadata ?? {}, held);
    };
    const get = cluster.get.bind(cluster);
    const { state, detail, commands, objects } = await manifest.undo(plan, fakeContext(cluster));
    expect([state, commands]).to.deep.equal(['failed', ['kubectl -n default get networkchaos/delay -o yaml']]);
    expect(objects).to.deep.equal(plan.objects.map((one) => ({ ...one, after: 'present', state: 'left-behind' })));
    expect(objects.map(({ kind }) => kind)).to.include('NetworkChaos');
    expect(detail).to.contain('is deleted and held by its finalizers: chaos-mesh/records (a controller of chaos-mesh)');
    const hurried = fakeContext(cluster, AbortSignal.abort());
    cluster.get = async (ref) => (ref.kind === CHAOS.kind && hurried.now() > 10e6 ? undefined : get(ref));
    expect((await manifest.undo(plan, hurried)).state, 'let go of while an undo in a hurry looks').to.equal('undone');
    cluster.get = get;
    cluster.delete = remove;
    expect((await manifest.undo(plan, fakeContext(cluster))).state).to.equal('undone');
    expect(cluster.all(KINDS.job)).to.deep.equal([]);
  });

  it('is undone when the pods of its object have ended, for which they get their time', async () => {
    const dep = { ...KINDS.deployment, metadata: { name: 'dep', namespace: 'default' } };
    const template = (more: object) => ({ spec: { containers: [{ name: 'c', image: 'x' }], ...more } });
    const cases: readonly [string, object, number][] = [
      ['what Kubernetes gives', {}, 90],
      ['what the pods say', { terminationGracePeriodSeconds: 200 }, 260],
      ['none', { terminationGracePeriodSeconds: 0 }, 60],
    ];
    for (const [name, more, longest] of cases) {
      const object = { ...dep, spec: { replicas: 2, template: template(more) } } as unknown as Json;
      const cluster = fakeSystem();
      const plan = await planned(cluster, { object });
      await manifest.inject(plan, fakeContext(cluster));
      const created = cluster.objects.get('Deployment default/dep') as KubeObject;
      cluster.objects.delete('Deployment default/dep');
      cluster.put(created);
      let end: () => void = () => {};
      cluster.control = (act) => {
        end = act;
      };
      const late = fakeContext(cluster);
      const { state, detail, objects } = await manifest.undo(plan, late);
      expect([state, Math.round(late.now() / 1e6)], name).to.deep.equal(['failed', longest]);
      expect(detail).to.contain('left: Deployment default/dep is deleted, and 2 pods of it are still ending: dep-abc-');
      expect(objects.map((one) => one.state)).to.deep.equal(['left-behind', 'left-behind']);
      const context = fakeContext(cluster);
      const get = cluster.get.bind(cluster);
      cluster.get = async (ref) => {
        if (context.now() > (longest - 1) * 1e6) end();
        return get(ref);
      };
      expect((await manifest.undo(plan, context)).state, name).to.equal('undone');
      expect(context.now() / 1e6).to.be.above(longest - 2);
    }
  });

  it('says what is waited for', async () => {
    const cluster = fakeSystem();
    const pods = (count: number, owner: object) => {
      for (const pod of cluster.all(KINDS.pod)) cluster.objects.delete(`Pod default/${pod.metadata.name}`);
      for (let at = 1; at <= count; at++) {
        const ownerReferences = [
          { apiVersion: 'v1', kind: 'NetworkChaos', name: 'delay', uid: 'u', controller: true, ...owner },
        ];
        cluster.add({
          ...KINDS.pod,
          metadata: { name: `p${at}`, namespace: 'default', ownerReferences },
        } as KubeObject);
      }
    };
    const left = (finalizers: readonly string[], kind = 'NetworkChaos') =>
      endingText(
        { ...CHAOS, kind, metadata: { ...REF, deletionTimestamp: 'now', finalizers: [...finalizers] } } as never,
        cluster,
      );
    const waiting = ['foregroundDeletion'];
    pods(1, {});
    expect(await left(waiting)).to.equal('is deleted, and 1 pod of it is still ending: p1');
    expect(await left([...waiting, 'chaos-mesh/records'])).to.match(
      /held by its finalizers: .*: its controller has not taken/,
    );
    pods(5, {});
    expect(await left(waiting)).to.equal('is deleted, and 5 pods of it are still ending: p1, p2, p3 and 2 more');
    pods(2, { name: 'another' });
    const unseen = "is deleted, and what it owns is still ending (Kubernetes' garbage collector)";
    expect(await left(waiting)).to.equal(unseen);
    cluster.before = () => {
      throw new Error('403');
    };
    expect(await left(waiting)).to.equal(unseen);
    expect([await left(waiting, 'Pod'), await left([])]).to.deep.equal([
      'is still ending',
      'is being deleted, and is still there',
    ]);
  });

  it('gives pods the longest time that any of them may take, wherever it is written', () => {
    const pod = (seconds?: number) => ({
      containers: [],
      ...(seconds !== undefined && { terminationGracePeriodSeconds: seconds }),
    });
    const cases: readonly [Json, number][] = [
      [{ spec: { action: 'delay' } }, 0],
      [{ spec: pod() }, 30_000],
      [{ spec: { jobTemplate: { spec: { template: { spec: pod(300) } } } } }, 300_000],
      [{ spec: { parts: [{ template: { spec: pod(5) } }, { template: { spec: pod(45) } }] } }, 45_000],
      [{ spec: { terminationGracePeriodSeconds: 99 } }, 0],
      [{ spec: { ...pod(), terminationGracePeriodSeconds: 'long' } }, 30_000],
      [null, 0],
    ];
    for (const [written, wanted] of cases) expect(longestGrace(written), JSON.stringify(written)).to.equal(wanted);
  });

  it('leaves what somebody has put in its place, and says so', async () => {
    const { cluster, plan } = await on();
    cluster.objects.delete(KEY);
    const theirs = { ...(OBJECT as object), spec: { action: 'delay', delay: { latency: '5s' } } };
    cluster.add(theirs as unknown as KubeObject);
    const { state, detail } = await manifest.undo(plan, fakeContext(cluster));
    expect(state).to.equal('undone');
    expect(detail).to.contain('the NetworkChaos default/delay that is there is not of this run and was left alone');
    expect(await cluster.get(REF)).to.deep.include({ spec: theirs.spec });
  });
});
