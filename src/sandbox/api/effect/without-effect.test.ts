import { expect } from 'chai';
import { routesSpec } from '../../../faults/client-fault/routes.ts';
import { filterSpec } from '../../../faults/mesh-fault/filter.ts';
import { startTestServer, type TestServer, until } from '../../testing/test-server.ts';
import { type JsonMap, mapsOf } from '../json.ts';
import { RESOURCES } from '../resources.ts';
import { customSchema, type Schema } from '../schema/schemas.ts';
import { ACTED_ON, type Effect, IDLE_KINDS, REST } from './acted-on.ts';
import { withoutEffect } from './without-effect.ts';

const RULES = '/apis/networking.istio.io/v1/namespaces/default/destinationrules';
const rule = (trafficPolicy: JsonMap): JsonMap => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'web', namespace: 'default' },
  spec: { host: 'web', trafficPolicy },
});
const OUTLIER = { outlierDetection: { interval: '30s' } };

describe('what has no effect', () => {
  it('is found by its path, the items of a list together', () => {
    const http = [{ rewrite: { uri: '/' } }, { rewrite: { uri: '/x' }, retries: { attempts: 1, backoff: '1s' } }];
    expect(withoutEffect({ kind: 'VirtualService', spec: { hosts: ['web'], http } })).to.deep.equal([
      'nothing here acts on spec.http.rewrite of a VirtualService',
      'nothing here acts on spec.http.retries.backoff of a VirtualService',
    ]);
  });

  it('may be a value of a field that otherwise acts', () => {
    const simple = (value: string) => withoutEffect(rule({ ...OUTLIER, loadBalancer: { simple: value } }));
    expect(simple('LEAST_REQUEST')).to.deep.equal([]);
    expect(simple('RANDOM')).to.deep.equal([
      'nothing here acts on spec.trafficPolicy.loadBalancer.simple: "RANDOM" of a DestinationRule',
    ]);
  });

  it('is told of a filter that is put where nothing here has one, what it leaves out included, and not of what faults are', () => {
    const filter = (patch: JsonMap) => withoutEffect({ kind: 'EnvoyFilter', spec: { configPatches: [patch] } });
    expect(filter({ applyTo: 'LISTENER' })).to.deep.equal([
      'nothing here acts on spec.configPatches.applyTo: "LISTENER" of a EnvoyFilter',
    ]);
    expect(filter({ applyTo: 'HTTP_FILTER', patch: { operation: 'INSERT_BEFORE' } })).to.deep.equal([
      'nothing here acts on spec.configPatches of a EnvoyFilter',
    ]);
    const headers = [{ name: 'x', value: 'y' }];
    const data = {
      namespace: 'n',
      selector: {},
      status: 503,
      delayMs: 9,
      percent: 0.5,
      headers,
      port: 1,
      expirySeconds: 1,
    };
    const spec = filterSpec({ runId: 'r', fault: 'f', data });
    expect(withoutEffect({ kind: 'EnvoyFilter', spec })).to.deep.equal([]);
    const routes = routesSpec({ runId: 'r', fault: 'f', data: { ...data, callers: { app: 'a' }, host: 'b' } });
    expect(withoutEffect({ kind: 'VirtualService', spec: routes })).to.deep.equal([]);
  });

  it('may be a whole kind, and settings of the mesh', () => {
    expect(withoutEffect({ kind: 'HorizontalPodAutoscaler', metadata: { name: 'db' } })).to.deep.equal([
      'nothing here acts on a HorizontalPodAutoscaler',
    ]);
    const mesh = 'localityLbSetting: {enabled: false}\nhttp10: true\nserviceSettings: []\n';
    const metadata = { name: 'istio', namespace: 'istio-system' };
    expect(withoutEffect({ kind: 'ConfigMap', metadata, data: { mesh } })).to.deep.equal([
      'nothing here acts on http10 of MeshConfig',
      'nothing here acts on serviceSettings of MeshConfig',
    ]);
  });

  it('is told of fields that there are: the table names no other', () => {
    const custom = RESOURCES.filter((resource) => resource.custom && ACTED_ON[resource.kind] !== undefined);
    expect(custom.map(({ kind }) => kind)).to.have.length(6);
    const wrong = custom.flatMap((resource) =>
      misnamed(ACTED_ON[resource.kind] ?? 'acts', customSchema(resource), resource.kind),
    );
    expect(wrong).to.deep.equal([]);
    for (const kind of IDLE_KINDS) expect(RESOURCES.map((resource) => resource.kind)).to.include(kind);
  });

  describe('in an API', () => {
    let api: TestServer;
    beforeEach(async () => {
      api = await startTestServer();
    });
    afterEach(() => api.close());
    const told = async (): Promise<string[]> => {
      const { body } = await api.call('GET', '/api/v1/namespaces/default/events');
      return mapsOf(body.items).flatMap(({ reason, message }) => (reason === 'NotActedOn' ? [String(message)] : []));
    };

    it('warns whoever sets it, and stands in an Event of the object as long as it is so', async () => {
      const created = await api.call('POST', RULES, rule({ ...OUTLIER, tls: { mode: 'SIMPLE' } }));
      const message = 'nothing here acts on spec.trafficPolicy.tls.mode: "SIMPLE" of a DestinationRule';
      expect(created.headers.get('warning')).to.equal(`299 - "${message.replaceAll('"', '\\"')}"`);
      await until('the event', async () => (await told()).length === 1);
      expect(await told()).to.deep.equal([message]);
      const mended = [{ op: 'remove', path: '/spec/trafficPolicy/tls' }];
      const patched = await api.patch(`${RULES}/web`, 'json-patch+json', mended);
      expect(patched.headers.get('warning')).to.equal(null);
      await until('the event to go', async () => (await told()).length === 0);
    });

    it('goes with its object', async () => {
      await api.call('POST', RULES, rule({ ...OUTLIER, tunnel: { targetHost: 'x.example', targetPort: 1 } }));
      await until('the event', async () => (await told()).length === 1);
      await api.call('DELETE', `${RULES}/web`);
      await until('the event to go', async () => (await told()).length === 0);
    });
  });
});

/** Fields of the table that a schema does not have. */
function misnamed(effect: Effect, schema: Schema, path: string): string[] {
  if (typeof effect === 'string' || Array.isArray(effect)) return [];
  if ('forms' in effect) return Object.values(effect.forms).flatMap((form) => misnamed(form, schema, path));
  const { items, properties = {} } = schema;
  if (items !== undefined) return misnamed(effect, items, path);
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  return Object.entries(effect as { [field: string]: Effect }).flatMap(([field, inner]) => {
    if (field === REST) return [];
    const found = properties[field];
    return found === undefined ? [`${path}.${field}`] : misnamed(inner, found, `${path}.${field}`);
  });
}
