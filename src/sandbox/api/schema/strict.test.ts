import { expect } from 'chai';
import type { Json } from '../../../model/scenario.ts';
import { type Answer, startTestServer, type TestServer } from '../../testing/test-server.ts';
import { isMap, type JsonMap } from '../json.ts';
import { RESOURCES } from '../resources.ts';
import { RULES } from './custom-rules.ts';
import { BUILTIN, customSchema } from './schemas.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const RULES_PATH = '/apis/networking.istio.io/v1/namespaces/default/destinationrules';

/** Two fields that a Deployment does not have, one of them in a list. */
const deployment = (name: string): JsonMap => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replica: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'a', image: 'x:1', imagePullPolcy: 'Always' }] },
    },
  },
});
const rule = (name: string, outlierDetection: Json): JsonMap => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name },
  spec: { host: 'web', trafficPolicy: { outlierDetection } },
});
const UNKNOWN = 'unknown field "spec.replica", unknown field "spec.template.spec.containers[0].imagePullPolcy"';

describe('field validation', () => {
  let api: TestServer;
  before(async () => {
    api = await startTestServer();
  });
  after(() => api.close());

  const warnings = ({ headers }: Answer): string => headers.get('warning') ?? '';
  const post = (path: string, body: JsonMap, mode = '') =>
    api.call('POST', mode === '' ? path : `${path}?fieldValidation=${mode}`, body);

  it('refuses unknown fields of a built-in kind when it is strict, each with its path', async () => {
    const { status, body } = await post(DEPLOYMENTS, deployment('strict'), 'Strict');
    expect(status).to.equal(400);
    expect(body).to.include({ reason: 'BadRequest', code: 400 });
    expect(body.message).to.equal(
      `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${UNKNOWN}`,
    );
    expect((await api.call('GET', `${DEPLOYMENTS}/strict`)).status).to.equal(404);
  });

  it('warns of them by default, leaves them out, and says nothing when told to ignore them', async () => {
    const warned = await post(DEPLOYMENTS, deployment('warned'));
    expect(warned.status).to.equal(201);
    expect(warnings(warned)).to.equal(
      '299 - "unknown field \\"spec.replica\\"", ' +
        '299 - "unknown field \\"spec.template.spec.containers[0].imagePullPolcy\\""',
    );
    expect(warned.text).to.not.contain('imagePullPolcy').and.not.contain('"replica":');
    expect(warnings(await post(DEPLOYMENTS, deployment('ignored'), 'Ignore'))).to.equal('');
    expect((await post(DEPLOYMENTS, deployment('other'), 'Loose')).status).to.equal(422);
  });

  it('does the same with a custom resource, whose definition says what it has', async () => {
    const misspelt = rule('misspelt', { consecutive5xxError: 1, interval: '30s', baseEjectionTme: '5m' });
    const paths = ['baseEjectionTme', 'consecutive5xxError'].map(
      (field) => `spec.trafficPolicy.outlierDetection.${field}`,
    );
    const refused = await post(RULES_PATH, misspelt, 'Strict');
    expect(refused.body.message).to.equal(
      'DestinationRule in version "v1" cannot be handled as a DestinationRule: strict decoding error: ' +
        paths.map((path) => `unknown field "${path}"`).join(', '),
    );
    const warned = await post(RULES_PATH, misspelt);
    expect(warned.status).to.equal(201);
    expect(warnings(warned)).to.contain(paths[0]).and.to.contain(paths[1]);
    expect(warned.text).to.not.contain('baseEjectionTme');
  });

  it('looks at what a patch makes of an object', async () => {
    await post(RULES_PATH, rule('patched', { interval: '30s' }));
    const patch = { spec: { trafficPolicy: { outlierDetection: { intervl: '1s' } } } };
    const path = `${RULES_PATH}/patched`;
    const strict = await api.patch(`${path}?fieldValidation=Strict`, 'merge-patch+json', patch);
    expect(strict.status).to.equal(422);
    expect(strict.body.message)
      .to.match(/^ "" is invalid: patch: Invalid value: /)
      .and.contain('strict decoding error: unknown field "spec.trafficPolicy.outlierDetection.intervl"');
    expect(warnings(await api.patch(path, 'merge-patch+json', patch))).to.contain('outlierDetection.intervl');
  });

  it('refuses values of another type, as each side words it', async () => {
    const wrong = { ...deployment('typed'), spec: { ...(deployment('typed').spec as JsonMap), replicas: 'three' } };
    expect((await post(DEPLOYMENTS, wrong)).body.message).to.contain(
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
    const labelled = deployment('labelled') as JsonMap & { metadata: JsonMap };
    labelled.metadata.labels = { a: 5 };
    expect((await post(DEPLOYMENTS, labelled)).body.message).to.contain(
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    );
    const { status, body } = await post(RULES_PATH, { ...rule('typed', {}), spec: { host: 7 } });
    expect(status).to.equal(422);
    expect(body.message).to.equal(
      'DestinationRule.networking.istio.io "typed" is invalid: ' +
        '[spec.host: Invalid value: "integer": spec.host in body must be of type string: "integer", ' +
        '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; ' +
        'correct the existing errors to complete validation]',
    );
  });

  it('applies the rules of a definition to values that have the right form', async () => {
    const message = async (outlier: JsonMap) => (await post(RULES_PATH, rule('ruled', outlier))).body.message;
    const path = 'DestinationRule.networking.istio.io "ruled" is invalid: spec.trafficPolicy.outlierDetection.interval';
    expect(await message({ interval: '-5s' })).to.equal(
      `${path}: Invalid value: "-5s": must be a valid duration greater than 1ms`,
    );
    expect(await message({ interval: '1 minute' })).to.equal(
      `${path}: Invalid value: "string": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: ` +
        'must be a valid duration greater than 1ms',
    );
  });

  it('keeps maps whose keys are free, and objects that have no schema', async () => {
    const labels = { 'a.example/b': 'c' };
    const kept = await post('/api/v1/namespaces/default/configmaps?fieldValidation=Strict', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'free', labels, annotations: labels },
      data: { any: 'thing' },
    });
    expect(kept.status, kept.text).to.equal(201);
    const run = { apiVersion: 'k6.io/v1alpha1', kind: 'TestRun', metadata: { name: 'free' }, spec: { whatever: 1 } };
    expect(
      (await post('/apis/k6.io/v1alpha1/namespaces/default/testruns?fieldValidation=Strict', run)).status,
    ).to.equal(201);
  });

  it('knows the fields of every kind that is served, and every rule that a definition names', () => {
    const builtin = RESOURCES.filter(({ custom }) => !custom);
    const kinds = builtin.map(
      ({ group, versions, kind }) => `${group === '' ? '' : `${group}/`}${versions[0]} ${kind}`,
    );
    expect(kinds.filter((kind) => BUILTIN.kinds[kind] === undefined)).to.deep.equal([]);
    const messages = RESOURCES.filter(({ custom }) => custom).flatMap((resource) =>
      messagesOf(customSchema(resource) as unknown as Json),
    );
    expect(messages.length).to.be.greaterThan(20);
    expect(messages.filter((message) => RULES[message] === undefined)).to.deep.equal([]);
  });
});

/** Messages of all CEL rules below a schema. */
function messagesOf(schema: Json): string[] {
  if (Array.isArray(schema)) return schema.flatMap(messagesOf);
  if (!isMap(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === 'x-kubernetes-validations' && Array.isArray(value)
      ? value.map((one) => String(isMap(one) ? one.message : ''))
      : messagesOf(value),
  );
}
