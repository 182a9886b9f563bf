import { expect } from 'chai';
import fc from 'fast-check';
import { readMetrics } from './metrics.ts';

/** As k6 v2.2 answers on /v1/metrics. */
const METRICS = `{"data":[
{"type":"metrics","id":"dropped_iterations{scenario:lane0}","attributes":{"type":"counter","contains":"default","tainted":false,"sample":{"count":132,"rate":51.743396368989}}},
{"type":"metrics","id":"dropped_iterations","attributes":{"type":"counter","contains":"default","tainted":null,"sample":{"count":140,"rate":54.879359785291364}}},
{"type":"metrics","id":"dropped_iterations{scenario:lane1}","attributes":{"type":"counter","contains":"default","tainted":null,"sample":{"count":8,"rate":3.135963416302364}}},
{"type":"metrics","id":"iteration_duration","attributes":{"type":"trend","contains":"time","tainted":null,"sample":{"avg":16.58,"max":50.28,"med":14.97,"min":14.07,"p(90)":21.03,"p(95)":25.95}}},
{"type":"metrics","id":"iterations","attributes":{"type":"counter","contains":"default","tainted":null,"sample":{"count":373,"rate":146.2142942850977}}},
{"type":"metrics","id":"vus","attributes":{"type":"gauge","contains":"default","tainted":null,"sample":{"value":2}}}]}`;

const iterations = (sample: unknown) => JSON.stringify({ data: [{ id: 'iterations', attributes: { sample } }] });

describe('load/k6/records/metrics: what the REST interface of k6 says', () => {
  it('reads how long k6 has been running, and the drops of each scenario', () => {
    const { elapsed, drops } = readMetrics(METRICS, ['lane0', 'lane1', 'lane2']);
    expect(elapsed).to.be.closeTo(2_551_050, 1);
    expect(drops).to.deep.equal([132, 8, 0]);
  });

  it('does not know how long before an iteration has ended', () => {
    expect(readMetrics(iterations({ count: 0, rate: 0 }), []).elapsed).to.equal(undefined);
    expect(readMetrics(iterations({ count: 10, rate: 4 }), []).elapsed).to.equal(2_500_000);
  });

  it('finds nothing in what is no answer of k6', () => {
    const nothing = { elapsed: undefined, drops: [0] };
    const odd = ['', 'x', 'null', '7', '{}', '{"data":7}', '{"data":[null,7,{}]}', '{"data":[{"id":"iterations"}]}'];
    const samples = [null, 7, { count: 'x', rate: 'y' }, { count: 5 }, { count: {}, rate: 1 }].map(iterations);
    const drops = JSON.stringify({
      data: [{ id: 'dropped_iterations{scenario:lane0}', attributes: { sample: { count: 'many' } } }],
    });
    for (const text of [...odd, ...samples, drops]) expect(readMetrics(text, ['lane0']), text).to.deep.equal(nothing);
  });

  it('property: whatever JSON comes, there are finite numbers or none', () => {
    const METRIC = fc.record({
      id: fc.constantFrom('iterations', 'dropped_iterations{scenario:lane0}'),
      attributes: fc.oneof(
        fc.jsonValue(),
        fc.record({ sample: fc.record({ count: fc.jsonValue(), rate: fc.jsonValue() }) }),
      ),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), METRIC)), (data) => {
        const { elapsed, drops } = readMetrics(JSON.stringify({ data }), ['lane0']);
        expect(elapsed === undefined || Number.isFinite(elapsed)).to.equal(true);
        expect(drops.every((count) => Number.isFinite(count))).to.equal(true);
      }),
    );
  });
});
