import { expect } from 'chai';
import { FakeCluster } from '../../faults/testing/fake-cluster.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { Bench, type Site } from '../testing/guard-bench.ts';
import type { OpenCluster } from '../wiring.ts';
import { controlPlane } from './control-plane.ts';

const WRITES = { ...KINDS.envoyFilter, verb: 'create', namespace: 'default' };
const LEAVE = 'a namespace there is annotated topology.istio.io/controlPlaneClusters';

/** A target of tokyo and osaka with a fault in tokyo that an istiod reads. */
function bench(): Bench {
  return new Bench().fault('tokyo', { permissions: [WRITES] });
}

function istiod(id?: string, namespace = 'istio-system'): KubeObject {
  const env = id === undefined ? [] : [{ name: 'CLUSTER_ID', value: id }];
  const metadata = { name: 'istiod-1', namespace, labels: { app: 'istiod', 'istio.io/rev': 'canary' } };
  return { ...KINDS.pod, metadata, spec: { containers: [{ name: 'discovery', env }] } };
}

function lets(allowed: string, namespace = 'istio-system'): KubeObject {
  const annotations = { 'topology.istio.io/controlPlaneClusters': allowed };
  return { ...KINDS.namespace, metadata: { name: namespace, annotations } };
}

function pod(...env: { name: string; value: string }[]): KubeObject {
  const containers = [{ name: 'app' }, { name: 'istio-proxy', env }];
  return { ...KINDS.pod, metadata: { name: 'x', namespace: 'default' }, spec: { containers } };
}

/** What the guard says: refusals with what to do. */
async function said(of: Bench): Promise<string[]> {
  const rulings = await controlPlane.check(of.guarded());
  return rulings.map(({ refused, detail, hint }) => (refused ? `REFUSED ${detail} | ${hint}` : detail));
}

async function refusals(of: Bench): Promise<string[]> {
  return (await said(of)).flatMap((one) => /^REFUSED .* \| (.*)$/.exec(one)?.[1] ?? []);
}

function configured(of: Bench, site: Site, configuredBy: string): Bench {
  Object.assign(of.clusters[site], { configuredBy });
  return of;
}

describe('guards: a fault by an istiod that may serve another cluster', () => {
  it('is refused where that cluster lets it in and the targets file says nothing, with the line that is missing', async () => {
    expect(await said(bench().add('tokyo', istiod()).add('osaka', lets('tokyo')))).to.deep.equal([
      `REFUSED cluster osaka: no istiod is seen, and ${LEAVE}: tokyo: the targets file does not say whose istiod serves its proxies, which may be hit by f as well | ` +
        'Write in the targets file, at cluster osaka: configuredBy: tokyo',
    ]);
  });

  it('is refused among all that is asked before a run', async () => {
    const of = bench().enable('tokyo').add('tokyo', istiod()).add('osaka', lets('tokyo'));
    expect((await of.refused()).join()).to.match(/^cluster osaka: no istiod is seen.*configuredBy: tokyo$/);
  });

  it('is refused by the id that its istiod has, or may have', async () => {
    const line = ['Write in the targets file, at cluster osaka: configuredBy: tokyo'];
    for (const [allowed, id] of [
      ['east', 'east'],
      ['west, east', 'east'],
      ['*', 'east'],
      ['east', undefined],
    ] as const) {
      const found = await refusals(bench().add('tokyo', istiod(id)).add('osaka', lets(allowed)));
      expect(found, `${allowed} ${id}`).to.deep.equal(line);
    }
  });

  it('is refused where it is written to the other one, and where istiod is taken away', async () => {
    const osaka = new Bench().fault('osaka', { permissions: [WRITES] });
    expect(await refusals(osaka.add('tokyo', istiod()).add('osaka', lets('tokyo')))).to.have.length(1);
    const down = new Bench().fault('tokyo', {});
    const [fault] = down.faults;
    Object.assign(fault ?? {}, { spec: { move: { kind: 'deaf', cluster: 'tokyo' } } });
    expect(await refusals(down.add('tokyo', istiod()).add('osaka', lets('tokyo')))).to.have.length(1);
  });

  it('is refused where one outside may serve both of them, until one is said to be where that reads', async () => {
    const both = () => bench().add('tokyo', lets('hub')).add('osaka', lets('hub'));
    expect(await refusals(both())).to.deep.equal([
      'Write in the targets file, at cluster tokyo: configuredBy: osaka',
      'Write in the targets file, at cluster osaka: configuredBy: tokyo',
    ]);
    expect(await said(configured(both(), 'osaka', 'tokyo'))).to.deep.equal([]);
  });

  it('is refused where the sidecars say that istiod is in another namespace, and that lets one in', async () => {
    const ca = { name: 'CA_ADDR', value: 'istiod.mesh.svc:15012' };
    const of = () => bench().add('tokyo', istiod()).add('osaka', lets('tokyo', 'mesh'));
    expect(await refusals(of().add('osaka', pod(ca)))).to.have.length(1);
    expect(await refusals(of())).to.deep.equal([]);
    expect(await said(of().add('osaka', pod(ca)).add('osaka', istiod('b', 'mesh'))), 'its own').to.deep.equal([]);
  });

  it('is not, where the targets file says it, each has its own, or there is no mesh', async () => {
    const one = () => bench().add('tokyo', istiod()).add('osaka', lets('tokyo'));
    expect(await said(configured(one(), 'osaka', 'tokyo'))).to.deep.equal([]);
    expect(await said(one().add('osaka', istiod()))).to.deep.equal([]);
    expect(await said(bench().add('tokyo', istiod()))).to.deep.equal([]);
    expect(await said(bench())).to.deep.equal([]);
  });

  it('is not, where others are said to be configured by a cluster without an istiod that is seen', async () => {
    const of = bench().add('tokyo', lets('hub')).add('osaka', lets('hub'));
    const nagoya = Object.assign(new FakeCluster(), { name: 'nagoya' });
    nagoya.add(istiod());
    const beside = async () => {
      const guarded = of.guarded();
      const clusters = new Map([...guarded.inputs.clusters, ['nagoya', { cluster: nagoya } as unknown as OpenCluster]]);
      const rulings = await controlPlane.check({ ...guarded, inputs: { ...guarded.inputs, clusters } });
      return rulings.map(({ hint = '' }) => hint.slice(-'configuredBy: nagoya'.length));
    };
    expect(await beside()).to.deep.equal(['configuredBy: nagoya', 'configuredBy: nagoya']);
    configured(of, 'osaka', 'tokyo');
    expect(await beside()).to.deep.equal([]);
  });

  it('is not, and it is said, where a control plane is not seen and nothing tells of another cluster', async () => {
    const unseen = 'cluster osaka: no istiod is seen';
    const [managed = ''] = await said(bench().add('tokyo', istiod()).add('osaka', pod()));
    expect(managed).to.equal(
      `${unseen}, as of a managed one: if that of another cluster of the target serves its proxies, the targets file must say so (configuredBy)`,
    );
    const [outside = ''] = await said(bench().add('tokyo', istiod('east')).add('osaka', lets('hub')));
    expect(outside).to.equal(`${unseen}, and ${LEAVE}: hub, which is no cluster of the target`);
  });

  it('is told where it cannot be read, and refused all the same by what is', async () => {
    const closed = (kind: string) => {
      const of = bench().add('tokyo', istiod()).add('osaka', lets('tokyo'));
      of.clusters.osaka.before = (request) => {
        if (request.kind === kind && [request.namespace, request.name].includes('istio-system')) throw new Error('403');
      };
      return of;
    };
    expect(await said(closed('Namespace'))).to.deep.equal([
      'cluster osaka: whose istiod serves its proxies cannot be told; not read: 403',
    ]);
    expect((await said(closed('Pod'))).join()).to.match(/^REFUSED .*: tokyo; not read: 403: the targets file/);
  });

  it('is refused where the one that it may be cannot be looked into', async () => {
    const of = bench().add('tokyo', istiod()).add('osaka', lets('east'));
    of.clusters.tokyo.before = () => {
      throw new Error('403');
    };
    expect(await refusals(of)).to.deep.equal(['Write in the targets file, at cluster osaka: configuredBy: tokyo']);
  });

  it('is said of all managed ones at once', async () => {
    const [all = '', ...more] = await said(bench().add('tokyo', pod()).add('osaka', pod()));
    expect([all, more]).to.deep.equal([
      'clusters tokyo, osaka: no istiod is seen, as of a managed one: if that of another cluster of the target serves its proxies, the targets file must say so (configuredBy)',
      [],
    ]);
  });

  it('is the only fault that is asked', async () => {
    const other = new Bench().fault('tokyo', {}).add('tokyo', istiod()).add('osaka', lets('tokyo'));
    expect(await said(other)).to.deep.equal([]);
    expect(other.clusters.osaka.requests).to.equal(0);
  });
});
