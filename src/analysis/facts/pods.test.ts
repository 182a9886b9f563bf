import { expect } from 'chai';
import fc from 'fast-check';
import type { HistoryEvent } from '../../model/history.ts';
import { HistoryBuilder } from '../testing/history-builder.ts';
import { endpointsOf, faultOn, headerOf } from '../testing/world.ts';
import { readFacts } from '../timeline/history.ts';
import { Pods } from './pods.ts';

const FAULT = faultOn('north-a');
const RUN = headerOf({
  rate: 10,
  timeoutMs: 2000,
  latencyMs: 1000,
  faults: [FAULT],
  durations: { baselineMs: 0, holdMs: 0, recoverMs: 0 },
  expect: { steadyState: { goodAtLeast: 0.9 }, failoverOrder: [], ejections: [] },
});

function podsOf(history: readonly HistoryEvent[]): Pods {
  return new Pods(readFacts(history));
}

/** Observations of tokyo at these times. */
function observedAt(times: readonly number[]): Pods {
  const history = new HistoryBuilder().at(0, { type: 'run-start', run: RUN });
  for (const t of times) history.at(t, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo') });
  return podsOf(history.build());
}

describe('analysis: pods', () => {
  it('a span is quiet when it holds none of the changes', () => {
    const time = fc.nat(50);
    fc.assert(
      fc.property(fc.array(time), time, time, (times, start, end) => {
        const pods = observedAt(times);
        expect(pods.isQuiet(start, end)).to.equal(pods.changes(start, end).length === 0);
      }),
    );
  });

  it('behind a service whose Kubernetes Services are called otherwise are known from what answers print', () => {
    const endpoints = endpointsOf('tokyo').map((endpoint) => ({ ...endpoint, service: `svc-of-${endpoint.service}` }));
    const pods = podsOf(
      new HistoryBuilder()
        .at(0, { type: 'run-start', run: RUN })
        .at(1, { type: 'endpoints', cluster: 'tokyo', endpoints })
        .build(),
    );
    const [hit] = FAULT.affected;
    expect(hit && pods.serviceOf(hit)).to.equal(undefined);
    for (const { service, zone, ip } of endpointsOf('tokyo')) pods.see({ service, zone, ip });
    expect(hit && pods.serviceOf(hit)).to.equal('mockb');
    expect(pods.behind('mockb', 2)).to.have.length(6);
    expect(pods.behind('mockb', 0)).to.equal(undefined);
  });

  it('behind a stated Service are its own, whatever others print or are called', () => {
    const own = endpointsOf('tokyo').map((endpoint) => ({ ...endpoint, service: `shop-${endpoint.service}` }));
    const others = endpointsOf('tokyo').map((endpoint) => ({
      ...endpoint,
      namespace: 'another',
      ip: `9${endpoint.ip}`,
    }));
    const services = { mockb: 'default/shop-mockb' };
    const pods = podsOf(
      new HistoryBuilder()
        .at(0, { type: 'run-start', run: { ...RUN, scenario: { ...RUN.scenario, services } } })
        .at(1, { type: 'endpoints', cluster: 'tokyo', endpoints: [...own, ...others] })
        .build(),
    );
    const [hit] = FAULT.affected;
    expect(hit && pods.serviceOf(hit)).to.equal('mockb');
    for (const { service, zone, ip } of others) pods.see({ service, zone, ip });
    expect(pods.behind('mockb', 2)?.map(({ namespace }) => namespace)).to.deep.equal(Array(6).fill('default'));
    expect(pods.namesOf('mockb')).to.deep.equal(['mockb']);
    const stranger = hit && { ...hit, namespace: 'another', ip: `9${hit.ip}` };
    expect(stranger && pods.serviceOf(stranger)).to.equal(undefined);
  });

  it('of one address in two clusters are told apart by their zones', () => {
    const [hit] = FAULT.affected;
    const pods = observedAt([1]);
    pods.see({ service: 'mocka', zone: 'south-h', ip: hit?.ip ?? '' });
    expect(hit && pods.serviceOf(hit)).to.equal('mockb');
  });

  it('behind a name that two namespaces have are those of the one that answered, or was hit, or else nobody knows', () => {
    const inTwo = endpointsOf('tokyo').map((endpoint) =>
      endpoint.zone === 'north-b' ? { ...endpoint, namespace: 'another' } : endpoint,
    );
    const pods = podsOf(
      new HistoryBuilder()
        .at(0, { type: 'run-start', run: RUN })
        .at(1, { type: 'endpoints', cluster: 'tokyo', endpoints: inTwo })
        .build(),
    );
    const zonesOf = (service: string) => pods.behind(service, 2)?.map(({ zone }) => zone);
    expect(zonesOf('mockb')).to.have.members(['north-a', 'north-a', 'north-c', 'north-c']);
    expect(zonesOf('mockc')).to.equal(undefined);
    const [answering] = inTwo.filter(({ service, zone }) => service === 'mockc' && zone === 'north-b');
    pods.see({ service: 'mockc', zone: 'north-b', ip: answering?.ip ?? '' });
    expect(zonesOf('mockc')).to.deep.equal(['north-b', 'north-b']);
  });

  it('that were restarted are hit under their old address only: one of a StatefulSet comes back under its name', () => {
    for (const signature of ['restarts', 'stops-serving'] as const) {
      const [hit] = FAULT.affected;
      const history = new HistoryBuilder()
        .at(0, { type: 'run-start', run: { ...RUN, faults: [{ ...FAULT, signature, affected: hit ? [hit] : [] }] } })
        .at(1, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo') })
        .at(2, { type: 'fault', fault: FAULT.name, step: 'requested' })
        .build();
      const facts = readFacts(history);
      const isHit = new Pods(facts).hitBy(facts.faults);
      const [own] = endpointsOf('tokyo').filter(({ pod }) => pod === hit?.pod);
      expect(own && isHit(own), `${signature}, as it was`).to.equal(true);
      expect(own && isHit({ ...own, ip: '10.9.9.9' }), signature).to.equal(signature === 'stops-serving');
    }
  });
});
