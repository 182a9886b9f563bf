import { expect } from 'chai';
import {
  APPS,
  CORE,
  configMap,
  deployment,
  ISTIO,
  MERGE,
  made,
  type Opened,
  PATCH,
  refusal,
  rule,
} from './kube-tools.ts';
import type { JsonMap } from './raw-api.ts';

const UNKNOWN = 'unknown field "spec.replica", unknown field "spec.template.spec.containers[0].imagePullPolcy"';
const misspelt = (name: string): JsonMap => {
  const object = deployment(name);
  const spec = object.spec as JsonMap & { template: JsonMap & { spec: { containers: JsonMap[] } } };
  const containers = spec.template.spec.containers.map((one) => ({ ...one, imagePullPolcy: 'Always' }));
  return {
    ...object,
    spec: { replica: 1, ...spec, replicas: 0, template: { ...spec.template, spec: { containers } } },
  };
};

/** Fields that a kind does not have, and values of another type. */
export function fieldContract(at: Opened): void {
  it('that a kind does not have are refused when it is strict, told by default, and ignored when asked to', async () => {
    const path = `${APPS}/deployments?dryRun=All`;
    expect(refusal(await at.api.call('POST', `${path}&fieldValidation=Strict`, misspelt('strict')))).to.equal(
      `400 BadRequest: Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${UNKNOWN}`,
    );
    const told = ['spec.replica', 'spec.template.spec.containers[0].imagePullPolcy'].map(
      (field) => `299 - "unknown field \\"${field}\\""`,
    );
    expect((await at.api.call('POST', path, misspelt('told'))).warnings.join(', ')).to.equal(told.join(', '));
    expect((await at.api.call('POST', `${path}&fieldValidation=Ignore`, misspelt('ignored'))).warnings).to.deep.equal(
      [],
    );
  });

  it('of custom resources as well, and in patches', async () => {
    const outlierDetection = { consecutive5xxError: 1, baseEjectionTme: '5m', interval: '30s' };
    const wrong = rule('wrong', { host: 'web', trafficPolicy: { outlierDetection } });
    const fields = ['baseEjectionTme', 'consecutive5xxError'].map(
      (field) => `unknown field "spec.trafficPolicy.outlierDetection.${field}"`,
    );
    expect(refusal(await at.api.call('POST', `${ISTIO}/destinationrules?fieldValidation=Strict`, wrong))).to.equal(
      '400 BadRequest: DestinationRule in version "v1" cannot be handled as a DestinationRule: ' +
        `strict decoding error: ${fields.join(', ')}`,
    );
    await made(at, `${ISTIO}/destinationrules`, rule('mended', { host: 'web' }));
    const path = `${ISTIO}/destinationrules/mended?fieldValidation=Strict`;
    const patched = await at.api.call('PATCH', path, { spec: { trafficPolicy: { outlierDetection } } }, MERGE);
    expect(patched.status).to.equal(422);
    expect(patched.body.message).to.match(/^ "" is invalid: patch: Invalid value: .*strict decoding error: /s);
  });

  it('of another type are refused', async () => {
    const wrong = deployment('typed', { replicas: 'three' });
    expect(refusal(await at.api.call('POST', `${APPS}/deployments`, wrong))).to.equal(
      '400 BadRequest: Deployment in version "v1" cannot be handled as a Deployment: ' +
        'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
  });
}

const unchecked =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; ' +
  'correct the existing errors to complete validation';
const outlier = (outlierDetection: JsonMap): JsonMap => ({ host: 'web', trafficPolicy: { outlierDetection } });
const INVALID: readonly (readonly [string, JsonMap, string])[] = [
  [
    'a number for a text',
    { host: 7 },
    `[spec.host: Invalid value: "integer": spec.host in body must be of type string: "integer", ${unchecked}]`,
  ],
  [
    'a missing field',
    { trafficPolicy: { outlierDetection: { interval: '1s' } } },
    `[spec.host: Required value, ${unchecked}]`,
  ],
  [
    'a duration of nothing',
    outlier({ interval: '-5s' }),
    'spec.trafficPolicy.outlierDetection.interval: Invalid value: "-5s": must be a valid duration greater than 1ms',
  ],
  [
    'a duration in words',
    outlier({ interval: '1 minute' }),
    "spec.trafficPolicy.outlierDetection.interval: Invalid value: \"string\": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: must be a valid duration greater than 1ms",
  ],
  [
    'an unknown word',
    { host: 'web', trafficPolicy: { loadBalancer: { simple: 'NOPE' } } },
    `[spec.trafficPolicy.loadBalancer.simple: Unsupported value: "NOPE": supported values: "UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST", ${unchecked}]`,
  ],
  [
    'two of one',
    { host: 'web', trafficPolicy: { loadBalancer: { simple: 'RANDOM', consistentHash: { useSourceIp: true } } } },
    '<nil>: Invalid value: "": "spec.trafficPolicy.loadBalancer" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ],
];
const locality = (localityLbSetting: JsonMap): JsonMap => ({
  host: 'web',
  trafficPolicy: { outlierDetection: { consecutive5xxErrors: 1 }, loadBalancer: { localityLbSetting } },
});
const DENIED: readonly (readonly [string, JsonMap, string])[] = [
  [
    'weights that do not add up',
    locality({ distribute: [{ from: '*', to: { 'a/*': 60 } }] }),
    'total locality weight 60 != 100',
  ],
  [
    'distribute beside failover',
    locality({ distribute: [{ from: '*', to: { 'a/*': 100 } }], failover: [{ from: 'a', to: 'b' }] }),
    "can not simultaneously specify 'distribute' and 'failover'",
  ],
  [
    'a failover to where it comes from',
    locality({ failover: [{ from: 'a', to: 'a' }] }),
    'locality lb failover settings must specify different regions',
  ],
  ['two subsets of one name', { host: 'web', subsets: [{ name: 'a' }, { name: 'a' }] }, 'duplicate subset names: a'],
  ['more than all hosts', outlier({ maxEjectionPercent: 250 }), 'percentage 250 is not in range 0..100'],
  ['an empty policy', { host: 'web', trafficPolicy: {} }, 'traffic policy must have at least one field'],
  [
    'no host, and a subset without a name',
    { host: '', subsets: [{ name: '' }] },
    '2 errors occurred:\n\t* empty domain name not allowed\n\t* subset name cannot be empty\n\n',
  ],
];

/** Values that a definition or Istio refuses. */
export function valueContract(at: Opened): void {
  for (const [what, spec, message] of INVALID) {
    it(`of a custom resource may not be ${what}`, async () => {
      expect(refusal(await at.api.call('POST', `${ISTIO}/destinationrules`, rule('invalid', spec)))).to.equal(
        `422 Invalid: DestinationRule.networking.istio.io "invalid" is invalid: ${message}`,
      );
    });
  }

  for (const [what, spec, message] of DENIED) {
    it(`may be refused by Istio: ${what}`, async () => {
      const { status, body } = await at.api.call('POST', `${ISTIO}/destinationrules`, rule('denied', spec));
      expect([status, body.message]).to.deep.equal([
        400,
        `admission webhook "rev.validation.istio.io" denied the request: configuration is invalid: ${message}`,
      ]);
    });
  }
}

/** What is warned of, and what never changes. */
export function ruleContract(at: Opened): void {
  it('may be warned of by Istio', async () => {
    const trafficPolicy = { loadBalancer: { localityLbSetting: { failoverPriority: ['rack'] } } };
    const { status, warnings } = await at.api.call(
      'POST',
      `${ISTIO}/destinationrules`,
      rule('warned', { host: 'web', trafficPolicy }),
    );
    expect(status).to.equal(201);
    expect(warnings).to.deep.equal(['299 - "outlier detection policy must be provided for failover"']);
  });

  it('that never change are kept, and names are checked', async () => {
    await made(at, `${APPS}/deployments`, deployment('fixed', { replicas: 0 }));
    const selector = [{ op: 'replace', path: '/spec/selector/matchLabels', value: { app: 'other' } }];
    const label = [{ op: 'replace', path: '/spec/template/metadata/labels', value: { app: 'other' } }];
    const refused = await at.api.call('PATCH', `${APPS}/deployments/fixed`, [...selector, ...label], PATCH);
    expect(refusal(refused)).to.equal(
      '422 Invalid: Deployment.apps "fixed" is invalid: spec.selector: Invalid value: ' +
        '{"matchLabels":{"app":"other"}}: field is immutable',
    );
    const named = await at.api.call('POST', `${CORE}/configmaps`, configMap('Not_A_Name'));
    expect(refusal(named))
      .to.contain('422 Invalid: ConfigMap "Not_A_Name" is invalid')
      .and.to.contain('RFC 1123 subdomain');
  });
}
