import { expect } from 'chai';
import { accepted, diagnosticsOf, edited, FULL, parse } from './testing/fixtures.ts';

const LOAD_GOOD = 'good: {status: 204, chain: [mocka, mockb], latency: 1s}';
const withGood = (ofLoad: string, ofPath?: string) => {
  const text = edited(edited(FULL, LOAD_GOOD, `good: ${ofLoad}`), '    connections: fresh\n', '');
  return ofPath === undefined
    ? text
    : edited(text, 'request: {path: /other}', `request: {path: /other}\n        good: ${ofPath}`);
};
const loadOf = (text: string) => accepted(parse(text)).load;
const problemsOf = (text: string) => diagnosticsOf(parse(text)).map(({ code, message }) => `${code} ${message}`);

describe('scenario: what is good', () => {
  it('is that of the load, and field by field that of a path', () => {
    const { good, paths } = loadOf(
      withGood('{status: 204, chain: [mocka, mockb], latency: 1s}', '{status: 201, chain: []}'),
    );
    expect(good).to.deep.equal({ status: 204, chain: ['mocka', 'mockb'], latencyMs: 1000 });
    expect(paths.map((path) => path.good)).to.deep.equal([undefined, { status: 201, chain: [], latencyMs: 1000 }]);
    expect(loadOf(withGood('{}', '{latency: 9ms}')).paths[1]?.good).to.deep.equal({
      status: 200,
      chain: [],
      latencyMs: 9,
    });
  });

  it('is one status, some, or a range', () => {
    expect(loadOf(withGood('{status: [200, 204, 300-399]}')).good.status).to.deep.equal([
      { from: 200, to: 200 },
      { from: 204, to: 204 },
      { from: 300, to: 399 },
    ]);
    expect(problemsOf(withGood('{status: [299-200]}'))).to.deep.equal(['FIELD_VALUE 299-200 is no range of status']);
    expect(problemsOf(withGood('{status: []}'))).to.have.length(1);
  });

  it('says what headers, a redirect and the body say', () => {
    const text = withGood(
      '{status: 302, location: {matches: "/login$"}, header: [{name: X-A, equals: b}], body: {pointer: /a, equals: [1]}}',
      '{location: "https://x/", body: {matches: ok}}',
    );
    const { good, paths } = loadOf(text);
    const header = { of: 'header', name: 'X-A', expected: { equals: 'b' } };
    expect(good.content).to.deep.equal([
      header,
      { of: 'header', name: 'location', expected: { matches: '/login$' } },
      { of: 'body', pointer: '/a', expected: { equals: [1] } },
    ]);
    expect(paths[1]?.good?.content).to.deep.equal([
      header,
      { of: 'header', name: 'location', expected: { equals: 'https://x/' } },
      { of: 'body', expected: { matches: 'ok' } },
    ]);
  });

  it('says which pattern cannot be looked for, where it stands', () => {
    const [problem] = diagnosticsOf(parse(withGood('{body: {matches: "(?=a)"}}')));
    expect(problem?.message).to.contain('this is no pattern that can be looked for: groups are');
    expect(problem?.column).to.equal(28);
    expect(problemsOf(withGood('{header: {name: a, matches: "["}}'))).to.have.length(1);
    expect(problemsOf(withGood('{}', '{location: {matches: "a**"}}'))).to.have.length(1);
    expect(problemsOf(withGood('{body: {equals: ok}}'))).to.deep.equal([
      'FIELD_MISSING `equals` needs the place of a value',
    ]);
  });

  it('needs an engine that looks at answers, where it is about content', () => {
    const fromPods = (good: string, ofPath?: string) =>
      edited(
        withGood(good, ofPath),
        '    rate: 50/s\n',
        '    rate: 50/s\n    engine: k6-operator\n    connections: fresh\n',
      );
    expect(problemsOf(fromPods('{status: [200, 204]}', '{status: 201, chain: [mockb]}'))).to.deep.equal([]);
    expect(problemsOf(fromPods('{body: {matches: a}}')).join()).to.contain('spec.load.good.body needs `undici`');
    expect(problemsOf(fromPods('{}', '{location: a}')).join()).to.contain('spec.load.paths[1].good.location needs');
  });

  it('comes at a rate of its own, which only some engines have', () => {
    const own = edited(withGood('{}'), 'request: {path: /other}', 'request: {path: /other}\n        rate: 90/m');
    expect(loadOf(own).paths.map(({ ratePerSecond }) => ratePerSecond)).to.deep.equal([undefined, 1.5]);
    const fromPods = edited(
      own,
      '    rate: 50/s\n',
      '    rate: 50/s\n    engine: k6-operator\n    connections: fresh\n',
    );
    expect(problemsOf(fromPods).join()).to.contain('spec.load.paths[1].rate needs `undici`');
  });

  it('promises quantiles of a latency, and knows the paths that there are', () => {
    const asking = (latency: string) =>
      edited(withGood('{}'), '    failback:', `    latency: ${latency}\n    failback:`);
    const { expect: promised } = accepted(
      parse(asking('[{p95: <= 300ms, p50: 20ms}, {path: other, phase: recover, p99: "<= 1s"}]')),
    );
    expect(promised.latency).to.deep.equal([
      { phase: 'hold', quantile: 0.5, limitMs: 20 },
      { phase: 'hold', quantile: 0.95, limitMs: 300 },
      { path: 'other', phase: 'recover', quantile: 0.99, limitMs: 1000 },
    ]);
    expect(problemsOf(asking('{path: othr, p95: <= 300ms}')).join()).to.contain('there is no path othr');
    expect(problemsOf(asking('{path: other}'))).to.have.length(1);
    expect(problemsOf(asking('{p95: 300}')).join()).to.contain('UNIT_MISSING');
    expect(problemsOf(asking('{p95: ">= 300ms"}')).join()).to.contain('an upper bound such as');
  });

  it('warns of a latency that no request can have', () => {
    const [problem] = diagnosticsOf(parse(withGood('{}', '{latency: 3s}')));
    expect(problem).to.include({ severity: 'warning' });
    expect(problem?.message).to.contain('latency is longer than the timeout');
  });
});
