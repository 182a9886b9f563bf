import { expect } from 'chai';
import type { FaultPlan } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Toll } from '../../model/toll.ts';
import { Bench, type Site } from '../testing/guard-bench.ts';
import type { OpenCluster } from '../wiring.ts';
import { checkGuards, guardNeeds, requireGuards } from './index.ts';

describe('guards: whose cluster it is', () => {
  it('let pass what is pinned, enabled and named for no production', async () => {
    const bench = new Bench().enable('tokyo').service('tokyo', 'mockb', ['x', 'y']).hit('tokyo', ['x']);
    expect(await bench.refused()).to.deep.equal([]);
    expect(() => requireGuards({ guards: [] })).to.not.throw();
  });

  it('refuse a cluster that is not pinned by its uid', async () => {
    const bench = new Bench().enable('tokyo').hit('tokyo', ['x']);
    bench.uids = false;
    const [first, second] = await bench.refused();
    expect(first).to.equal(
      'cluster tokyo: the targets file does not pin it by uid | If this is the one (kubectl --context staging-tokyo ' +
        'get namespace kube-system -o yaml), write: uid: uid-of-tokyo',
    );
    expect(second).to.contain('cluster osaka');
  });

  it('refuse what nobody in the cluster has enabled, and print what enables it', async () => {
    const bench = new Bench().hit('tokyo', ['x']);
    const wanted =
      'cluster tokyo: namespace default has no label faultline.dev/enabled=true, nor has every pod that may be hit there, and the ' +
      'template that it is made from | ' +
      'kubectl --context staging-tokyo label namespace default faultline.dev/enabled=true';
    expect(await bench.refused()).to.deep.equal([wanted]);
    bench.add('tokyo', {
      ...KINDS.namespace,
      metadata: { name: 'default', labels: { 'faultline.dev/enabled': 'no' } },
    });
    expect(await bench.refused()).to.deep.equal([wanted]);
    expect(await bench.enable('osaka').refused(), 'the other cluster has its own say').to.deep.equal([wanted]);
  });

  it('take the label on every pod that is hit for the same, but not for a zone', async () => {
    const labels = { 'faultline.dev/enabled': 'true' };
    const pod = (name: string) => ({ ...KINDS.pod, metadata: { name, namespace: 'default', labels } });
    expect(await new Bench().add('tokyo', pod('x')).hit('tokyo', ['x']).refused()).to.deep.equal([]);
    expect(await new Bench().add('tokyo', pod('x')).hit('tokyo', ['x', 'y']).refused()).to.have.length(1);
    const zone = new Bench().add('tokyo', pod('x')).hit('tokyo', ['x'], { cutsOff: ['a'] });
    expect(await zone.refused()).to.have.length(1);
  });

  it('want the label on every pod that may be hit in a later round, and in the template of what replaces them', async () => {
    const labels = { 'faultline.dev/enabled': 'true' };
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'w-1', uid: 'u', controller: true }];
    const pod = (name: string) => ({ ...KINDS.pod, metadata: { name, namespace: 'default', labels, ownerReferences } });
    const made = (template: object) => ({
      ...KINDS.replicaSet,
      metadata: { name: 'w-1', namespace: 'default' },
      spec: { template } as KubeObject['spec'] & object,
    });
    const round = { tolls: [{ to: { kind: 'pods' as const, pods: ['default/x', 'default/y'] }, share: 1 }] };
    const bench = () => new Bench().add('tokyo', pod('x'));
    const well = made({ metadata: { labels } });
    expect(await bench().add('tokyo', well).hit('tokyo', ['x'], round).refused(), 'y has none').to.have.length(1);
    const both = bench().add('tokyo', pod('y')).hit('tokyo', ['x'], round);
    expect(await both.refused(), 'nobody knows what replaces them').to.have.length(1);
    both.add('tokyo', made({ metadata: { labels: { app: 'w' } } }));
    expect(await both.refused(), 'what replaces them has none').to.have.length(1);
    expect(await both.add('tokyo', well).refused()).to.deep.equal([]);
  });

  it('refuse what they cannot read', async () => {
    const bench = new Bench().service('tokyo', 'mockb', ['x', 'y']).hit('tokyo', ['x']);
    const no = async () => {
      throw new Error('forbidden');
    };
    bench.clusters.tokyo.get = no;
    bench.clusters.osaka.list = no;
    const refused = (await bench.refused()).join('\n');
    expect(refused).to.contain('namespace default cannot be read: forbidden');
    expect(refused).to.contain('nobody can tell whether a pod is left to every service: forbidden');
  });

  it('refuse a context that is called production until it is named once more', async () => {
    const named = [
      'prod',
      'eks-prod-1',
      'arn:aws:eks:x:production',
      'LIVE',
      'shop.prd',
      'prod2',
      '1prod',
      'a_Prod_b',
      'pRod',
    ];
    const byCase = [
      ...['shopProd', 'eu1Prod', 'ProdShop', 'prodShop', 'shopLiveEu', 'ShopProduction', 'myPrd1'],
      ...['PRODshop', 'shopPROD', 'shopPRODeu', 'PRODShop', 'SHOPProd', 'EUprod', 'USliveEU', 'LIVEShop2'],
    ];
    for (const name of [...named, ...byCase]) {
      const bench = new Bench().enable('tokyo').hit('tokyo', ['x']);
      bench.context = (site) => (site === 'tokyo' ? name : 'prod-too-but-without-fault');
      expect(await bench.refused(), name).to.deep.equal([
        `cluster tokyo: context ${name} is protected by its name | If it is meant: --allow-protected ${name}`,
      ]);
      bench.allowProtected = ['other', name];
      expect(await bench.refused(), name).to.deep.equal([]);
    }
    const others = [
      ...['staging', 'product-search', 'delivery', 'alive', 'reproduce', 'oliveOil', 'productions', 'prods'],
      ...[
        'Product',
        'shopProduct',
        'ReProduce',
        'PRODUCT',
        'shopPRODUCT',
        'Olive',
        'Alive',
        'ALIVE',
        'Delivery',
        'shopProds',
      ],
      ...['ProductSearch', 'eu1Product', '1product', 'LIVERY', 'myOlive', 'Reproduce', 'reproduceProducts'],
    ];
    for (const name of others) {
      const bench = new Bench().enable('tokyo').hit('tokyo', ['x']);
      bench.context = () => name;
      expect(await bench.refused(), name).to.deep.equal([]);
    }
  });

  it('spare the sandbox and the lab, and nobody who only calls himself so from elsewhere', async () => {
    const bench = new Bench().hit('tokyo', ['x']);
    bench.uids = false;
    bench.context = () => 'prod';
    bench.version = 'v1.36.0+faultline-sandbox';
    expect(await bench.refused()).to.have.length(4);
    for (const server of [
      'http://127.0.0.1:1',
      'https://127.210.0.30:6443',
      'https://localhost:6443',
      'http://[::1]:1',
    ]) {
      bench.server = server;
      expect(await bench.refused(), server).to.deep.equal([]);
    }
    for (const server of [
      'https://127.0.0.1.evil.example',
      'https://127.evil.example',
      'nonsense',
      'https://10.0.0.1',
    ]) {
      bench.server = server;
      expect(await bench.refused(), server).to.have.length(4);
    }
  });

  it('ask the API for no more than they look at', () => {
    const bench = new Bench().hit('tokyo', ['x']);
    const needs = (site: Site) =>
      guardNeeds(bench.guarded(), bench.guarded().inputs.clusters.get(site) as OpenCluster).map(
        ({ verb, kind, name }) => `${verb} ${kind}${name === undefined ? '' : ` ${name}`}`,
      );
    const serving = ['list EndpointSlice', 'list Service', 'list Pod'];
    expect(needs('tokyo')).to.deep.equal(['get Namespace default', 'list Pod', ...serving]);
    expect(needs('osaka')).to.deep.equal(serving);
    bench.version = 'v1.36.0+faultline-lab';
    bench.server = 'https://127.210.0.30:6443';
    expect(needs('tokyo')).to.deep.equal(serving);
  });
});

describe('guards: how it ends', () => {
  const swapped = () => {
    const bench = new Bench().enable('tokyo');
    bench.kind.marks = [{}];
    return bench.fault('tokyo', { fault: 'swap' });
  };

  it('refuse a fault that stays on when the runner dies, unless a dead-man is there or somebody goes without by name', async () => {
    expect(await swapped().refused()).to.deep.equal([
      'nothing puts swap back when the runner dies: the targets file has no spec.deadMan | Add spec.deadMan to the targets ' +
        'file (docs/safety.md), or: --no-dead-man lets only recover undo it',
    ]);
    const waived = swapped();
    waived.noDeadMan = true;
    expect(await waived.refused()).to.deep.equal([]);
    expect(await waived.allowed()).to.deep.equal([
      'nothing puts swap back when the runner dies, as --no-dead-man says',
    ]);
    const armed = swapped();
    armed.deadMan = { image: 'i', serviceAccount: 's' };
    expect(await armed.refused()).to.deep.equal([]);
    armed.noDeadMan = true;
    expect(await armed.allowed()).to.have.length(1);
  });

  it('refuse one that no dead-man can undo, because it is undone on this machine only', async () => {
    const bench = new Bench().enable('tokyo');
    bench.deadMan = { image: 'i', serviceAccount: 's' };
    Object.assign(bench.kind, { marks: [{}], local: {} });
    expect(await bench.fault('tokyo', { fault: 'nlb' }).refused()).to.deep.equal([
      'nothing puts nlb back when the runner dies: it is undone on this machine only | --no-dead-man lets only recover undo it',
    ]);
    bench.noDeadMan = true;
    expect(await bench.refused()).to.deep.equal([]);
  });

  it('ask for no dead-man where the fault ends by itself, or marks nothing, or the sandbox ends it', async () => {
    const expiring = new Bench().enable('tokyo');
    expiring.kind.marks = [{}];
    expect(await expiring.fault('tokyo', { expiresMs: 900_000 }).refused()).to.deep.equal([]);
    expect(await new Bench().enable('tokyo').fault('tokyo', {}).refused()).to.deep.equal([]);
    const practice = swapped();
    practice.version = 'v1.36.0+faultline-sandbox';
    practice.server = 'https://127.0.0.1:6443';
    expect(await practice.refused()).to.deep.equal([]);
    expect(await practice.allowed()).to.include('not asked of the sandbox');
  });

  it('refuse a run that may last longer than an hour, unless the scenario says how long', async () => {
    const long = new Bench();
    long.phases = { baselineMs: 60_000, holdMs: 3_000_000, recoverMs: 600_000 };
    expect(await long.refused()).to.deep.equal([
      'the run may take up to 1h7m30s, its undo included; without a word of the scenario at most 1h | ' +
        'Shorten its phases, or: spec.allow.duration: 68m',
    ]);
    long.allow = { durationMs: 4_000_000 };
    expect(await long.refused()).to.deep.equal([
      'the run may take up to 1h7m30s, its undo included; by its spec.allow.duration at most 1h6m40s | ' +
        'Shorten its phases, or: spec.allow.duration: 68m',
    ]);
    long.allow = { durationMs: 4_080_000 };
    expect(await long.refused()).to.deep.equal([]);
    expect((await long.allowed()).join()).to.contain('as spec.allow.duration says');
  });
});

describe('guards: how much is hit', () => {
  const enabled = () => new Bench().enable('tokyo').enable('osaka');
  const lost = (service: string, pods: number) =>
    `the faults hit every ready pod of default/${service}, in all clusters (${pods}) | If an outage is meant: ` +
    `spec.allow.wholeServices: ["default/${service}"]`;
  /** Without what each fault has a part in it. */
  const refusedBy = async (bench: Bench) => (await bench.refused()).map((one) => one.replace(/: f .* \|/, ' |'));

  it('refuse to take a whole service, by all faults and over all clusters', async () => {
    const bench = enabled()
      .service('tokyo', 'mockb', ['x', 'y'])
      .service('osaka', 'mockb', ['z'])
      .hit('tokyo', ['x', 'y']);
    expect(await bench.refused()).to.deep.equal([]);
    expect(await refusedBy(bench.hit('osaka', ['z']))).to.deep.equal([lost('mockb', 3)]);
    bench.allow = { wholeServices: ['default/mocka'] };
    expect(await refusedBy(bench)).to.deep.equal([lost('mockb', 3)]);
    bench.allow = { wholeServices: ['default/mockb'] };
    expect(await bench.refused()).to.deep.equal([]);
    expect((await bench.allowed()).join()).to.contain('as spec.allow.wholeServices says');
  });

  it('count only pods that are ready, and only faults that take something', async () => {
    const bench = enabled().service('tokyo', 'mockb', ['x']).service('osaka', 'mockb', ['z'], false);
    expect(await refusedBy(bench.hit('tokyo', ['x']))).to.deep.equal([lost('mockb', 1)]);
    const idle = enabled().service('tokyo', 'mockb', ['x']).hit('tokyo', ['x'], { tolls: [] });
    expect(await idle.refused()).to.deep.equal([]);
  });

  it('count a pod most of whose requests fail, or come later than the load waits, as one that stops: from 90 % on, all faults together', async () => {
    const refused = (...tolls: Pick<Toll, 'share' | 'afterMs'>[]) => {
      const bench = enabled().service('tokyo', 'mockb', ['x']);
      for (const toll of tolls) bench.hit('tokyo', ['x'], { tolls: [{ to: { kind: 'affected' }, ...toll }] });
      return refusedBy(bench);
    };
    for (const share of [0.9, 0.999, 1]) expect(await refused({ share }), `${share}`).to.deep.equal([lost('mockb', 1)]);
    expect(await refused({ share: 0.899 })).to.deep.equal([]);
    expect(await refused({ share: 0.7 }, { share: 0.7 })).to.deep.equal([lost('mockb', 1)]);
    expect(await refused({ share: 0.6 }, { share: 0.6 })).to.deep.equal([]);
    expect(await refused({ share: 1, afterMs: 1_000 }), 'as long as the load waits').to.deep.equal([lost('mockb', 1)]);
    expect(await refused({ share: 1, afterMs: 999 })).to.deep.equal([]);
    expect(await refused({ share: 0.8, afterMs: 1_000 }, { share: 0.5 })).to.deep.equal([lost('mockb', 1)]);
    expect(await refused({ share: 1, afterMs: 600 }, { share: 0.9, afterMs: 400 })).to.deep.equal([lost('mockb', 1)]);
    expect(await refused({ share: 1, afterMs: 600 }, { share: 0.8, afterMs: 400 })).to.deep.equal([]);
  });

  it('say of a Service whose pods are some of another one that it may be nobody who calls it by its own name', async () => {
    const bench = enabled().service('tokyo', 'mockb', ['x', 'y']).service('tokyo', 'mockb-canary', ['x']);
    const [hint] = (await bench.hit('tokyo', ['x']).refused()).map((one) => one.split(' | ')[1]);
    expect(hint).to.equal(
      'Its pods are some of those of default/mockb, which keeps others; whether anybody calls default/mockb-canary by its own ' +
        'name, nobody can tell. If nobody does, or an outage is meant: spec.allow.wholeServices: ["default/mockb-canary"]',
    );
    const [all] = await bench.hit('tokyo', ['y']).refused();
    expect(all, 'the other is lost as well').to.contain('| If an outage is meant');
  });

  it('let pass a Service with none but the pods of one that is allowed by its name', async () => {
    const bench = enabled().service('tokyo', 'mockb', ['x', 'y']).service('tokyo', 'mockb-metrics', ['x', 'y']);
    bench.service('tokyo', 'mockb-canary', ['x']).hit('tokyo', ['x', 'y']);
    expect(await bench.refused()).to.have.length(3);
    bench.allow = { wholeServices: ['default/mockb'] };
    expect(await bench.refused()).to.deep.equal([]);
    expect((await bench.allowed()).filter((one) => one.includes('mockb-canary'))).to.deep.equal([
      'the faults hit every ready pod of default/mockb-canary, in all clusters (1): f takes 100 % of what 1 pod in tokyo is asked; all behind default/mockb, as spec.allow.wholeServices says',
    ]);
    bench.allow = { wholeServices: ['default/mockb-canary'] };
    expect(
      (await bench.refused()).map((one) => /default\/[\w-]+/.exec(one)?.[0]),
      'more than its own',
    ).to.deep.equal(['default/mockb', 'default/mockb-metrics']);
  });

  it('take the gateways of all zones for one service, and a Service of a single zone may go with it', async () => {
    const labels = { istio: 'ingressgateway' };
    const gateway = (name: string) => ({ ...KINDS.pod, metadata: { name, namespace: 'default', labels } });
    const bench = enabled()
      .add('tokyo', gateway('ga'))
      .add('tokyo', gateway('gb'))
      .service('tokyo', 'ingress-a', ['ga'])
      .service('tokyo', 'ingress-b', ['gb'])
      .hit('tokyo', ['ga']);
    expect(await bench.refused(), 'nobody has said that these are gateways').to.have.length(1);
    bench.gateways = [{ namespace: 'default', selector: labels }];
    expect(await bench.refused()).to.deep.equal([]);
    const [all] = await bench.hit('tokyo', ['gb']).refused();
    expect(all).to.contain('every ready pod of default/the gateways, in all clusters (2)');
    expect(all).to.contain('spec.allow.everyZone: true');
    bench.allow = { everyZone: true };
    expect(await bench.refused()).to.deep.equal([]);
  });

  it('refuse faults that together cut off every zone of every cluster, unless that is asked for', async () => {
    const cutting = (...places: readonly string[]) => {
      const bench = enabled();
      for (const place of places) bench.fault(place.split('/')[0] as Site, { cutsOff: [place.split('/')[1] ?? ''] });
      return bench;
    };
    for (const left of [['tokyo/a', 'osaka/a'], ['tokyo/a', 'tokyo/b'], ['tokyo/b']]) {
      expect(await cutting(...left).refused(), left.join()).to.deep.equal([]);
    }
    const whole = cutting('tokyo/a', 'tokyo/b', 'osaka/a');
    const [refused] = await whole.refused();
    expect(refused).to.contain('the faults cut off every zone of every cluster');
    expect(refused).to.contain('Leave a zone alone; if an outage is meant: spec.allow.everyZone: true');
    whole.allow = { everyZone: true };
    expect(await whole.refused()).to.deep.equal([]);
    const allowed = (await checkGuards(whole.guarded())).find(({ guard }) => guard === 'every zone')?.detail;
    expect(allowed).to.match(/nothing could take over, as spec\.allow\.everyZone says$/);
    const { topology, ...only } = cutting('osaka/a').guarded();
    const alone = { clusters: topology.clusters.filter(({ name }) => name === 'osaka') };
    const checks = await checkGuards({ ...only, topology: { ...topology, ...alone } });
    const detail = checks.find(({ guard, holds }) => guard === 'every zone' && !holds)?.detail;
    expect(detail, 'the only zone of the only cluster').to.contain('cut off every zone of every cluster');
  });

  it('refuse to change what GitOps owns, however it says so', async () => {
    const object = {
      cluster: 'tokyo',
      kind: 'Deployment',
      namespace: 'default',
      name: 'w',
      change: 'image',
      state: 'unknown',
    };
    const owned: Partial<KubeObject['metadata']>[] = [
      { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } },
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' } },
      { labels: { 'helm.toolkit.fluxcd.io/name': 'x' } },
      { managedFields: [{ manager: 'kubectl' }, { manager: 'argocd-controller' }] } as object,
      { managedFields: [{ manager: 'kustomize-controller' }] } as object,
    ];
    for (const metadata of owned) {
      const bench = enabled().fault('tokyo', { objects: [object] as unknown as FaultPlan['objects'] });
      bench.add('tokyo', { ...KINDS.deployment, metadata: { name: 'w', namespace: 'default', ...metadata } });
      const [refused] = await bench.refused();
      expect(refused, JSON.stringify(metadata)).to.contain('Deployment default/w is owned by GitOps');
      expect(refused).to.contain('kubectl --context staging-tokyo -n default get deployment w');
      bench.allow = { gitops: ['default/w'] };
      expect(await bench.refused()).to.deep.equal([]);
      expect((await bench.allowed()).join()).to.match(/w is owned by GitOps \(.+\), as spec\.allow\.gitops says/);
    }
    const own = enabled().fault('tokyo', { objects: [object] as unknown as FaultPlan['objects'] });
    own.add('tokyo', { ...KINDS.deployment, metadata: { name: 'w', namespace: 'default', labels: { app: 'argocd' } } });
    expect(await own.refused()).to.deep.equal([]);
    own.clusters.tokyo.before = ({ kind }) => {
      if (kind === 'Deployment') throw new Error('forbidden');
    };
    expect((await own.refused()).join()).to.contain('Deployment default/w cannot be read: forbidden');
  });
});
