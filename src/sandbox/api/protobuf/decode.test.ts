import { expect } from 'chai';
import { ApiError } from '../errors.ts';
import { at } from '../json.ts';
import { decodeProtobuf } from './decode.ts';

/** Bodies that kubectl 1.37 really sent. */
const CAPTURED = {
  deployment:
    'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Eq0BCh0KAmQxEgAaACIAKgAyADgAQgBaCQoDYXBwEgJkMRJ+CAASCwoJCgNhcHASAmQxGmUKGwoAEgAaACIAKgAyADgAQgBaCQoDYXBwEgJkMRJGEigKAXgSA3g6MSoAMgoKABAAGFAiACoAQgBqAHIAgAEAiAEAkAEAogEAGgAyAEIASgBSAFgAYABoAIIBAIoBAJoBAMIBACICCgAoADgAGgwIABAAGAAgACgAOAAaACIA',
  review:
    'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPAoQCgASABoAIgAqADIAOABCABIeChwKBHNob3ASBmRlbGV0ZRoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA=',
  configMap: 'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhwKEgoCYzESABoAIgAqADIAOABCABIGCgFhEgFiGgAiAA==',
} as const;

describe('protobuf bodies', () => {
  const read = (name: keyof typeof CAPTURED): unknown => decodeProtobuf(Buffer.from(CAPTURED[name], 'base64'));

  it('reads a deployment, with the zero that was meant and without those that were not', () => {
    const object = read('deployment');
    expect(object).to.deep.include({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'd1', labels: { app: 'd1' } },
    });
    expect(at(object, 'spec', 'replicas')).to.equal(0);
    expect(object).to.not.have.nested.property('spec.minReadySeconds');
    expect(at(object, 'spec', 'selector')).to.deep.equal({ matchLabels: { app: 'd1' } });
    expect(at(object, 'spec', 'template', 'spec', 'containers')).to.deep.equal([
      { name: 'x', image: 'x:1', ports: [{ containerPort: 80 }], resources: {} },
    ]);
  });

  it('reads maps and reviews', () => {
    expect(read('configMap')).to.deep.include({ data: { a: 'b' }, metadata: { name: 'c1' } });
    expect(at(read('review'), 'spec', 'resourceAttributes')).to.deep.equal({
      namespace: 'shop',
      verb: 'delete',
      resource: 'pods',
    });
  });

  it('refuses what it cannot read in full', () => {
    const whole = Buffer.from(CAPTURED.configMap, 'base64');
    expect(() => decodeProtobuf(Buffer.from('{}'))).to.throw(ApiError, 'does not appear to be a protobuf message');
    expect(() => decodeProtobuf(whole.subarray(0, whole.length - 9))).to.throw(ApiError);
    const unknownKind = Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0a, 0x05, 0x12, 0x03, 0x46, 0x6f, 0x6f])]);
    expect(() => decodeProtobuf(unknownKind)).to.throw(ApiError, 'the sandbox cannot read Foo as protobuf');
    const typeMeta = [0x0a, 0x0b, 0x12, 0x09, ...Buffer.from('ConfigMap')];
    const unknownField = Buffer.concat([
      Buffer.from('k8s\0'),
      Buffer.from([...typeMeta, 0x12, 0x03, 0xf8, 0x01, 0x01]),
    ]);
    expect(() => decodeProtobuf(unknownField)).to.throw(ApiError, 'does not know field 31 of ConfigMap');
  });
});
