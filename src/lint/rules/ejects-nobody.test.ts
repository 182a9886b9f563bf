import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { ejectsNobody } from './ejects-nobody.ts';

const block = (text: string) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {outlierDetection: ${text}}}}`;

describe('ejects-nobody', () => {
  it('is found where no answer counts', () => {
    const mesh = new Mesh().apply(block('{consecutive5xxErrors: 0, maxEjectionPercent: 100}'), 'tokyo');
    expect(mesh.finds(ejectsNobody, drill())).to.deep.equal(['error tokyo DestinationRule default/mockb']);
  });

  it('is not where gateway errors count, or where nothing is said and five in a row do', () => {
    const gateway = new Mesh().apply(block('{consecutive5xxErrors: 0, consecutiveGatewayErrors: 3}'));
    expect(gateway.finds(ejectsNobody, drill())).to.deep.equal([]);
    expect(new Mesh().apply(block('{interval: 5s}')).finds(ejectsNobody, drill())).to.deep.equal([]);
  });
});
