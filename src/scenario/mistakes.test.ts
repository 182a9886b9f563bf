import { expect } from 'chai';
import { diagnosticsOf, edited, FULL, LEAST, parse, places } from './testing/fixtures.ts';

/** One edit of the full scenario, and every diagnostic that it must give: `line:column CODE`. */
const MISTAKES: readonly [what: string, part: string, replacement: string, ...expected: string[]][] = [
  ['a version from another time', 'faultline/v1alpha1', 'faultline/v2', '1:13 KIND_UNKNOWN'],
  ['no version', 'apiVersion: faultline/v1alpha1\n', '', '1:1 KIND_UNKNOWN'],
  ['a misspelt kind', 'kind: Scenario', 'kind: Scenaro', '2:7 KIND_UNKNOWN'],
  ['the other kind of file', 'kind: Scenario', 'kind: Targets', '2:7 KIND_UNKNOWN'],
  ['a name with capitals', 'name: full', 'name: Full', '4:9 FIELD_VALUE'],
  ['a name that is too long', 'name: full', `name: ${'a'.repeat(64)}`, '4:9 FIELD_VALUE'],
  ['a number as a name', 'name: full', 'name: 7', '4:9 FIELD_TYPE'],
  ['an empty description', 'description: Everything once.', 'description: " "', '5:16 FIELD_VALUE'],
  ['an annotation that is no text', '{team: mesh}', '{team: [mesh]}', '6:17 FIELD_TYPE'],
  ['an unknown field', 'annotations:', 'anotations:', '6:3 FIELD_UNKNOWN'],
  ['a field without value', 'hypothesis: It holds.', 'hypothesis:', '8:3 FIELD_TYPE'],
  ['a mapping that is null', '{baseline: 10s, hold: 20s, recover: 1m30s}', 'null', '22:11 FIELD_TYPE'],
  [
    'a list that is left empty',
    '{path: /other}\n        via: [{cluster: tokyo, zone: zone-a}, {zone: zone-b}]',
    '{path: /}\n        via:',
    '16:9 FIELD_TYPE',
  ],
  ['no hypothesis', '  hypothesis: It holds.\n', '', '7:1 FIELD_MISSING'],
  ['a list for a mapping', '{path: /other}', '[/other]', '15:9 FIELD_TYPE'],
  ['a method in small letters', 'method: GET', 'method: get', '12:27 FIELD_VALUE'],
  ['a path without slash', 'path: /mock', 'path: mock', '12:38 FIELD_VALUE'],
  ['a host with protocol', 'host: mock.example', 'host: "http://m"', '12:51 FIELD_VALUE'],
  ['a header of the engine', '{x-a: y}', '{HOST: y}', '12:75 FIELD_VALUE'],
  ['a header of two lines', '{x-a: y}', '{x-a: "y\\nz"}', '12:80 FIELD_VALUE'],
  ['an unknown word for via', 'via: each-gateway-zone', 'via: every-gateway', '13:14 FIELD_VALUE'],
  ['an empty list', 'via: [{cluster: tokyo, zone: zone-a}, {zone: zone-b}]', 'via: []', '16:9 FIELD_VALUE'],
  [
    'a gateway zone twice',
    '{zone: zone-b}]\n    rate',
    '{cluster: tokyo, zone: zone-a}]\n    rate',
    '16:47 NAME_DUPLICATE',
  ],
  ['a path name twice', 'name: other', 'name: entry', '14:15 NAME_DUPLICATE'],
  ['a rate without unit', 'rate: 50/s', 'rate: 50', '17:11 UNIT_MISSING'],
  ['no load at all', 'rate: 50/s', 'rate: 0/s', '17:11 FIELD_VALUE'],
  ['too much load', 'rate: 50/s', 'rate: 5001/s', '17:11 FIELD_VALUE'],
  ['a wait without unit', 'timeout: 2s', 'timeout: "2"', '18:14 UNIT_MISSING'],
  ['a wait that is too short', 'timeout: 2s', 'timeout: 9ms', '18:14 FIELD_VALUE'],
  ['a wait that is too long', 'timeout: 2s', 'timeout: 61s', '18:14 FIELD_VALUE'],
  ['a wait in other units', 'timeout: 2s', 'timeout: 2 sec', '18:14 FIELD_VALUE'],
  ['a misspelt word', 'connections: fresh', 'connections: frehs', '19:18 FIELD_VALUE'],
  ['an engine that is none', 'connections: fresh', 'engine: k5', '19:13 FIELD_VALUE'],
  ['a hop without a place', '{service}@{zone}/{ip}', '{service}@', '20:43 FIELD_VALUE'],
  ['a hop with an unknown part', '{service}@{zone}/{ip}', '{service}@{zoen}', '20:43 NAME_UNKNOWN'],
  ['a hop with parts that touch', '{service}@{zone}/{ip}', '{service}{zone}', '20:43 FIELD_VALUE'],
  ['a hop with a part twice', '{service}@{zone}/{ip}', '{service}@{zone}/{zone}', '20:43 FIELD_VALUE'],
  ['a status that is none', 'status: 204', 'status: 99', '21:20 FIELD_VALUE'],
  ['half a status', 'status: 204', 'status: 200.5', '21:20 FIELD_TYPE'],
  ['a number beyond numbers', 'status: 204', 'status: 1e999', '21:20 FIELD_VALUE'],
  ['a phase that is too short', 'baseline: 10s', 'baseline: 500ms', '22:22 FIELD_VALUE'],
  ['a baseline that is too long', 'baseline: 10s', 'baseline: 61m', '22:22 FIELD_VALUE'],
  ['a hold that is too long', 'hold: 20s', 'hold: 6h1s', '22:33 FIELD_VALUE'],
  ['a fault name twice', 'name: first', 'name: late', '27:13 NAME_DUPLICATE'],
  ['a misspelt kind of fault', 'imageSwap:', 'imageSwop:', '28:7 FIELD_UNKNOWN'],
  ['an unheard-of kind of fault', 'imageSwap:', 'meteor:', '28:7 FIELD_UNKNOWN'],
  ['a fault of no kind', '\n      after: 5s\n      podKill: {', '\n      after: 5s\n#', '24:7 FIELD_MISSING'],
  [
    'a fault of two kinds',
    'name: first',
    'name: first\n      podKill: {cluster: a, deployment: b}',
    '29:7 FIELD_VALUE',
  ],
  ['a wait before a fault without unit', 'after: 5s', 'after: 5', '25:14 UNIT_MISSING'],
  ['a count that is too small', 'count: 2', 'count: 0', '26:59 FIELD_VALUE'],
  ['a share without unit', 'percent: 50%', 'percent: 50', '26:71 UNIT_MISSING'],
  ['a share of too much', 'percent: 50%', 'percent: 101%', '26:71 FIELD_VALUE'],
  ['a fault duration without unit', 'every: 10s', 'every: 10', '26:83 UNIT_MISSING'],
  ['a word of a fault', 'mode: evict', 'mode: evikt', '26:94 FIELD_VALUE'],
  ['a boolean of YAML 1.1', 'force: true', 'force: yes', '26:108 FIELD_TYPE'],
  ['two of one group', 'deployment: mockb, count', 'deployment: mockb, selector: {a: b}, count', '26:52 FIELD_VALUE'],
  ['an empty selector', 'deployment: mockb, count', 'selector: {}, count', '26:33 FIELD_MISSING'],
  ['none of a group', 'deployment: mockb, count', 'count', '26:7 FIELD_MISSING'],
  ['a missing field of a fault', ' image: i,', '', '28:7 FIELD_MISSING'],
  ['a misspelt field of a fault', 'container: app', 'contaner: app', '28:74 FIELD_UNKNOWN'],
  ['a number in a command', '[sleep]', '[sleep, 3600]', '28:117 FIELD_TYPE'],
  ['a pattern of a fault', 'namespace: default', 'namespace: De', '28:46 FIELD_VALUE'],
  ['a bound without unit', 'sameZone: 97%', 'sameZone: 97', '30:45 UNIT_MISSING'],
  ['a bound the wrong way round', 'good: ">= 98%"', 'good: "<= 98%"', '30:25 FIELD_VALUE'],
  ['an unknown service', '- service: mockb', '- service: mockx', '32:18 NAME_UNKNOWN'],
  ['a port that is none', '- service: mockb', '- service: shop/api:70000', '32:18 FIELD_VALUE'],
  ['a place that is both', '{region: far}]\n    rec', '{region: far, zone: z}]\n    rec', '34:64 FIELD_VALUE'],
  ['a place that is neither', '{region: far}]\n    rec', '{}]\n    rec', '34:50 FIELD_MISSING'],
  ['a place twice', '{region: far}]\n    rec', '{zone: zone-b}]\n    rec', '34:57 NAME_DUPLICATE'],
  ['home after other places', '{region: far}]\n    rec', '{zone: zone-a}]\n    rec', '34:57 FIELD_VALUE'],
  [
    'home after other places, though another cluster has it',
    '{region: far}]\n    rec',
    '{zone: zone-a, cluster: a}]\n    rec',
  ],
  ['a workload before home', '{zone: zone-b, share', '{workload: b, share'],
  [
    'a zone of a cluster and a region',
    '{region: far}]\n    rec',
    '{region: far, cluster: a}]\n    rec',
    '34:64 FIELD_VALUE',
  ],
  [
    'a place in a cluster twice',
    '{region: far}]\n    rec',
    '{cluster: a}, {cluster: a}]\n    rec',
    '34:74 NAME_DUPLICATE',
  ],
  ['an exception by workload', '{region: far}]}', '{workload: far}]}', '37:44 FIELD_UNKNOWN'],
  ['a missing promise', 'within: 5s, consecutive', 'consecutive', '35:5 FIELD_MISSING'],
  ['a promise of nothing', 'within: 5s', 'within: 0s', '35:28 FIELD_VALUE'],
  ['an empty budget', '{perCaller: 9, perPath: 3, ratio: "<= 1%"}', '{}', '36:5 FIELD_MISSING'],
  ['a budget below nothing', 'perPath: 3', 'perPath: -1', '36:42 FIELD_VALUE'],
  ['a place of no effect', 'except: [{zone: zone-a}, {region: far}]', 'except: []', '37:18 FIELD_VALUE'],
  ['an exception twice', '{region: far}]}', '{zone: zone-a}]}', '37:50 NAME_DUPLICATE'],
  ['ejections that cannot be', 'atMost: 9', 'atMost: 0', '38:53 FIELD_VALUE'],
  ['ejections without bound', ', atLeast: 1, atMost: 9', '', '38:5 FIELD_MISSING'],
  ['a key twice', 'failback: {within: 40s}', 'ejections: {}', '39:5 NAME_DUPLICATE'],
  ['a second document', 'failback: {within: 40s}', 'failback: {within: 40s}\n---\na: b', '40:1 YAML_LIMIT'],
];

describe('scenario: single mistakes', () => {
  for (const [what, part, replacement, ...expected] of MISTAKES) {
    it(`points at ${what}`, () => {
      expect(places(diagnosticsOf(parse(edited(FULL, part, replacement))))).to.deep.equal(expected);
    });
  }

  it('points at labels of an alert that are Prometheus’s own', () => {
    const of = (labels: string) =>
      places(
        diagnosticsOf(
          parse(
            edited(
              edited(LEAST, 'hold: 1s', 'hold: 3s'),
              '{steadyState: {}}',
              `{alert: [{rule: A, firesWithin: 1s, labels: ${labels}}]}`,
            ),
          ),
        ),
      );
    expect(of('{team: x, zone: a}')).to.deep.equal([]);
    expect(of('{alertstate: pending, alertname: B}')).to.deep.equal(['9:68 FIELD_VALUE', '9:88 FIELD_VALUE']);
  });

  it('points at shares of more than all calls, of one place twice, and of the same callers twice', () => {
    const shares = (rows: string) => `{service: b, from: {zone: z}, to: [${rows}]}`;
    const of = (clause: string) =>
      places(diagnosticsOf(parse(edited(LEAST, '{steadyState: {}}', `{shares: ${clause}}`))));
    expect(of(shares('{zone: y, share: 60%}, {zone: z, share: 60%}'))).to.deep.equal(['9:50 FIELD_VALUE']);
    expect(of(shares('{zone: y, share: 60%}, {zone: y, share: 30%}'))).to.deep.equal(['9:85 NAME_DUPLICATE']);
    const one = shares('{zone: y, share: 60%}');
    expect(of(`[${one}, ${one}]`)).to.deep.equal(['9:81 NAME_DUPLICATE']);
    expect(of(shares('{zone: y}'))).to.deep.equal(['9:55 FIELD_MISSING']);
  });

  it('asks for at least one clause, one path and one fault', () => {
    const noClause = edited(LEAST, '{steadyState: {}}', '{}');
    expect(places(diagnosticsOf(parse(noClause)))).to.deep.equal(['9:3 FIELD_MISSING']);
    const nothing = LEAST.replace(/paths: \[.*\]/, 'paths: []').replace(/faults: .*/, 'faults: []');
    expect(places(diagnosticsOf(parse(nothing)))).to.deep.equal(['6:10 FIELD_VALUE', '8:3 FIELD_VALUE']);
  });

  it('reports the same failover order twice, and the same ejections twice', () => {
    const order = '{service: b, from: {zone: z}, order: [{zone: y}]}';
    const clauses = `{failoverOrder: [${order}, ${order}], ejections: [{service: b, atLeast: 1}, {service: b, atMost: 2}]}`;
    const found = diagnosticsOf(parse(edited(LEAST, '{steadyState: {}}', clauses)));
    expect(places(found)).to.deep.equal(['9:79 NAME_DUPLICATE', '9:179 NAME_DUPLICATE']);
  });
});

describe('scenario: advice', () => {
  const ADVICE: readonly [what: string, part: string, replacement: string, place: string][] = [
    ['a rate too low to resolve the promise', 'rate: 50/s', 'rate: 30/m', '17:11'],
    ['a hold shorter than the promise', 'hold: 20s', 'hold: 6s', '22:33'],
    ['a recover phase shorter than the failback', 'recover: 1m30s', 'recover: 39s', '22:47'],
    ['a hold too short for the row of good answers', 'consecutive: 7', 'consecutive: 801', '22:33'],
    ['a budget that requests under way use up', 'perCaller: 9', 'perCaller: 4', '36:30'],
    ['a budget of a path, likewise', 'perPath: 3', 'perPath: 2', '36:42'],
    ['a latency beyond the timeout', 'latency: 1s', 'latency: 3s', '21:57'],
    ['callers that cannot be told apart', '{service}@{zone}/{ip}', '{service}@{zone}', '36:30'],
  ];
  for (const [what, part, replacement, place] of ADVICE) {
    it(`warns of ${what}`, () => {
      const parsed = parse(edited(FULL, part, replacement));
      expect(parsed.ok).to.equal(true);
      expect(places(diagnosticsOf(parsed))).to.deep.equal([`${place} FIELD_VALUE`]);
      expect(diagnosticsOf(parsed)[0]?.severity).to.equal('warning');
    });
  }

  it('warns of a budget of callers that answers do not tell apart, and of no clause that proxies can answer', () => {
    const parsed = parse(edited(FULL, 'chain: [mocka, mockb], ', ''));
    expect(places(diagnosticsOf(parsed))).to.deep.equal(['36:30 FIELD_VALUE']);
  });

  it('warns of shares that need more calls than there are', () => {
    const clause = (tolerance: string): string =>
      `shares: {service: mockb, from: {zone: a}, to: [{zone: a, share: 80%}], tolerance: ${tolerance}}`;
    const found = diagnosticsOf(parse(edited(FULL, 'failback: {within: 40s}', clause('1%'))));
    expect(places(found)).to.deep.equal(['39:5 FIELD_VALUE']);
    expect(found[0]?.message).to.contain('need about 6147 calls');
    expect(diagnosticsOf(parse(edited(FULL, 'failback: {within: 40s}', clause('5%'))))).to.deep.equal([]);
  });

  it('leaves a budget of no errors at all alone: that is a promise of retries', () => {
    const none = edited(FULL, 'perCaller: 9, perPath: 3', 'perCaller: 0, perPath: 0');
    expect(diagnosticsOf(parse(none))).to.deep.equal([]);
  });

  it('says what to write instead', () => {
    const hints = diagnosticsOf(parse(edited(FULL, 'perCaller: 9', 'perCaller: 4'))).map(({ hint }) => hint);
    expect(hints).to.deep.equal(['use `perCaller: 5`, or at most `rate: 40/s`']);
    for (const budget of ['perCaller: 5', 'perCaller: 4']) {
      const rate = budget === 'perCaller: 4' ? '40/s' : '50/s';
      const text = edited(edited(FULL, 'perCaller: 9', budget), 'rate: 50/s', `rate: ${rate}`);
      expect(diagnosticsOf(parse(text)), budget).to.deep.equal([]);
    }
    const tooMuch = diagnosticsOf(parse(edited(FULL, 'good: ">= 98%"', 'good: ">= 120%"')));
    expect(tooMuch.map(({ severity, hint }) => [severity, hint])).to.deep.equal([['error', 'a share is at most 100%']]);
    const tooLittle = diagnosticsOf(parse(edited(FULL, 'good: ">= 98%"', 'good: ">= -5%"')));
    expect(tooLittle.map(({ hint }) => hint)).to.deep.equal(['a share is at least 0%']);
  });

  /** Fields that are right somewhere else: the edit, and where the hint says that they stand. */
  const MISPLACED: readonly [what: string, part: string, replacement: string, hint: string][] = [
    ['around', '{path: /other}', '{rate: 5/s, path: /other}', 'it stands in `spec.load.paths[1]`'],
    ['two levels around', 'name: other', 'name: other\n        timeout: 1s', 'it stands in `spec.load`'],
    ['below', '  load:', '  rate: 5/s\n  load:', 'it stands in `spec.load`'],
    [
      'below something beside',
      'name: other',
      'name: other\n        latency: 1s',
      'it stands in `spec.load.paths[1].good`',
    ],
    [
      'nowhere',
      'name: other',
      'name: other\n        zorn: 1',
      'known here: `name`, `request`, `via`, `rate` and `good`',
    ],
    [
      'in a place that has it anyway',
      'name: other',
      'name: other\n        kind: Other',
      'known here: `name`, `request`, `via`, `rate` and `good`',
    ],
    ['under a name that is nearly right', 'timeout: 2s', 'timeot: 2s', 'did you mean `timeout`?'],
  ];

  for (const [what, part, replacement, hint] of MISPLACED) {
    it(`says where a field belongs that stands ${what}`, () => {
      const found = diagnosticsOf(parse(edited(FULL, part, replacement))).filter(
        ({ code }) => code === 'FIELD_UNKNOWN',
      );
      expect(found.map((one) => one.hint)).to.deep.equal([hint]);
    });
  }

  it('refuses faults in the namespaces that keep a cluster alive, whatever their kind', () => {
    for (const name of ['kube-system', 'kube-public', 'kube-node-lease']) {
      const [problem, ...others] = diagnosticsOf(parse(edited(FULL, 'namespace: default', `namespace: ${name}`)));
      expect(problem?.message).to.equal(`faults never touch \`${name}\``);
      expect(places([...(problem ? [problem] : []), ...others])).to.deep.equal(['28:46 FIELD_VALUE']);
    }
    expect(diagnosticsOf(parse(edited(FULL, 'namespace: default', 'namespace: kube-systems')))).to.deep.equal([]);
  });

  it('tells that an order without a body sends none', () => {
    for (const method of ['POST', 'PUT', 'PATCH']) {
      const [problem] = diagnosticsOf(parse(edited(FULL, 'method: GET', `method: ${method}`)));
      expect([problem?.severity, problem?.message]).to.deep.equal([
        'warning',
        `this ${method} request has no body: nothing is sent with it`,
      ]);
    }
    expect(diagnosticsOf(parse(edited(FULL, 'method: GET', 'method: DELETE')))).to.deep.equal([]);
    // A script sends bodies of its own, and one beside it would be refused.
    const script = edited(edited(FULL, 'method: GET', 'method: POST'), 'rate: ', 'script: ./load.ts\n    rate: ');
    const told = diagnosticsOf(parse(script)).map(({ message }) => message);
    expect(told.filter((message) => message.includes('no body'))).to.deep.equal([]);
  });

  it('has nothing to say about the full scenario', () => {
    expect(diagnosticsOf(parse(FULL))).to.deep.equal([]);
  });
});
