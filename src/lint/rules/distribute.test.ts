import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { distribute } from './distribute.ts';

const setting = (text: string) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, loadBalancer: {localityLbSetting: ${text}}}}}`;

describe('distribute', () => {
  const finds = (text: string) => new Mesh().apply(setting(text), 'tokyo').finds(distribute, drill());
  const found = (severity: string) => [`${severity} tokyo DestinationRule default/mockb`];

  it('is an error where one zone gets all, and where failover stands beside it', () => {
    expect(
      finds('{distribute: [{from: "ap-northeast-1/*", to: {ap-northeast-1/ap-northeast-1a: 100}}]}'),
    ).to.deep.equal(found('error'));
    expect(
      finds('{distribute: [{from: "*", to: {"*": 100}}], failover: [{from: ap-northeast-1, to: cn-hangzhou}]}'),
    ).to.deep.equal(found('error'));
  });

  it('is a warning where several zones get a share, and nothing where it is not there', () => {
    expect(finds('{distribute: [{from: "*", to: {"*": 100}}]}')).to.deep.equal(found('warning'));
    expect(finds('{failover: [{from: ap-northeast-1, to: cn-hangzhou}]}')).to.deep.equal([]);
  });
});
