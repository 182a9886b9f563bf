import { expect } from 'chai';
import type { FaultContext, FaultKind, FaultPlan } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import { clientFault } from '../client-fault/index.ts';
import { controlPlaneDown } from '../control-plane-down/index.ts';
import { manifest } from '../manifest/index.ts';
import { meshFault } from '../mesh-fault/index.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { filtersOf } from '../testing/fake-istiod.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf } from '../testing/steps.ts';

const ANY = { selector: { app: 'mockb' } };
const FILTER: FaultBlock = {
  object: {
    apiVersion: KINDS.envoyFilter.apiVersion,
    kind: 'EnvoyFilter',
    metadata: { name: 'own', namespace: 'default' },
  },
  hits: { app: 'mockb' },
  effect: 'degrades',
};

/** Tokyo, whose istiod serves Hangzhou. Pods of the two have the same names. */
function two(): { tokyo: FakeCluster; hangzhou: FakeCluster; context: FaultContext } {
  const tokyo = fakeSystem();
  const hangzhou = Object.assign(fakeSystem(), { name: 'hangzhou', configuredBy: 'tokyo' });
  hangzhou.proxyAdmin = ({ namespace, pod }) => ({
    get: async () => {
      const found = hangzhou
        .all(KINDS.pod)
        .find(({ metadata }) => metadata.namespace === namespace && metadata.name === pod);
      return JSON.stringify(filtersOf(tokyo.all(KINDS.envoyFilter), found));
    },
  });
  return { tokyo, hangzhou, context: { ...fakeContext(tokyo), served: [hangzhou] } };
}

function plan(kind: FaultKind, context: FaultContext, fields: FaultBlock = {}): Promise<FaultPlan> {
  const spec = { ...blockOf(kind), ...fields, cluster: context.cluster.name };
  return kind.plan({ name: 'broken', spec }, context);
}

const clustersOf = ({ affected }: FaultPlan): string[] => affected.map(({ cluster }) => cluster).sort();

describe('mesh configuration that a fault writes where another cluster configures the proxies', () => {
  const remote = () => fakeContext(two().hangzhou);
  const refusals: readonly [FaultKind, FaultBlock, string][] = [
    [meshFault, {}, 'meshFault broken would write mesh configuration (EnvoyFilter) that nobody reads'],
    [clientFault, {}, 'clientFault broken would write mesh configuration (VirtualService) that nobody reads'],
    [manifest, FILTER, 'manifest broken would write mesh configuration (EnvoyFilter) that nobody reads'],
  ];
  for (const [kind, fields, said] of refusals) {
    it(`is refused, of a ${kind.kind}, with what to write instead`, async () => {
      expect(await errorOf(plan(kind, remote(), fields))).to.equal(
        `FAULT_NO_TARGET: cluster hangzhou: ${said}: proxies of hangzhou are configured by tokyo ` +
          '(Write cluster: tokyo. There it hits the pods of all clusters that tokyo configures, by their labels.)',
      );
    });
  }

  it('is no matter of other objects, nor of workloads that every istiod reads', async () => {
    const of = (apiVersion: string, kind: string): FaultBlock => ({
      ...FILTER,
      object: { apiVersion, kind, metadata: { name: 'own', namespace: 'default' } },
    });
    for (const [apiVersion = '', kind = ''] of [
      ['chaos-mesh.org/v1alpha1', 'NetworkChaos'],
      ['networking.istio.io/v1', 'WorkloadEntry'],
    ]) {
      expect((await plan(manifest, remote(), of(apiVersion, kind))).affected, kind).to.have.length(2);
    }
    for (const apiVersion of ['security.istio.io/v1', 'telemetry.istio.io/v1', 'gateway.networking.k8s.io/v1']) {
      expect(await errorOf(plan(manifest, remote(), of(apiVersion, 'Any'))), apiVersion).to.contain('nobody reads');
    }
  });
});

describe('mesh configuration that a fault writes where the proxies of two clusters read it', () => {
  it('hits the pods of both, and the plan counts them and says so', async () => {
    const kinds: readonly [FaultKind, FaultBlock, number][] = [
      [meshFault, ANY, 2],
      [clientFault, {}, 1],
      [manifest, FILTER, 2],
    ];
    for (const [kind, fields, each] of kinds) {
      const made = await plan(kind, two().context, fields);
      expect(clustersOf(made), kind.kind).to.deep.equal([
        ...Array(each).fill('hangzhou'),
        ...Array(each).fill('tokyo'),
      ]);
      expect(made.summary).to.contain(`${2 * each} pods (${each} of tokyo, ${each} of hangzhou)`);
      expect(made.warnings[0]).to.contain('configures the proxies of tokyo, hangzhou');
      expect(made.objects.map(({ cluster }) => cluster)).to.deep.equal(['tokyo', 'tokyo']);
    }
  });

  it('hits no other cluster where it is no configuration', async () => {
    const made = await plan(manifest, two().context, { hits: { app: 'mockb' } });
    expect([clustersOf(made), made.warnings.join().includes('hangzhou')]).to.deep.equal([['tokyo', 'tokyo'], false]);
  });

  it('may be of pods of the other cluster alone, and leaves out those there that have no sidecar', async () => {
    const { tokyo, hangzhou, context } = two();
    for (const { metadata } of tokyo.all(KINDS.pod)) tokyo.objects.delete(`Pod default/${metadata.name}`);
    expect(clustersOf(await plan(meshFault, context, ANY))).to.deep.equal(['hangzhou', 'hangzhou']);
    const [bare] = hangzhou.all(KINDS.pod).filter(({ metadata }) => metadata.labels?.app === 'mockb');
    if (bare === undefined) throw new Error('there is one');
    delete bare.metadata.annotations;
    expect(clustersOf(await plan(meshFault, context, ANY))).to.deep.equal(['hangzhou']);
    hangzhou.objects.clear();
    expect(await errorOf(plan(meshFault, context, ANY))).to.contain('matches no pod in default');
  });

  it('is proven when the proxies of both have it, and undone when they have let go', async () => {
    const { tokyo, hangzhou, context } = two();
    const made = await plan(meshFault, context, ANY);
    await meshFault.inject(made, context);
    const proof = await meshFault.prove(made, context);
    expect([proof.proven, proof.affected?.map(({ cluster }) => cluster).sort()]).to.deep.equal([
      true,
      clustersOf(made),
    ]);
    const { proxyAdmin } = hangzhou;
    hangzhou.proxyAdmin = () => ({ get: async () => '[]' });
    expect((await meshFault.prove(made, context)).detail).to.contain('not all proxies have it');
    const name = JSON.stringify(`faultline.${made.runId}.broken`);
    hangzhou.proxyAdmin = () => ({ get: async () => name });
    expect((await meshFault.undo(made, context)).detail).to.match(/still on in the proxies of \S+ of hangzhou/);
    hangzhou.proxyAdmin = proxyAdmin;
    expect((await meshFault.undo(made, context)).detail).to.contain('have let go of it');
    expect(tokyo.all(KINDS.envoyFilter)).to.deep.equal([]);
  });
});

describe('an istiod that serves two clusters', () => {
  const OWN = { namespace: 'default', deployment: 'mockb-ap-northeast-1a' };

  it('is taken away from both, and the plan says so', async () => {
    expect((await plan(controlPlaneDown, two().context, OWN)).warnings.join()).to.contain(
      'This istiod also serves the proxies of hangzhou',
    );
    expect((await plan(controlPlaneDown, fakeContext(two().tokyo), OWN)).warnings.join()).to.not.contain('also serves');
  });

  it('is nowhere to be found in the one that has none', async () => {
    expect(await errorOf(plan(controlPlaneDown, fakeContext(two().hangzhou), OWN))).to.equal(
      'FAULT_NO_TARGET: cluster hangzhou has no istiod of its own: its proxies are served by that of tokyo (Write cluster: tokyo.)',
    );
  });
});
