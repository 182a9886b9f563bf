import { expect } from 'chai';
import { accepted, diagnosticsOf, edited, LEAST, parse, places } from './testing/fixtures.ts';

/** Line 6 of the least scenario is its load. */
const withLoad = (more: string): string => edited(LEAST, 'rate: 50/s', `rate: 50/s, ${more}`);

const TREE = 'chain: {calls: {page: [details, reviews]}}';

describe('scenario/load: who calls several services', () => {
  it('reaches the model, and leaves no trace where nothing is said', () => {
    const { load } = accepted(parse(withLoad(`${TREE}, good: {chain: [page, details, reviews, ratings]}`)));
    expect(load.chain.calls).to.deep.equal({ page: ['details', 'reviews'] });
    expect(accepted(parse(LEAST)).load.chain).to.not.have.property('calls');
  });

  it('need not be in the chain of every path, nor in any where answers promise none', () => {
    accepted(parse(withLoad(TREE)));
    const own = edited(
      withLoad(`${TREE}, good: {chain: [page, details, reviews]}`),
      'path: /}',
      'path: /}, good: {chain: [details]}',
    );
    accepted(parse(own));
  });

  const MISTAKES: readonly [what: string, load: string, ...expected: string[]][] = [
    ['an unknown caller', 'chain: {calls: {pge: [details]}}, good: {chain: [page, details]}', '6:82 NAME_UNKNOWN'],
    ['an unknown callee', 'chain: {calls: {page: [detail]}}, good: {chain: [page, details]}', '6:89 NAME_UNKNOWN'],
    ['a name that is none', 'chain: {calls: {page: [Details]}}', '6:89 FIELD_VALUE'],
    ['a list that is none', 'chain: {calls: {page: details}}', '6:88 FIELD_TYPE'],
    [
      'a service that nobody before it calls',
      'chain: {calls: {page: [details]}}, good: {chain: [page, details, reviews, details]}',
      '6:140 FIELD_VALUE',
    ],
    [
      'a chain that calls more than is listed',
      'chain: {calls: {page: [details], details: []}}, good: {chain: [page, details, reviews]}',
      '6:144 FIELD_VALUE',
    ],
  ];
  for (const [what, load, ...expected] of MISTAKES) {
    it(`points at ${what}`, () => {
      expect(places(diagnosticsOf(parse(withLoad(load))))).to.deep.equal(expected);
    });
  }

  it('says what to write', () => {
    const [unknown] = diagnosticsOf(
      parse(withLoad('chain: {calls: {page: [detail]}}, good: {chain: [page, details]}')),
    );
    expect(unknown?.hint).to.equal('did you mean `details`?');
    const [orphan] = diagnosticsOf(parse(withLoad(`${TREE}, good: {chain: [page, ads]}`)));
    expect(orphan?.message).to.contain('is in no `good.chain`');
  });
});

describe('scenario/services: what a Kubernetes Service is called', () => {
  const CHAIN = 'load: {paths: [{name: entry, request: {path: /}}], rate: 50/s';
  const withServices = (services: string, chain = '[mocka, mockb]'): string =>
    edited(LEAST, `${CHAIN}}`, `${CHAIN}, good: {chain: ${chain}}}\n  services: ${services}`);

  it('reaches the model, and leaves no trace where nothing is said', () => {
    const scenario = accepted(parse(withServices('{mockb: shop/shop-mockb}')));
    expect(scenario.services).to.deep.equal({ mockb: 'shop/shop-mockb' });
    expect(accepted(parse(LEAST))).to.not.have.property('services');
    accepted(parse(withServices('{anything: shop/shop-mockb}', '[]')));
  });

  const MISTAKES: readonly [what: string, services: string, ...expected: string[]][] = [
    ['a name that no chain has', '{mockc: shop/mockb}', '7:14 NAME_UNKNOWN'],
    ['a Service without its namespace', '{mockb: shop-mockb}', '7:21 FIELD_VALUE'],
    ['a Service with a port', '{mockb: "shop/mockb:80"}', '7:21 FIELD_VALUE'],
    ['two names of one Service', '{mocka: shop/mock, mockb: shop/mock}', '7:39 NAME_DUPLICATE'],
    ['a name that is none', '{Mock_B: shop/mock}', '7:14 FIELD_VALUE', '7:14 NAME_UNKNOWN'],
  ];
  for (const [what, services, ...expected] of MISTAKES) {
    it(`points at ${what}`, () => {
      expect(places(diagnosticsOf(parse(withServices(services))))).to.deep.equal(expected);
    });
  }
});

describe('scenario/load: what a hop tells', () => {
  const chainOf = (load: string) => accepted(parse(withLoad(load))).load.chain;

  it('may be a pod, an address or a zone alone, in a value or between other text', () => {
    expect(chainOf('chain: {from: {pointer: /by}, hop: "{pod}"}')).to.deep.equal({
      from: { kind: 'pointer', pointer: '/by' },
      hop: '{pod}',
    });
    expect(chainOf('chain: {hop: "<b>{ip}</b>", anywhere: true}')).to.have.property('anywhere', true);
    expect(chainOf('chain: {hop: "{ip}", anywhere: false}')).to.not.have.property('anywhere');
    const zone = 'chain: {from: {header: x-zone}, hop: "{zone}"}';
    expect(chainOf(`${zone}, good: {chain: [shop]}`).hop).to.equal('{zone}');
    accepted(parse(edited(withLoad(zone), 'path: /}', 'path: /}, good: {chain: [shop]}')));
  });

  const MISTAKES: readonly [what: string, load: string, ...expected: string[]][] = [
    ['no place', 'chain: {hop: "{service};"}', '6:79 FIELD_VALUE'],
    ['a zone of nobody knows whom', 'chain: {hop: "{zone};"}', '6:79 FIELD_VALUE'],
    ['a placeholder that is none', 'chain: {hop: "{pods}"}', '6:79 NAME_UNKNOWN'],
    ['what begins with nothing', 'chain: {hop: "{pod}", anywhere: true}', '6:79 FIELD_VALUE'],
    ['a pointer that is none', 'chain: {from: {pointer: by}}', '6:90 FIELD_VALUE'],
    ['two sources', 'chain: {from: {pointer: /by, header: x-by}}', '6:95 FIELD_VALUE'],
  ];
  for (const [what, load, ...expected] of MISTAKES) {
    it(`points at ${what}`, () => {
      expect(places(diagnosticsOf(parse(withLoad(load))))).to.deep.equal(expected);
    });
  }

  it('is for every engine, whatever it says', () => {
    for (const chain of ['{hop: "{pod}"}', '{from: {pointer: /by}}', '{anywhere: true}']) {
      expect(diagnosticsOf(parse(withLoad(`engine: k6, connections: fresh, chain: ${chain}`))), chain).to.deep.equal(
        [],
      );
    }
  });
});
