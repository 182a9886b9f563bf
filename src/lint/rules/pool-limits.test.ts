import { expect } from 'chai';
import { drill, Mesh } from '../testing/mesh.ts';
import { OUTLIER } from '../testing/outlier.ts';
import { poolLimits } from './pool-limits.ts';

const pool = (http: string) =>
  `{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb, trafficPolicy: {${OUTLIER}, connectionPool: {http: {${http}}}}}}`;

describe('pool-limits', () => {
  const finds = (http: string) => new Mesh().apply(pool(http), 'tokyo').finds(poolLimits, drill());

  it('warns of a pool for one call at a time', () => {
    const found = ['warning tokyo DestinationRule default/mockb'];
    expect(finds('http1MaxPendingRequests: 1')).to.deep.equal(found);
    expect(finds('http2MaxRequests: 1')).to.deep.equal(found);
  });

  it('says nothing of larger ones, and of 0, which is none', () => {
    expect(finds('http1MaxPendingRequests: 100, maxRequestsPerConnection: 1')).to.deep.equal([]);
    expect(finds('http1MaxPendingRequests: 0')).to.deep.equal([]);
    expect(finds('http1MaxPendingRequests: 2, http2MaxRequests: 2')).to.deep.equal([]);
  });
});
