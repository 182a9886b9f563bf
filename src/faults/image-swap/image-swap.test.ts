import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import { KINDS, type KubeObject, PLAN_ANNOTATION, RUN_LABEL, UNDO_ANNOTATION } from '../../model/kubernetes.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { fakeContext, fakeSystem, RUN } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { imageSwap } from './index.ts';

const DEPLOYMENT = { ...KINDS.deployment, namespace: 'default', name: 'mockb-ap-northeast-1a' };
const OLD = 'asm-mock:v0.1';
const NEW = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';

type Container = { name: string; image: string; command?: string[]; readinessProbe?: object };

function containersOf(object: KubeObject | undefined): Container[] {
  const { spec } = object as unknown as { spec: { template: { spec: { containers: Container[] } } } };
  return spec.template.spec.containers;
}

/** Changes the Deployment as somebody else does. */
async function edit(cluster: FakeCluster, how: (object: KubeObject) => void): Promise<void> {
  const object = await cluster.get(DEPLOYMENT);
  if (object === undefined) throw new Error('the Deployment is there');
  how(object);
  cluster.put(object);
}

const ship = (cluster: FakeCluster, image: string) =>
  edit(cluster, (object) => {
    for (const container of containersOf(object)) container.image = image;
  });

async function on(): Promise<{ cluster: FakeCluster; plan: FaultPlan }> {
  const cluster = fakeSystem();
  const plan = await planWith(imageSwap, cluster);
  await imageSwap.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

describe('the block of an image swap', () => {
  const read = (fields: FaultBlock) => blockOf({ ...imageSwap, example: { ...imageSwap.example, ...fields } });

  it('is taken as it is written, and refuses what cannot be', () => {
    const fewest = { container: 'app', command: ['true'] };
    expect(read(fewest)).to.deep.equal({ ...imageSwap.example, ...fewest });
    for (const fields of [{ command: [] }, { command: [''] }, { image: '' }, { deployment: '' }, { container: '' }]) {
      expect(() => read(fields), JSON.stringify(fields)).to.throw(Object.keys(fields)[0]);
    }
  });
});

describe('the plan of an image swap', () => {
  it('names the Deployment with its fields before and during, and the pods that it hits', async () => {
    const plan = await planWith(imageSwap, fakeSystem());
    expect(plan.summary).to.equal(
      `swap the image of Deployment default/mockb-ap-northeast-1a (container default) to ${NEW}`,
    );
    expect(plan.objects).to.deep.equal([
      {
        cluster: 'tokyo',
        kind: 'Deployment',
        namespace: 'default',
        name: 'mockb-ap-northeast-1a',
        change: 'image and command of container default',
        before: `{"image":"${OLD}"}`,
        during: `{"image":"${NEW}","command":["sleep","3600"]}`,
        state: 'unknown',
      },
    ]);
    expect(plan.affected.map(({ zone, workload }) => `${zone} ${workload}`)).to.deep.equal([
      'ap-northeast-1a mockb-ap-northeast-1a',
    ]);
    expect(plan).to.deep.include({ signature: 'stops-serving', warnings: [] });
    expect(plan.deadMan).to.contain('faultline recover').and.contain(UNDO_ANNOTATION);
  });

  it('names the pods whose volumes are gone when others take their place', async () => {
    const cluster = fakeSystem();
    const { objects } = await planWith(imageSwap, cluster);
    const [pod] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name?.startsWith(`${objects[0]?.name}-`));
    const containers = [{ name: 'default', volumeMounts: [{ name: 'cache' }] }];
    Object.assign(pod?.spec as object, { volumes: [{ name: 'cache', emptyDir: {} }], containers });
    expect((await planWith(imageSwap, cluster)).warnings).to.deep.equal([
      `What these pods keep is gone with them for good: default/${pod?.metadata.name} (emptyDir cache).`,
    ]);
  });

  it('keeps the command where the block names none', async () => {
    const cluster = fakeSystem();
    await edit(cluster, (object) => {
      for (const container of containersOf(object)) container.command = ['serve'];
    });
    const plan = await planWith(imageSwap, cluster, { command: undefined });
    expect(plan.objects[0]?.during).to.equal(`{"image":"${NEW}","command":["serve"]}`);
  });

  it('refuses a Deployment that is not there, a swap that swaps nothing, and one that another run holds', async () => {
    const cluster = fakeSystem();
    const refusal = (fields: Parameters<typeof planWith>[2]) => errorOf(planWith(imageSwap, cluster, fields));
    expect(await refusal({ deployment: 'nobody' })).to.equal(
      'FAULT_NO_TARGET: cluster tokyo: Deployment default/nobody does not exist (kubectl -n default get deployments)',
    );
    expect(await refusal({ image: OLD, command: undefined })).to.contain(
      'FAULT_NO_TARGET: cluster tokyo: Deployment default/mockb-ap-northeast-1a runs this image and command already',
    );
    expect(await refusal({ image: OLD })).to.equal('none');
    await edit(cluster, ({ metadata }) => {
      metadata.labels = { ...metadata.labels, [RUN_LABEL]: 'other' };
    });
    expect(await refusal({})).to.equal(
      'OPEN_RUN: cluster tokyo: Deployment default/mockb-ap-northeast-1a is still changed by run other (faultline recover --scan --target <targets file>)',
    );
  });

  it('is refused where the template of an earlier fault was brought back from the history', async () => {
    const cluster = fakeSystem();
    await imageSwap.inject(await planWith(imageSwap, cluster), fakeContext(cluster));
    await edit(cluster, ({ metadata }) => {
      metadata.labels = { app: 'mockb' };
    });
    const [mark] = imageSwap.marks;
    const left = (await cluster.list(KINDS.deployment, {})).flatMap((object) => mark?.inside?.(object) ?? []);
    expect(left.map(({ runId }) => runId)).to.deep.equal([RUN]);
    expect(left[0]?.command).to.contain('kubectl -n default patch deployment/mockb-ap-northeast-1a');
    expect(await errorOf(planWith(imageSwap, cluster, { image: 'other:1' }))).to.match(
      /^OPEN_RUN: cluster tokyo: Deployment default\/mockb\S+ has the template of the fault of run \S+-test, .*recover --scan/,
    );
  });

  it('names with such a template the whole command that the container had', async () => {
    const cluster = fakeSystem();
    await edit(cluster, (object) => {
      for (const container of containersOf(object)) container.command = ['serve', '-v'];
    });
    await imageSwap.inject(await planWith(imageSwap, cluster), fakeContext(cluster));
    await edit(cluster, ({ metadata }) => {
      metadata.labels = { app: 'mockb' };
    });
    const [mark] = imageSwap.marks;
    const left = (await cluster.list(KINDS.deployment, {})).flatMap((object) => mark?.inside?.(object) ?? []);
    expect(left[0]?.command).to.contain('"command":["serve","-v"]');
  });

  it('finds the container by its name, the only one without', async () => {
    const cluster = fakeSystem();
    const refusal = (container: string | undefined) => errorOf(planWith(imageSwap, cluster, { container }));
    expect(await refusal('default')).to.equal('none');
    expect(await refusal('nobody')).to.equal(
      'FAULT_NO_TARGET: Deployment default/mockb-ap-northeast-1a has no container nobody (It has: default)',
    );
    await edit(cluster, (object) => containersOf(object).push({ name: 'proxy', image: 'proxy:1' }));
    expect(await refusal(undefined)).to.contain('has more than one container (It has: default, proxy)');
    expect((await planWith(imageSwap, cluster, { container: 'proxy' })).objects[0]?.before).to.equal(
      '{"image":"proxy:1"}',
    );
  });

  it('warns of a probe behind which old pods stay, says how many, and what works instead', async () => {
    const probed = async (probe: object, spec: object) => {
      const cluster = fakeSystem();
      await edit(cluster, (object) => {
        for (const container of containersOf(object)) Object.assign(container, probe);
        Object.assign(object.spec as object, spec);
      });
      return (await planWith(imageSwap, cluster)).warnings.join();
    };
    const readiness = { readinessProbe: { httpGet: {} } };
    const rolling = (rollingUpdate: object, replicas: number) => ({ replicas, strategy: { rollingUpdate } });
    const one = await probed(readiness, {});
    expect(one).to.contain('has a readiness probe in container default').and.contain('at least 1 old pod serving');
    for (const way of ['podKill', 'zoneBlackhole', 'Recreate']) expect(one).to.contain(way);
    expect(await probed({ startupProbe: { httpGet: {} } }, {})).to.contain('has a startup probe');
    for (const [limits, replicas, kept] of [
      [{}, 4, 3],
      [{ maxUnavailable: 2 }, 5, 3],
      [{ maxUnavailable: '50%' }, 5, 3],
      [{ maxUnavailable: 0, maxSurge: 0 }, 3, 2],
    ] as const) {
      expect(await probed(readiness, rolling(limits, replicas))).to.contain(`keeps at least ${kept} old pods serving`);
    }
    for (const spec of [{ strategy: { type: 'Recreate' } }, rolling({ maxUnavailable: '100%' }, 2), { replicas: 0 }]) {
      expect(await probed(readiness, spec), JSON.stringify(spec)).not.to.contain('probe');
    }
    expect(await probed({}, {})).to.equal('');
  });

  it('looks at the probe of the swapped container only', async () => {
    const cluster = fakeSystem();
    const proxy = { name: 'proxy', image: 'proxy:1', readinessProbe: { httpGet: {} } };
    await edit(cluster, (object) => containersOf(object).push(proxy));
    expect((await planWith(imageSwap, cluster, { container: 'default' })).warnings).to.deep.equal([]);
  });

  it('refuses a Deployment that is paused', async () => {
    const cluster = fakeSystem();
    await edit(cluster, (object) => Object.assign(object.spec as object, { paused: true }));
    expect(await errorOf(planWith(imageSwap, cluster))).to.equal(
      'FAULT_NO_TARGET: cluster tokyo: Deployment default/mockb-ap-northeast-1a is paused: no pod would get the image ' +
        '(Use podKill or zoneBlackhole on its pods, or let it roll out.)',
    );
  });

  it('warns of a readiness probe, of GitOps, and of a Deployment without pods', async () => {
    const cluster = fakeSystem();
    await edit(cluster, (object) => {
      for (const container of containersOf(object)) container.readinessProbe = { httpGet: {} };
      object.metadata.annotations = { 'argocd.argoproj.io/tracking-id': 'x' };
    });
    for (const [key, { kind }] of [...cluster.objects]) if (kind === 'Pod') cluster.objects.delete(key);
    const { warnings, affected } = await planWith(imageSwap, cluster);
    expect(affected).to.deep.equal([]);
    expect(warnings).to.have.length(3);
    expect(warnings[0]).to.contain('Deployment default/mockb-ap-northeast-1a has a readiness probe');
    expect(warnings[1]).to.contain('managed by GitOps (argocd.argoproj.io/tracking-id)');
    expect(warnings[2]).to.contain('has no pods now');
    await edit(cluster, (object) => {
      object.metadata.annotations = {};
      object.metadata.labels = { 'kustomize.toolkit.fluxcd.io/name': 'x' };
    });
    expect((await planWith(imageSwap, cluster)).warnings[1]).to.contain('fluxcd.io');
  });
});

describe('an image swap that is on', () => {
  it('marks the Deployment with its run and with the patch that puts it back', async () => {
    const { cluster } = await on();
    const object = await cluster.get(DEPLOYMENT);
    expect(containersOf(object)[0]).to.deep.equal({ name: 'default', image: NEW, command: ['sleep', '3600'] });
    expect(object?.metadata.labels).to.deep.equal({ app: 'mockb', [RUN_LABEL]: RUN });
    expect(JSON.parse(object?.metadata.annotations?.[UNDO_ANNOTATION] ?? '')).to.deep.equal({
      spec: {
        template: {
          metadata: { annotations: { [PLAN_ANNOTATION]: null } },
          spec: { containers: [{ name: 'default', image: OLD, command: null }] },
        },
      },
    });
  });

  it('does not begin on a Deployment that has changed since the plan, and says what changed', async () => {
    const changes: readonly [(cluster: FakeCluster) => unknown, string][] = [
      [(cluster) => ship(cluster, 'asm-mock:v0.2'), 'container default holds {"image":"asm-mock:v0.2"}'],
      [
        (cluster) => edit(cluster, ({ metadata }) => Object.assign(metadata, { uid: 'another' })),
        'it was created anew',
      ],
      [(cluster) => cluster.objects.delete('Deployment default/mockb-ap-northeast-1a'), 'it is gone'],
      [
        (cluster) => edit(cluster, ({ metadata }) => Object.assign(metadata, { labels: { [RUN_LABEL]: 'other' } })),
        'run other has changed it',
      ],
    ];
    for (const [change, why] of changes) {
      const cluster = fakeSystem();
      const plan = await planWith(imageSwap, cluster);
      await change(cluster);
      expect(await errorOf(imageSwap.inject(plan, fakeContext(cluster)))).to.contain(
        `FAULT_CONFLICT: Deployment default/mockb-ap-northeast-1a has changed since the plan: ${why}`,
      );
      expect(cluster.writes).to.equal(0);
    }
  });

  it('is proven by the pods of its own Deployment only, and says which run the new image', async () => {
    const { cluster, plan } = await on();
    const proof = await imageSwap.prove(plan, fakeContext(cluster));
    const names = proof.affected?.map(({ pod }) => pod) ?? [];
    expect(names).to.have.length(1);
    expect(proof).to.deep.include({
      proven: true,
      observed: true,
      effective: 0,
      detail: `the Deployment holds the new image, no ready pod runs the old one, ${names[0]} runs the new one`,
    });
  });

  it('is not proven while a ready pod still runs the old image, nor without any of the new one', async () => {
    const { cluster, plan } = await on();
    const [fresh] = cluster.all(KINDS.pod).filter(({ metadata }) => metadata.name?.startsWith(DEPLOYMENT.name));
    if (fresh === undefined) throw new Error('there is a new pod');
    const old = structuredClone(fresh);
    old.metadata = { ...old.metadata, name: `${fresh.metadata.name}-old`, uid: 'old' };
    (old.spec as unknown as { containers: Container[] }).containers = [{ name: 'default', image: OLD }];
    cluster.add(old);
    const context = fakeContext(cluster);
    const proof = await imageSwap.prove(plan, context);
    expect(proof).to.deep.equal({
      proven: false,
      observed: false,
      detail: 'ready pods still run another image (a new image that fails its readiness probe keeps the old pods)',
    });
    expect(context.now()).to.be.within(90_000_000, 90_200_000);
    cluster.add({ ...old, metadata: { ...old.metadata, deletionTimestamp: '2026-11-22T09:00:00Z' } });
    expect((await imageSwap.prove(plan, fakeContext(cluster))).proven).to.equal(true);
    for (const { metadata } of [fresh, old]) cluster.objects.delete(`Pod default/${metadata.name}`);
    expect((await imageSwap.prove(plan, fakeContext(cluster))).proven).to.equal(false);
  });

  it('is off when somebody has changed the fields or taken the Deployment away', async () => {
    const { cluster, plan } = await on();
    await ship(cluster, 'asm-mock:hotfix');
    const look = async () => (await imageSwap.prove(plan, fakeContext(cluster))).detail;
    expect(await look()).to.equal('Deployment default/mockb-ap-northeast-1a was changed by somebody else');
    cluster.objects.delete('Deployment default/mockb-ap-northeast-1a');
    expect(await look()).to.equal('Deployment default/mockb-ap-northeast-1a is gone');
  });
});
