import { expect } from 'chai';
import fc from 'fast-check';
import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { lowerLimit, PASS_RISK } from '../stats/index.ts';
import { adviseSamples, assumedPaths, pathsOf as pathsWith, sampleNeeds } from './samples.ts';

/** One path of the request entry through each zone. */
const pathsOf = (zones: readonly string[]) => pathsWith(zones.map((zone) => ({ zone, name: 'entry' })));

import { accepted, edited, FULL, LEAST, parse } from './testing/fixtures.ts';

const FOUR = pathsOf(['zone-a', 'zone-b', 'zone-h', 'zone-k']);

/** The warnings of a scenario: place, message and hint. */
function advice(text: string, paths = FOUR): string[] {
  return adviseSamples(accepted(parse(text)), OBJECTIVES, paths).map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}; ${hint}`,
  );
}

/** A scenario with 50 requests/s, a baseline, and a share of good requests that it asks for. */
function steady(baseline: string, share: string): string {
  const text = edited(LEAST, 'baseline: 1s', `baseline: ${baseline}`);
  return edited(text, '{steadyState: {}}', `{steadyState: {good: ">= ${share}"}}`);
}

function order(hold: string, share: string): string {
  const clause = `failoverOrder: {service: mockb, from: {zone: zone-a}, order: [{zone: zone-b, share: ${share}}]}`;
  const text = edited(steady('60s', '90%'), 'hold: 1s', `hold: ${hold}`);
  return edited(edited(text, '"}}', `"}, ${clause}}`), 'rate: 50/s', 'rate: 50/s, good: {chain: [mockb], latency: 1s}');
}

describe('scenario: samples', () => {
  it('counts each path at its own rate', () => {
    const text = edited(
      edited(FULL, 'request: {path: /other}', 'request: {path: /other}\n        rate: 5/s'),
      '50/s',
      '10/s',
    );
    const scenario = accepted(parse(text));
    const perSecond = (paths: Parameters<typeof sampleNeeds>[2]) =>
      sampleNeeds(scenario, OBJECTIVES, paths)[0]?.perSecond;
    expect(perSecond(assumedPaths(scenario, 4))).to.equal(4 * 10 + 2 * 5);
    const known = [
      { zone: 'zone-a', name: 'entry' },
      { zone: 'zone-a', name: 'other' },
      { zone: 'zone-b', name: 'other' },
    ];
    expect(perSecond(pathsWith(known))).to.equal(20);
    const [good, , failover] = sampleNeeds(scenario, OBJECTIVES, pathsWith(known));
    // One request in ten seconds less the second of a good latency; and those of one zone alone.
    expect(good?.available).to.equal(9 * 20);
    expect(failover?.perSecond).to.equal(15);
  });

  it('says what a share of the baseline needs, has, and what would do', () => {
    expect(advice(steady('10s', '99.9%'))).to.deep.equal([
      '9:32 steadyState.good >= 99.9% needs 3688 requests; 4 paths send 1600 in the baseline; write `baseline: 21s`, or `rate: 116/s`, or `">= 99.7%"`',
    ]);
    expect(advice(steady('21s', '99.9%'))).to.deep.equal([]);
    expect(advice(edited(steady('10s', '99.9%'), 'rate: 50/s', 'rate: 116/s'))).to.deep.equal([]);
    expect(advice(steady('10s', '99.7%'))).to.deep.equal([]);
  });

  it('counts the paths that there are', () => {
    expect(advice(steady('6s', '99%'))).to.deep.equal([]);
    expect(advice(steady('6s', '99%'), pathsOf(['zone-a']))[0]).to.contain('needs 368 requests; 1 path sends 200');
    const full = accepted(parse(FULL));
    expect(assumedPaths(full, 4)).to.deep.equal({
      zones: ['zone-a', 'zone-b'],
      names: ['other', 'other'],
      assumed: 4,
      requests: 1,
    });
    const [good, sameZone, failover] = sampleNeeds(full, OBJECTIVES, assumedPaths(full, 4));
    expect([good?.paths, sameZone?.paths, failover?.paths]).to.deep.equal([6, 6, 2]);
    expect([good?.available, failover?.available]).to.deep.equal([2700, 1900]);
    expect([good?.needed, sameZone?.needed, failover?.needed]).to.deep.equal([183, 122, 368]);
  });

  it('counts for an order only what enters in the zone of its callers, after the mesh has settled', () => {
    expect(advice(order('9s', '99%'))).to.deep.equal([]);
    expect(advice(order('8s', '99%'))).to.deep.equal([
      '9:127 failoverOrder of mockb from zone-a >= 99% needs 368 requests; 1 path sends 350 in the hold after the recovery; write `hold: 9s`, or `rate: 53/s`, or `">= 98.9%"`',
    ]);
    const listed = order('8s', '99%').replace(/failoverOrder: (\{.*?\]\})/, 'failoverOrder: [$1]');
    expect(advice(listed)[0]).to.match(/^9:128 /);
    const elsewhere = advice(order('30s', '60%'), pathsOf(['zone-b']));
    expect(elsewhere[0]).to.contain('needs 20 requests; 0 paths send 0').and.to.contain('name the zone of a path');
  });

  it('leaves room for a recovery that takes as long as it may', () => {
    const text = edited(order('8s', '99%'), '{steadyState', '{recoveryTime: {within: 5s}, steadyState');
    const [warning = ''] = advice(text);
    expect(warning).to.contain('`hold: 14s`').and.to.contain('`rate: 184/s`');
  });

  it('counts a quantile of the latency as the share that it is, of its own request and phase', () => {
    const promise = (clause: string): string[] =>
      advice(edited(steady('60s', '90%'), '"}}', `"}, latency: ${clause}}`)).filter((line) => line.includes('latency'));
    expect(promise('{p95: "<= 1s", p99: "<= 1s", phase: recover}')[0]).to.match(
      /^\d+:\d+ latency of all requests within 1s >= 95% needs 72 requests; 4 paths send 0 in the recover phase; write `recover: \d+s`$/,
    );
    expect(promise('[{path: entry, phase: baseline, p99: "<= 300ms"}]')).to.deep.equal([]);
    const few = edited(steady('3s', '50%'), '"}}', '"}, latency: {phase: baseline, p99: "<= 1s"}}');
    expect(advice(few).at(-1), 'no other quantile is offered').to.match(
      /latency .* 4 paths send 200 in .*write [^">]*$/,
    );
    expect(promise('{path: nobody, p99: "<= 1s"}').join()).to.not.contain('needs');
  });

  it('asks for 20 requests where all of them must be good', () => {
    const [need] = sampleNeeds(accepted(parse(steady('3s', '100%'))), OBJECTIVES, pathsOf(['zone-a']));
    expect([need?.needed, need?.available]).to.deep.equal([20, 50]);
    expect(advice(steady('2s', '100%'), pathsOf(['zone-a']))[0]).to.contain('needs 20 requests; 1 path sends 0');
  });

  it('property: it warns exactly where requests without a miss would not show the share, and its advice heals', () => {
    const share = fc.integer({ min: 900, max: 999 }).map((tenths) => `${tenths / 10}%`);
    const zones = fc.integer({ min: 1, max: 8 }).map((n) => Array.from({ length: n }, (_, i) => `zone-${i}`));
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 90 }), share, zones, (baseline, asked, through) => {
        const text = steady(`${baseline}s`, asked);
        const paths = pathsOf(through);
        const [need] = sampleNeeds(accepted(parse(text)), OBJECTIVES, paths);
        const { available = 0, share: target = 1 } = need ?? {};
        const isShown = available >= 20 && lowerLimit(available, available, PASS_RISK) >= target - 1e-12;
        const [warning] = advice(text, paths);
        expect(warning === undefined).to.equal(isShown);
        if (warning === undefined) return;
        const part = (pattern: RegExp) => pattern.exec(warning)?.[1];
        const longer = part(/`baseline: ([^`]+)`/) ?? '';
        expect(advice(steady(longer, asked), paths), longer).to.deep.equal([]);
        const rate = part(/`rate: ([^`]+)`/);
        if (rate !== undefined) expect(advice(edited(text, 'rate: 50/s', `rate: ${rate}`), paths)).to.deep.equal([]);
        const less = part(/`">= ([^"]+)"`/);
        if (less !== undefined) expect(advice(steady(`${baseline}s`, less), paths), less).to.deep.equal([]);
      }),
    );
  });
});
