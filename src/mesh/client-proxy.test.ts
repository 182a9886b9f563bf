import { expect } from 'chai';
import fc from 'fast-check';
import { ClientProxy } from './client-proxy.ts';
import { assignPriorities, type MeshEndpoint } from './locality.ts';
import type { AttemptOutcome } from './outcome.ts';
import {
  CLIENT_A,
  endpoint,
  FOUR_ZONES,
  HANGZHOU_H,
  seeded,
  TOKYO_A,
  TOKYO_B,
  vendorCluster,
} from './testing/fixtures.ts';

const SETTINGS = vendorCluster();
const LOCALITIES = [TOKYO_A, TOKYO_B, HANGZHOU_H];
const POOL: readonly MeshEndpoint[] = Array.from({ length: 9 }, (_, index) =>
  endpoint(`10.0.0.${index}:8000`, LOCALITIES[index % 3] ?? TOKYO_A),
);

const step = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
  fc.record({ do: fc.constant('call' as const), status: fc.constantFrom(200, 404, 500, 503) }),
  fc.record({ do: fc.constant('refuse' as const) }),
  fc.record({ do: fc.constant('endpoints' as const), kept: fc.subarray([...POOL.keys()]) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function assignment(kept: readonly number[]) {
  return assignPriorities({
    client: CLIENT_A,
    endpoints: kept.map((index) => POOL[index]).filter((entry) => entry !== undefined),
    setting: SETTINGS.localityLb,
    outlierDetection: true,
  });
}

/** One call straight away; the laws of choosing hold at every moment. */
function callOnce(proxy: ClientProxy, outcome: AttemptOutcome, now: number): string {
  const usable = proxy.hosts(now).some((host) => host.usable);
  const host = proxy.choose(now);
  expect(host === undefined).to.equal(!usable);
  if (host === undefined) return 'none';
  expect(host.usable, 'an ejected host was chosen though others have the load').to.equal(true);
  proxy.report(host, outcome, now);
  return host.endpoint.address;
}

/** Checks the laws of counting and returns the ejected addresses. */
function ejectedNow(proxy: ClientProxy, now: number): Set<string> {
  const hosts = proxy.hosts(now);
  const counters = proxy.counters(now);
  const ejected = new Set(hosts.filter((host) => host.ejectedAt !== undefined).map((host) => host.endpoint.address));
  expect(counters.active).to.equal(ejected.size);
  expect(Math.min(counters.enforcedTotal, counters.overflow, ...hosts.map((host) => host.active))).to.be.at.least(0);
  expect(proxy.loads(now).reduce((sum, load) => sum + load, 0)).to.equal(hosts.length === 0 ? 0 : 100);
  return ejected;
}

/** Plays the steps and returns what happened. */
function play(steps: readonly Step[], seed: number): string[] {
  const log: string[] = [];
  let now = 0;
  const proxy = new ClientProxy({ settings: SETTINGS, random: seeded(seed), now });
  proxy.setEndpoints(assignment([...POOL.keys()]), now);
  let before = new Set<string>();
  for (const entry of steps) {
    const sweeps = entry.do === 'wait' && Math.floor((now + entry.ms) / 30_000) > Math.floor(now / 30_000);
    if (entry.do === 'wait') now += entry.ms;
    if (entry.do === 'endpoints') proxy.setEndpoints(assignment(entry.kept), now);
    if (entry.do === 'call') log.push(callOnce(proxy, { kind: 'response', status: entry.status }, now));
    if (entry.do === 'refuse') log.push(callOnce(proxy, { kind: 'connect-refused' }, now));
    const ejected = ejectedNow(proxy, now);
    const present = new Set(proxy.hosts(now).map((host) => host.endpoint.address));
    const freed = [...before].filter((address) => present.has(address) && !ejected.has(address));
    if (!sweeps) expect(freed, 'un-ejected without a sweep').to.deep.equal([]);
    before = ejected;
    log.push([...ejected].join());
  }
  return log;
}

describe('client proxy', () => {
  it('keeps its laws over any sequence of calls, waits and endpoint updates, and repeats for a seed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(1000), (steps, seed) => {
        expect(play(steps, seed)).to.deep.equal(play(steps, seed));
      }),
      { numRuns: 150 },
    );
  });

  it('prefers the host with fewer requests on their way', () => {
    const proxy = new ClientProxy({ settings: SETTINGS, random: seeded(2), now: 0 });
    proxy.setEndpoints(assignment([0, 3]), 0);
    const busy = proxy.choose(0);
    for (let count = 0; count < 5; count += 1) {
      const chosen = proxy.choose(0);
      if (chosen !== busy && chosen !== undefined) proxy.report(chosen, { kind: 'response', status: 200 }, 0);
    }
    const active = proxy.hosts(0).map((host) => host.active);
    expect(Math.max(...active)).to.be.greaterThan(Math.min(...active));
    let idle = 0;
    for (let count = 0; count < 200; count += 1) {
      const chosen = proxy.choose(0);
      if (chosen === undefined) continue;
      if (chosen.active - 1 === Math.min(...active)) idle += 1;
      proxy.report(chosen, { kind: 'response', status: 200 }, 0);
    }
    expect(idle).to.be.greaterThan(120);
  });

  it('follows the weights of distribute and routes around an ejected locality', () => {
    const setting = {
      ...SETTINGS.localityLb,
      distribute: [{ from: '*', to: { 'ap-northeast-1/ap-northeast-1a': 90, 'ap-northeast-1/ap-northeast-1b': 10 } }],
    };
    const proxy = new ClientProxy({ settings: { ...SETTINGS, mergeWindowMs: 0 }, random: seeded(4), now: 0 });
    const weighted = assignPriorities({ client: CLIENT_A, endpoints: FOUR_ZONES, setting, outlierDetection: true });
    proxy.setEndpoints(weighted, 0);
    const counts = new Map<string, number>();
    for (let count = 0; count < 1000; count += 1) {
      const host = proxy.choose(0);
      if (host === undefined) continue;
      counts.set(host.endpoint.address, (counts.get(host.endpoint.address) ?? 0) + 1);
      proxy.report(host, { kind: 'response', status: 200 }, 0);
    }
    expect([...counts.keys()].sort()).to.deep.equal(['a:8000', 'b:8000']);
    expect(counts.get('a:8000')).to.be.within(860, 940);
    const local = proxy.hosts(0).find((host) => host.endpoint.address === 'a:8000');
    if (local !== undefined) proxy.report(local, { kind: 'response', status: 503 }, 0);
    for (let count = 0; count < 20; count += 1) expect(proxy.choose(0)?.endpoint.address).to.equal('b:8000');
  });

  it('ignores health in panic', () => {
    const settings = vendorCluster({ panicThreshold: 60, mergeWindowMs: 0 });
    const proxy = new ClientProxy({ settings, random: seeded(4), now: 0 });
    proxy.setEndpoints(assignment([0, 3]), 0);
    const host = proxy.choose(0);
    if (host !== undefined) proxy.report(host, { kind: 'response', status: 503 }, 0);
    const chosen = new Set(Array.from({ length: 50 }, () => proxy.choose(0)?.endpoint.address));
    expect(chosen.size).to.equal(2);
  });
});
