import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Json } from '../model/scenario.ts';
import { inboundFaults, injectedInto } from './inbound-faults.ts';
import { seeded } from './testing/fixtures.ts';

const FAULT = 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault';
const CHAIN = {
  filter: {
    name: 'envoy.filters.network.http_connection_manager',
    subFilter: { name: 'envoy.filters.http.router' },
  },
};
const MATCH = { context: 'SIDECAR_INBOUND', listener: { filterChain: CHAIN } };
const ABORT = { abort: { http_status: 503, percentage: { numerator: 100 } } };
const POD = { namespace: 'default', labels: { app: 'mockb', version: 'a' } };

type Parts = { match?: Json; operation?: string; config?: object; labels?: Record<string, string>; namespace?: string };

function filter({
  match = MATCH,
  operation = 'INSERT_BEFORE',
  config = ABORT,
  labels,
  namespace = 'default',
}: Parts): KubeObject {
  const value = { name: 'f', typed_config: { '@type': FAULT, ...config } };
  return {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: 'f', namespace },
    spec: {
      ...(labels === undefined ? {} : { workloadSelector: { labels } }),
      configPatches: [{ applyTo: 'HTTP_FILTER', match, patch: { operation, value } }],
    } as Json,
  };
}

const read = (...parts: Parts[]) => inboundFaults(parts.map(filter), 'istio-system', POD);
const into = (parts: Parts, headers: Record<string, string> = {}, port = 8000) =>
  injectedInto(read(parts), { port, headers }, () => 0.5);

describe('a fault filter on the inbound side', () => {
  it('is for the pods that its EnvoyFilter selects, in its namespace or the whole mesh', () => {
    expect(read({ labels: { version: 'a' } })).to.have.length(1);
    expect(read({})).to.have.length(1);
    expect(read({ namespace: 'istio-system' })).to.have.length(1);
    expect(read({ labels: { version: 'b' } }, { namespace: 'shop' })).to.deep.equal([]);
  });

  it('aborts in place of the application, as often as it says', () => {
    expect(into({})).to.deep.equal({ waitMs: 0, status: 503 });
    const percentage = { numerator: 2500, denominator: 'TEN_THOUSAND' };
    const [quarter] = [read({ config: { abort: { http_status: 500, percentage } } })];
    const random = seeded(3);
    const hit = Array.from({ length: 4000 }, () => injectedInto(quarter, { port: 1, headers: {} }, random).status);
    expect(hit.filter((status) => status === 500).length).to.be.within(900, 1100);
  });

  it('aborts nothing where no percentage is said, and of an unknown denominator', () => {
    expect(into({ config: { abort: { http_status: 503 } } }).status).to.equal(undefined);
    expect(
      into({ config: { abort: { http_status: 503, percentage: { numerator: 9, denominator: 'DOZEN' } } } }).status,
    ).to.equal(undefined);
  });

  it('lets requests wait, and the delays of several add up', () => {
    const delay = { fixed_delay: '1.5s', percentage: { numerator: 100 } };
    expect(into({ config: { delay } })).to.deep.equal({ waitMs: 1500, status: undefined });
    const faults = read({ config: { delay } }, { config: { ...ABORT, delay } });
    expect(injectedInto(faults, { port: 1, headers: {} }, () => 0)).to.deep.equal({ waitMs: 3000, status: 503 });
  });

  it('may be for requests with all of some headers, and for one port', () => {
    const headers = [{ name: 'x-drill', string_match: { exact: 'yes' } }];
    const config = { ...ABORT, headers };
    expect(into({ config }).status).to.equal(undefined);
    expect(into({ config }, { 'x-drill': 'no' }).status).to.equal(undefined);
    expect(into({ config }, { 'x-drill': 'yes' }).status).to.equal(503);
    const match = { context: 'SIDECAR_INBOUND', listener: { filterChain: { ...CHAIN, destinationPort: 9000 } } };
    expect([into({ match }).status, into({ match }, {}, 9000).status]).to.deep.equal([undefined, 503]);
  });

  it('is none where anything of it is not understood', () => {
    const odd: Parts[] = [
      { match: { ...MATCH, context: 'SIDECAR_OUTBOUND' } },
      { match: { listener: { filterChain: CHAIN } } },
      { match: { ...MATCH, proxy: { proxyVersion: '^1' } } },
      { match: { context: 'SIDECAR_INBOUND' } },
      { match: { ...MATCH, listener: { portNumber: 8000, filterChain: CHAIN } } },
      { match: { ...MATCH, listener: { filterChain: { ...CHAIN, sni: 'x' } } } },
      { operation: 'INSERT_FIRST' },
      { config: { ...ABORT, max_active_faults: 1 } },
      { config: { ...ABORT, headers: [{ name: 'x', string_match: { prefix: 'y' } }] } },
      { config: { ...ABORT, headers: [{ name: 'x', invert_match: true, string_match: { exact: 'y' } }] } },
      { config: { ...ABORT, '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua' } },
    ];
    for (const one of odd) expect(read(one), JSON.stringify(one)).to.deep.equal([]);
  });
});
