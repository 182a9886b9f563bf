import { expect } from 'chai';
import { ApiError } from '../errors.ts';
import type { JsonMap } from '../json.ts';
import { resourceOf } from '../resources.ts';
import { admitIstio } from './admission.ts';

const OUTLIER = { consecutive5xxErrors: 1 };

function admit(kind: string, spec: JsonMap): { errors: string; warnings: readonly string[] } {
  const resource = resourceOf({ apiVersion: 'networking.istio.io/v1', kind });
  try {
    return { errors: '', warnings: admitIstio({ kind, metadata: { name: 'x', namespace: 'shop' }, spec }, resource) };
  } catch (error) {
    if (error instanceof ApiError)
      return { errors: error.message.replace(/^.*configuration is invalid: /s, ''), warnings: [] };
    throw error;
  }
}
const locality = (localityLbSetting: JsonMap): JsonMap => ({
  host: 'web',
  trafficPolicy: { loadBalancer: { localityLbSetting }, outlierDetection: OUTLIER },
});

describe('admission of Istio', () => {
  it('refuses as the webhook does', () => {
    const resource = resourceOf({ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' });
    expect(() =>
      admitIstio({ metadata: { namespace: 'shop' }, spec: { host: 'web', trafficPolicy: {} } }, resource),
    ).to.throw(
      'admission webhook "validation.istio.io" denied the request: configuration is invalid: traffic policy must have at least one field',
    );
  });

  const subset = (name: string): JsonMap => ({ name, labels: { version: name } });
  const destination = (weight: number, extra: JsonMap = {}): JsonMap => ({
    destination: { host: 'web', ...extra },
    weight,
  });
  const route = (http: JsonMap, hosts = ['web']): JsonMap => ({ hosts, http: [http] });
  const server = (port: JsonMap, tls?: JsonMap): JsonMap => ({
    servers: [{ hosts: ['*.example.com'], port, ...(tls === undefined ? {} : { tls }) }],
  });
  const REFUSED: readonly (readonly [string, string, JsonMap, string])[] = [
    [
      'weights that do not add up',
      'DestinationRule',
      locality({ distribute: [{ from: '*', to: { 'a/*': 60 } }] }),
      'total locality weight 60 != 100',
    ],
    [
      'distribute and failover',
      'DestinationRule',
      locality({ distribute: [{ from: '*', to: { a: 100 } }], failover: [{ from: 'a', to: 'b' }] }),
      "can not simultaneously specify 'distribute' and 'failover'",
    ],
    [
      'failover by region twice',
      'DestinationRule',
      locality({ failover: [{ from: 'a', to: 'b' }], failoverPriority: ['topology.kubernetes.io/region'] }),
      "can not simultaneously set 'failover' and topology label 'topology.kubernetes.io/region' in 'failover_priority'",
    ],
    [
      'a failover to itself',
      'DestinationRule',
      locality({ failover: [{ from: 'a', to: 'a' }] }),
      'locality lb failover settings must specify different regions',
    ],
    [
      'places that overlap',
      'DestinationRule',
      locality({ distribute: [{ from: '*', to: { 'a/*': 50, 'a/b/*': 50 } }] }),
      'locality a/b/* overlap with previous specified ones',
    ],
    ['an empty host', 'DestinationRule', { host: '' }, 'empty domain name not allowed'],
    [
      'two subsets of one name',
      'DestinationRule',
      { host: 'web', subsets: [subset('a'), subset('a')] },
      'duplicate subset names: a',
    ],
    [
      'local failures that are not split',
      'DestinationRule',
      { host: 'web', trafficPolicy: { outlierDetection: { consecutiveLocalOriginFailures: 1 } } },
      'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
    ],
    [
      'a percentage above 100',
      'DestinationRule',
      { host: 'web', trafficPolicy: { outlierDetection: { maxEjectionPercent: 250 } } },
      'percentage 250 is not in range 0..100',
    ],
    [
      'an export of a rule for some workloads',
      'DestinationRule',
      { host: 'web', workloadSelector: { matchLabels: { app: 'x' } }, exportTo: ['*'] },
      'destination rule with workload selector cannot have exportTo beyond current namespace',
    ],
    [
      'a route without a target',
      'VirtualService',
      route({ timeout: '1s' }),
      'HTTP route, redirect or direct_response is required',
    ],
    [
      'weights of nothing',
      'VirtualService',
      route({ route: [destination(0), destination(0)] }),
      'total destination weight = 0',
    ],
    [
      'a port that is none',
      'VirtualService',
      route({ route: [destination(1, { port: { number: 70000 } })] }),
      'port number 70000 must be in the range 1..65535',
    ],
    [
      'every host of the mesh',
      'VirtualService',
      route({ route: [destination(1)] }, ['*']),
      'wildcard host * is not allowed for virtual services bound to the mesh gateway',
    ],
    [
      'a word of retries that is none',
      'VirtualService',
      route({ route: [destination(1)], retries: { attempts: 1, retryOn: '5xx, reset' } }),
      '" reset" is not a valid retryOn policy',
    ],
    [
      'HTTPS without TLS',
      'Gateway',
      server({ number: 443, name: 'https', protocol: 'HTTPS' }),
      'server must have TLS settings for HTTPS/TLS protocols',
    ],
    [
      'an unknown protocol',
      'Gateway',
      server({ number: 80, name: 'http', protocol: 'HTPP' }),
      'invalid protocol "HTPP", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP',
    ],
    [
      'a host without its namespace',
      'Sidecar',
      { egress: [{ hosts: ['web.shop.svc.cluster.local'] }] },
      'host must be of form namespace/dnsName',
    ],
    [
      'a Sidecar that says nothing',
      'Sidecar',
      { workloadSelector: { labels: { app: 'x' } } },
      'sidecar: empty configuration provided',
    ],
    ['an entry for every host', 'ServiceEntry', { hosts: ['*'], ports: [] }, 'invalid host *'],
  ];
  for (const [what, kind, spec, message] of REFUSED) {
    it(`refuses ${what}`, () => expect(admit(kind, spec).errors).to.equal(message));
  }

  it('tells all errors together', () => {
    const { errors } = admit('DestinationRule', { host: '', subsets: [{ name: '' }] });
    expect(errors).to.equal(
      '2 errors occurred:\n\t* empty domain name not allowed\n\t* subset name cannot be empty\n\n',
    );
  });

  it('warns of failover without outlier detection, and lets it be', () => {
    const loadBalancer = { localityLbSetting: { failoverPriority: ['rack'] } };
    const { errors, warnings } = admit('DestinationRule', { host: 'web', trafficPolicy: { loadBalancer } });
    expect(errors).to.equal('');
    expect(warnings).to.deep.equal(['outlier detection policy must be provided for failover']);
  });
});
