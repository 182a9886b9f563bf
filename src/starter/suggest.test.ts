import { expect } from 'chai';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { FAULT_KINDS } from '../faults/index.ts';
import { Mesh } from '../lint/testing/mesh.ts';
import { ENGINE_KINDS } from '../load/engines.ts';
import { parseScenario, pathsOf, sampleNeeds, starterScenario } from '../scenario/index.ts';
import { suggest } from './suggest.ts';

const FIRST = 'ap-northeast-1a';

function suggested(mesh: Mesh, service?: string) {
  const { starter, notes } = suggest(mesh.system(), service);
  const parsed = parseScenario(starterScenario(starter), 'x.yaml', FAULT_KINDS, OBJECTIVES, ENGINE_KINDS);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  expect(parsed.warnings).to.deep.equal([]);
  return { starter, notes, scenario: parsed.value };
}

const refusal = (mesh: Mesh, service?: string): string => {
  try {
    suggest(mesh.system(), service);
    return 'suggested';
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    return `${message}; ${hint}`;
  }
};

describe('a scenario to start from, for a live mesh', () => {
  it('hits what a gateway leads to, in a zone that has another one beside it, by the order that the proxies have', () => {
    const http = '[{match: [{uri: {prefix: /mock}}], route: [{destination: {host: mocka, port: {number: 8000}}}]}]';
    const route = `spec: {hosts: [mock.test], gateways: [mock], http: ${http}}`;
    const mesh = new Mesh()
      .remove('VirtualService', 'mock')
      .apply(`{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: mock}, ${route}}`);
    const { starter, notes } = suggested(mesh);
    expect(starter).to.deep.include({
      service: 'mocka',
      zone: FIRST,
      services: { mocka: 'default/mocka' },
      ejects: true,
    });
    expect(starter.request).to.deep.equal({ method: 'GET', path: '/mock', host: 'mock.test' });
    expect(starter.order).to.deep.equal([{ zone: 'ap-northeast-1b' }, { region: 'cn-hangzhou' }]);
    expect(starter.fault).to.deep.include({ name: 'mocka-down', kind: 'imageSwap' });
    expect(notes).to.deep.equal([]);
  });

  it('hits the service that is asked for, and says what must be so for anybody to notice', () => {
    for (const name of ['mockb', 'default/mockb']) {
      const { starter, notes } = suggested(new Mesh(), name);
      expect(starter.service).to.equal('mockb');
      expect(notes.join()).to.contain('check that its answers need default/mockb');
    }
  });

  it('kills the pods of the zone where another image would not bite there alone', () => {
    const probe = { name: 'default', readinessProbe: { httpGet: { path: '/' } } };
    const probed = new Mesh();
    const edit = (spec: unknown): void => {
      for (const { deployments } of probed.beside) for (const one of deployments) Object.assign(one, { spec });
    };
    edit({ replicas: 1, template: { spec: { containers: [probe] } } });
    const { starter } = suggested(probed, 'mockb');
    expect(starter.fault.kind).to.equal('podKill');
    expect(starter.fault.block).to.deep.include({ deployment: 'mockb-ap-northeast-1a', zone: FIRST, percent: '100%' });
    expect(starter.ejects).to.equal(false);
    edit({ replicas: 4, template: { spec: { containers: [{ name: 'default' }] } } });
    expect(suggested(probed, 'mockb').starter.fault.kind).to.equal('podKill');
  });

  it('names pods of no Deployment by the labels that are their own', () => {
    const mesh = new Mesh();
    for (const beside of mesh.beside) beside.deployments = [];
    const { block } = suggested(mesh, 'mockb').starter.fault;
    expect(block).to.not.have.property('deployment');
    expect(block.selector).to.include({ app: 'mockb' }).and.to.not.have.any.keys('topology.kubernetes.io/zone');
  });

  it('asks for no order where the proxies have none, and says so', () => {
    const mesh = new Mesh();
    mesh.apply(
      '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb}}',
    );
    const { starter, notes, scenario } = suggested(mesh, 'mockb');
    expect(starter.order).to.deep.equal([]);
    expect(notes.join()).to.contain('no order of places');
    expect(scenario.expect.failoverOrder).to.deep.equal([]);
    expect(scenario.expect.ejections).to.deep.equal([]);
  });

  it('leaves the request to whoever knows it where no gateway has a route', () => {
    const mesh = new Mesh().remove('VirtualService', 'mock');
    const { starter, notes } = suggested(mesh, 'mockb');
    expect(starter.request).to.deep.equal({ method: 'GET', path: '/' });
    expect(notes.join()).to.contain('No gateway route was found');
  });

  it('asks for what can be shown and is there, through however few gateways the load comes', () => {
    for (const zones of [[FIRST], [FIRST, 'x'], [FIRST, 'x', 'y', 'z'], ['x']]) {
      for (const chain of [[], ['mocka']]) {
        const { starter } = suggested(new Mesh());
        const text = starterScenario({ ...starter, chain, gatewayZones: zones });
        const parsed = parseScenario(text, 'x.yaml', FAULT_KINDS, OBJECTIVES, ENGINE_KINDS);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
        const paths = pathsOf(zones.map((zone) => ({ zone, name: 'entry' })));
        const needs = sampleNeeds(parsed.value, OBJECTIVES, paths).filter(({ when }) => when === 'baseline');
        expect(needs.length, zones.join()).to.be.above(0);
        for (const { available, needed } of needs) expect(available, zones.join()).to.be.at.least(needed);
        expect(parsed.value.expect.unaffected === undefined, zones.join()).to.equal(zones.join() === FIRST);
      }
    }
  });

  it('refuses what is not there, what is there more than once, and what nobody calls from its own zone', () => {
    expect(refusal(new Mesh(), 'shop')).to.match(/no Service shop .*default\/mocka, default\/mockb/);
    const twice = new Mesh();
    const [like] = twice.clusters[0]?.services ?? [];
    const other = { ...like, metadata: { ...like?.metadata, namespace: 'shop' } } as never;
    for (const cluster of twice.clusters) cluster.services = [...cluster.services, other];
    twice.edit('mocka', (pod) => {
      pod.services = [...pod.services, { service: `shop/${like?.metadata.name}`, ports: { http: 8000 } }];
    });
    expect(refusal(twice, like?.metadata.name)).to.contain('several Services').and.to.contain('shop/');
    const nowhere = new Mesh().edit('', (pod) => {
      pod.locality = { region: '', zone: pod.name, subzone: '' };
    });
    expect(refusal(nowhere)).to.contain('no caller of default/mocka');
  });
});
