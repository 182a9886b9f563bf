import { expect } from 'chai';
import { MESH_KINDS } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';
import { type Asked, type Site, WholeBench } from '../../testing/whole-bench.ts';
import { ejectionNeeds } from './ejections.ts';

type Fields = Asked[2];
const SITES: readonly Site[] = ['tokyo', 'osaka'];
const both = (fields: Fields): Asked[] =>
  SITES.map((site) => [site, 'meshFault', { selector: { app: 'mockb' }, ...fields }]);
const HALF = both({ percent: 0.5 });
const ALL = { consecutive5xxErrors: 5, maxEjectionPercent: 100 };

/** The system with a rule of one cluster. */
function ruled(spec: Json, namespace = 'default'): WholeBench {
  const bench = new WholeBench();
  bench.clusters.tokyo.add({ ...MESH_KINDS.destinationRules, metadata: { name: 'r', namespace }, spec });
  return bench;
}

const detecting = (outlierDetection: Json, host = 'mockb') => ruled({ host, trafficPolicy: { outlierDetection } });
const refused = (outlierDetection: Json, asked = HALF) => detecting(outlierDetection).refused(...asked);

describe('whole service: what callers eject', () => {
  it('is all of it where a part of the requests fails and every pod may be ejected', async () => {
    expect(await new WholeBench().refused(...HALF), 'without outlier detection').to.deep.equal([]);
    expect(await refused(ALL)).to.deep.equal(['default/mockb']);
    expect(await refused(ALL, HALF.slice(1)), 'of one cluster').to.deep.equal([]);
    const [told] = await detecting(ALL).rulings(HALF);
    expect(told).to.contain('the faults hit every ready pod of default/mockb, in all clusters (4)');
    expect(told).to.contain(
      'meshFault-1 and meshFault-2 may have outlier detection eject 2 pods in tokyo and 2 in osaka',
    );
  });

  it('is as many as a rule allows at once, beside what other faults take', async () => {
    expect(await refused({ ...ALL, maxEjectionPercent: 99 })).to.deep.equal([]);
    expect(await refused({}), '10 % of four is none').to.deep.equal([]);
    expect(await refused({ ...ALL, minHealthPercent: 50 }), 'panic').to.deep.equal([]);
    const gone: Asked = ['osaka', 'scale', { deployment: 'mockb' }];
    expect(await refused({ ...ALL, maxEjectionPercent: 50 }, [...HALF, gone])).to.deep.equal(['default/mockb']);
    expect(await refused({ ...ALL, maxEjectionPercent: 49 }, [...HALF, gone])).to.deep.equal([]);
  });

  it('is none where so many failures in a row are as good as impossible, or end nothing', async () => {
    expect(await refused(ALL, both({ percent: 0.1 }))).to.deep.equal(['default/mockb']);
    expect(await refused(ALL, both({ percent: 0.01 }))).to.deep.equal([]);
    expect(await refused({ ...ALL, consecutive5xxErrors: 2 }, both({ percent: 0.01 }))).to.deep.equal([
      'default/mockb',
    ]);
    const late = both({ percent: 0.5, status: undefined, delay: 1_000 });
    expect(await refused(ALL, late), 'late is no failure').to.deep.equal([]);
    expect(await refused(ALL, both({ percent: 0.5, port: 9_090 })), 'no port of the Service').to.deep.equal([]);
  });

  it('is of all requests where headers choose those that fail', async () => {
    const chosen = both({ headers: { 'x-drill': 'a' } });
    expect(await new WholeBench().refused(...chosen)).to.deep.equal([]);
    expect(await refused(ALL, chosen)).to.deep.equal(['default/mockb']);
    const [told] = await detecting(ALL).rulings(chosen);
    expect(told).to.not.contain('takes');
  });

  it('is by any rule for the host, wherever callers may have it from', async () => {
    const outlierDetection = ALL;
    const port = { portLevelSettings: [{ port: { number: 8_000 }, outlierDetection }] };
    const wide = { host: '*.default.svc.cluster.local', trafficPolicy: { outlierDetection } };
    expect(await ruled({ host: 'mockb', trafficPolicy: port }).refused(...HALF)).to.have.length(1);
    const subsets = [{ name: 'a', trafficPolicy: { outlierDetection } }];
    expect(await ruled({ host: 'mockb', subsets }).refused(...HALF)).to.have.length(1);
    expect(await ruled(wide, 'istio-system').refused(...HALF)).to.have.length(1);
    expect(await detecting(ALL, 'mocka').refused(...HALF), 'another host').to.deep.equal([]);
    expect(await ruled({ host: 'mockb', trafficPolicy: { outlierDetection } }, 'shop').refused(...HALF)).to.have.length(
      0,
    );
  });

  it('is asked of the API where a fault lets callers eject, and refused where nobody can tell', async () => {
    const bench = detecting(ALL);
    bench.clusters.osaka.before = ({ kind }) => {
      if (kind === 'DestinationRule') throw new Error('forbidden');
    };
    expect((await bench.rulings(HALF)).join()).to.contain(
      'nobody can tell whether a pod is left to every service: forbidden',
    );
    expect(await bench.rulings(both({ percent: 1 })), 'no need to ask').to.have.length(1);
    const inputs = { target: { observe: { namespaces: ['default'], gateways: [] } } };
    const needs = (ejects: number | undefined) => {
      const plan = { namespaces: ['shop'], tolls: [{ share: 0.5, ...(ejects === undefined ? {} : { ejects }) }] };
      const asked = { inputs, faults: [{ plan }] } as unknown as Parameters<typeof ejectionNeeds>[0];
      return ejectionNeeds(asked).map(({ kind, verb, namespace }) => `${verb} ${kind} ${namespace}`);
    };
    expect(needs(undefined)).to.deep.equal([]);
    expect(needs(0.5).sort()).to.deep.equal(
      ['default', 'istio-system', 'shop'].map((one) => `list DestinationRule ${one}`),
    );
  });
});
