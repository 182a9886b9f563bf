import { expect } from 'chai';
import { readOutlierDetection } from './cluster-config.ts';
import { type Host, newHost } from './host.ts';
import { OutlierDetector, zeroCounters } from './outlier.ts';
import { ENVOY_OUTLIER_DEFAULTS, type OutlierSettings } from './settings.ts';
import { endpoint, TOKYO_A, VENDOR_BLOCK } from './testing/fixtures.ts';

function detector(settings: OutlierSettings, count = 1) {
  const counters = zeroCounters();
  const subject = new OutlierDetector(settings, counters, () => 0.5, 0);
  const hosts = Array.from({ length: count }, (_, index) => newHost(endpoint(`h${index}`, TOKYO_A), 0));
  for (const host of hosts) subject.add(host);
  return { subject, counters, host: hosts[0] as Host, hosts };
}

const status = (code: number) => ({ kind: 'response', status: code }) as const;
const VENDOR = readOutlierDetection(VENDOR_BLOCK);
const ALL = { maxEjectionPercent: 100 };

describe('outlier detection', () => {
  it('ejects on the fifth 5xx in a row with Envoy defaults and lets a good answer start over', () => {
    const { subject, counters, host } = detector({ ...ENVOY_OUTLIER_DEFAULTS, ...ALL });
    for (const code of [500, 500, 500, 500, 200, 500, 500, 500, 500]) subject.report(host, status(code), 1);
    expect(counters.enforcedTotal).to.equal(0);
    expect(subject.report(host, status(500), 2)).to.equal(true);
    expect(host.ejectedAt).to.equal(2);
    expect(host.failures.consecutive_5xx).to.equal(0);
  });

  it('counts the fifth gateway failure as detected and, by default, does not enforce it', () => {
    const rules = { ...ENVOY_OUTLIER_DEFAULTS.rules, consecutive_5xx: { threshold: 99, enforcing: 100 } };
    const { subject, counters, host } = detector({ ...ENVOY_OUTLIER_DEFAULTS, ...ALL, rules });
    for (const code of [503, 503, 500, 502, 503, 504, 503]) subject.report(host, status(code), 1);
    expect(counters.detected.consecutive_gateway_failure).to.equal(0);
    subject.report(host, status(503), 1);
    expect(counters.detected.consecutive_gateway_failure).to.equal(1);
    expect(counters.enforcedTotal).to.equal(0);
  });

  it('keeps external and local failures apart with the split', () => {
    const rules = { ...VENDOR.rules, consecutive_5xx: { threshold: 2, enforcing: 100 } };
    const { subject, counters, host } = detector({ ...VENDOR, rules });
    subject.report(host, status(503), 1);
    subject.report(host, { kind: 'connect-refused' }, 2);
    expect(counters.enforced.consecutive_local_origin_failure).to.equal(1);
    expect(host.failures.consecutive_5xx).to.equal(1);
  });

  it('never collects local failures that come after a connection stood, because the connection counts as success', () => {
    const rules = { ...VENDOR.rules, consecutive_local_origin_failure: { threshold: 2, enforcing: 100 } };
    const { subject, counters, host } = detector({ ...VENDOR, rules });
    for (let count = 0; count < 10; count += 1) subject.report(host, { kind: 'timeout' }, count);
    expect(counters.enforcedTotal).to.equal(0);
    subject.report(host, { kind: 'connect-timeout' }, 11);
    expect(counters.enforcedTotal).to.equal(1);
  });

  it('maps local failures to HTTP codes without the split', () => {
    const rules = { ...VENDOR.rules, consecutive_5xx: { threshold: 3, enforcing: 100 } };
    const { subject, counters, host } = detector({ ...VENDOR, splitLocalOrigin: false, rules });
    subject.report(host, { kind: 'connect-refused' }, 1);
    subject.report(host, { kind: 'timeout' }, 2);
    subject.report(host, status(500), 3);
    expect(counters.enforced.consecutive_5xx).to.equal(1);
  });

  it('moves no statistic for a host that is ejected already, was removed, or whose caller hung up', () => {
    const { subject, counters, host } = detector(VENDOR);
    expect(subject.report(host, { kind: 'abandoned' }, 0)).to.equal(false);
    subject.report(host, status(503), 1);
    const before = structuredClone(counters);
    subject.report(host, status(503), 2);
    expect(counters).to.deep.equal(before);
    const [gone, other] = detector(VENDOR, 2).hosts;
    if (gone === undefined || other === undefined) throw new Error('two hosts');
    gone.removed = true;
    expect(subject.report(gone, status(503), 3)).to.equal(false);
    expect(counters).to.deep.equal(before);
  });

  it('detects nothing for a threshold of 0', () => {
    const settings = readOutlierDetection({ ...VENDOR_BLOCK, consecutive5xxErrors: 0 });
    const { subject, counters, host } = detector(settings);
    for (let count = 0; count < 3; count += 1) subject.report(host, status(500), count);
    expect(counters.detected.consecutive_5xx).to.equal(0);
  });

  it('counts an overflow instead of going past the largest ejection percentage', () => {
    const { subject, counters, hosts } = detector({ ...VENDOR, maxEjectionPercent: 50 }, 3);
    for (const host of hosts) subject.report(host, status(503), 1);
    expect(counters).to.include({ active: 1, enforcedTotal: 1, overflow: 2 });
  });

  it('ejects nothing of a single host at Envoy’s 10 percent unless one is always allowed', () => {
    const rules = VENDOR.rules;
    const strict = detector({ ...ENVOY_OUTLIER_DEFAULTS, rules });
    strict.subject.report(strict.host, status(500), 1);
    expect(strict.counters).to.include({ active: 0, overflow: 1 });
    const lenient = detector({ ...ENVOY_OUTLIER_DEFAULTS, rules, alwaysEjectOneHost: true });
    lenient.subject.report(lenient.host, status(500), 1);
    expect(lenient.counters).to.include({ active: 1, overflow: 0 });
  });

  it('lengthens ejections with the backoff up to max_ejection_time, zeroes counters at the end, and lets backoff decay', () => {
    const settings = { ...VENDOR, intervalMs: 1000, baseEjectionMs: 2000, maxEjectionMs: 5000 };
    const { subject, host } = detector(settings);
    const lengths: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const start = subject.nextSweep;
      subject.report(host, status(503), start);
      subject.sweep();
      while (host.ejectedAt !== undefined) {
        subject.report(host, status(500), subject.nextSweep);
        subject.sweep();
      }
      lengths.push((host.lastUnejection ?? 0) - start);
      expect(host.failures).to.deep.equal({
        consecutive_5xx: 0,
        consecutive_gateway_failure: 0,
        consecutive_local_origin_failure: 0,
      });
    }
    expect(lengths).to.deep.equal([2000, 4000, 5000, 5000]);
    const backoff = host.backoff;
    subject.sweep();
    subject.sweep();
    expect(host.backoff).to.equal(backoff - 2);
  });

  it('adds jitter to the ejection time', () => {
    const { subject, host } = detector({ ...VENDOR, intervalMs: 1000, baseEjectionMs: 1000, maxJitterMs: 3999 });
    subject.report(host, status(503), 1000);
    while (host.ejectedAt !== undefined) subject.sweep();
    expect(host.lastUnejection).to.equal(4000);
  });

  it('gives the ejection back when the host is removed', () => {
    const { subject, counters, host } = detector(VENDOR);
    subject.report(host, status(503), 1);
    subject.remove(host);
    expect(counters).to.include({ active: 0, enforcedTotal: 1 });
  });
});
