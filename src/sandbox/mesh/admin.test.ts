import { expect } from 'chai';
import { includedStats } from './admin.ts';

const STAT = 'cluster.outbound|8000||mockb.default.svc.cluster.local;.outlier_detection.ejections_active';
const config = (matcher: string) => ({ 'proxy.istio.io/config': `proxyStatsMatcher:\n  ${matcher}\n` });

describe('proxyStatsMatcher', () => {
  it('includes nothing of outlier detection by itself', () => {
    expect(includedStats({})(STAT)).to.equal(false);
  });

  it('matches whole names by expression, and beginnings and ends', () => {
    expect(includedStats(config('inclusionRegexps: [".*outlier_detection.*"]'))(STAT)).to.equal(true);
    expect(includedStats(config('inclusionRegexps: ["outlier_detection"]'))(STAT)).to.equal(false);
    expect(includedStats(config('inclusionPrefixes: ["cluster.outbound"]'))(STAT)).to.equal(true);
    expect(includedStats(config('inclusionSuffixes: ["ejections_active"]'))(STAT)).to.equal(true);
    expect(includedStats(config('inclusionSuffixes: ["ejections_total"]'))(STAT)).to.equal(false);
  });

  it('is replaced, not extended, by the older annotation', () => {
    const older = { 'sidecar.istio.io/statsInclusionRegexps': 'cluster_manager.*,http.*' };
    expect(includedStats({ ...config('inclusionRegexps: [".*outlier_detection.*"]'), ...older })(STAT)).to.equal(false);
    expect(includedStats({ 'sidecar.istio.io/statsInclusionRegexps': 'http.*,.*outlier.*' })(STAT)).to.equal(true);
  });
});
