import { expect } from 'chai';
import { initScenario } from './init.ts';
import { accepted, edited, FULL, LEAST, parse, STARTER_FAULT } from './testing/fixtures.ts';

describe('scenario/scenario', () => {
  it('resolves units and keeps every field', () => {
    const { source, ...scenario } = accepted(parse(FULL));
    expect(source.file).to.equal('scenario.yaml');
    expect(source.text).to.equal(FULL);
    expect(source.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(scenario).to.deep.equal({
      name: 'full',
      description: 'Everything once.',
      annotations: { team: 'mesh' },
      hypothesis: 'It holds.',
      load: {
        paths: [
          {
            name: 'entry',
            request: { method: 'GET', path: '/mock', host: 'mock.example', headers: { 'x-a': 'y' } },
            via: 'each-gateway-zone',
          },
          {
            name: 'other',
            request: { method: 'GET', path: '/other', headers: {} },
            via: [{ cluster: 'tokyo', zone: 'zone-a' }, { zone: 'zone-b' }],
          },
        ],
        ratePerSecond: 50,
        timeoutMs: 2000,
        connections: 'fresh',
        chain: { from: { kind: 'header', name: 'x-chain' }, hop: '{service}@{zone}/{ip}' },
        good: { status: 204, chain: ['mocka', 'mockb'], latencyMs: 1000 },
      },
      phases: { baselineMs: 10_000, holdMs: 20_000, recoverMs: 90_000 },
      faults: [
        {
          name: 'first',
          kind: 'imageSwap',
          afterMs: 0,
          spec: {
            cluster: 'tokyo',
            namespace: 'default',
            deployment: 'mockb',
            container: 'app',
            image: 'i',
            command: ['sleep'],
          },
          move: { kind: 'nothing' },
        },
        {
          name: 'late',
          kind: 'podKill',
          afterMs: 5000,
          spec: {
            cluster: 'tokyo',
            deployment: 'mockb',
            count: 2,
            percent: 0.5,
            every: 10_000,
            mode: 'evict',
            force: true,
          },
          move: { kind: 'kill', everyMs: 10_000, forced: false },
        },
      ],
      expect: {
        steadyState: { goodAtLeast: 0.98, sameZoneAtLeast: 0.97 },
        failoverOrder: [
          {
            service: 'mockb',
            from: { zone: 'zone-a' },
            order: [
              { place: { zone: 'zone-b' }, shareAtLeast: 0.6 },
              { place: { region: 'far' }, shareAtLeast: 0.99 },
            ],
          },
        ],
        recoveryTime: { withinMs: 5000, consecutive: 7, lastingMs: 2000 },
        errorBudget: { perCaller: 9, perPath: 3, ratio: 0.01 },
        unaffected: { except: [{ zone: 'zone-a' }, { region: 'far' }] },
        ejections: [{ service: 'mockb', atLeast: 1, atMost: 9 }],
        failback: { withinMs: 40_000 },
      },
    });
  });

  it('reads places of every kind, a zone with its cluster beside it', () => {
    const order =
      '[{workload: w}, {zone: a, cluster: blue}, {zone: b}, {network: n}, {subset: v1}, {cluster: green}, {region: r}]';
    const clause = `{failoverOrder: {service: mockb, from: {zone: a, cluster: blue}, order: ${order}}}`;
    const [read] = accepted(parse(edited(LEAST, '{steadyState: {}}', clause))).expect.failoverOrder;
    expect(read?.from).to.deep.equal({ zone: 'a', cluster: 'blue' });
    expect(read?.order.map(({ place }) => place)).to.deep.equal([
      { workload: 'w' },
      { zone: 'a', cluster: 'blue' },
      { zone: 'b' },
      { network: 'n' },
      { subset: 'v1' },
      { cluster: 'green' },
      { region: 'r' },
    ]);
  });

  it('fills in the defaults', () => {
    const { load, annotations, expect: clauses } = accepted(parse(LEAST));
    expect(annotations).to.deep.equal({});
    expect(load).to.deep.equal({
      paths: [{ name: 'entry', request: { method: 'GET', path: '/', headers: {} }, via: 'each-gateway-zone' }],
      ratePerSecond: 50,
      timeoutMs: 2000,
      connections: 'kept',
      chain: { from: { kind: 'body' }, hop: '-> {service}(version: {zone}, ip: {ip})' },
      good: { status: 200, chain: [], latencyMs: 2000 },
    });
    expect(clauses).to.deep.equal({ steadyState: { goodAtLeast: 0.99 }, failoverOrder: [], ejections: [] });
  });

  it('takes the default latency from the timeout of the file', () => {
    const { load } = accepted(parse(edited(LEAST, 'rate: 50/s', 'rate: 50/s, timeout: 700ms')));
    expect(load.good.latencyMs).to.equal(700);
  });

  it('keeps the load engine that is asked for', () => {
    for (const engine of ['undici', 'k6', 'auto']) {
      const { load } = accepted(parse(edited(LEAST, 'rate: 50/s', `rate: 50/s, engine: ${engine}`)));
      expect(load.engine).to.equal(engine);
    }
  });

  it('reads the same values with a byte order mark, CRLF, comments and aliases', () => {
    const plain = accepted(parse(LEAST));
    const changed = `\ufeff# note\r\n${LEAST.replaceAll('\n', '\r\n')}`;
    const aliased = edited(
      edited(LEAST, 'baseline: 1s, hold: 1s', 'baseline: &time 1s, hold: *time'),
      'recover: 1s',
      'recover: *time',
    );
    for (const text of [changed, aliased]) {
      const { source, ...scenario } = accepted(parse(text));
      expect(source.text).to.equal(text);
      expect({ ...scenario, source: plain.source }).to.deep.equal(plain);
    }
  });

  it('lets other workloads of the same zone take over first, and a file end with a document mark', () => {
    const text = edited(FULL, '{zone: zone-b, share: ">= 60%"}', '{zone: zone-a, share: 60%}');
    const { failoverOrder } = accepted(parse(`${text}---\n`)).expect;
    expect(failoverOrder[0]?.order[0]).to.deep.equal({ place: { zone: 'zone-a' }, shareAtLeast: 0.6 });
  });

  it("gives a fault its block as the kind's schema has read it, defaults filled in", () => {
    const [fault] = accepted(parse(LEAST)).faults;
    expect(fault?.spec).to.deep.equal({ cluster: 'tokyo', deployment: 'mockb', count: 1 });
  });

  it('reads the starter of init', () => {
    const parsed = parse(initScenario(STARTER_FAULT));
    expect(accepted(parsed).name).to.equal('my-first-failover');
    expect(parsed).to.have.property('warnings').that.deep.equals([]);
  });

  it('keeps faults with equal `after` in the order of the file', () => {
    const fault = (name: string, after: string) =>
      `{name: ${name}, after: ${after}, podKill: {cluster: c, deployment: d}}`;
    const faults = `faults: [${[fault('a', '2s'), fault('b', '1s'), fault('c', '2s'), fault('d', '1s')].join(', ')}]`;
    const text = LEAST.replace(/faults: .*/, faults);
    expect(accepted(parse(text)).faults.map(({ name }) => name)).to.deep.equal(['b', 'd', 'a', 'c']);
  });
});
