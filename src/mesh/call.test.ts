import { expect } from 'chai';
import { APP_DOWN_TEXT } from './outcome.ts';
import { defaultRetryPolicy, type RouteSettings } from './retry.ts';
import { CLIENT_A, endpoint, FOUR_ZONES, seeded, TOKYO_A, vendorCluster } from './testing/fixtures.ts';
import { MeshTwin, type TwinCall } from './testing/twin.ts';

const OLD_RETRY: RouteSettings = { retry: defaultRetryPolicy('<=1.23') };

function twin(options: { route?: RouteSettings; mergeWindowMs?: number; seed?: number } = {}): MeshTwin {
  const { route, mergeWindowMs, seed } = options;
  return new MeshTwin({
    client: CLIENT_A,
    endpoints: FOUR_ZONES,
    settings: vendorCluster(mergeWindowMs === undefined ? {} : { mergeWindowMs }),
    random: seeded(seed ?? 1),
    ...(route === undefined ? {} : { route }),
  });
}

/** Past the window that the first endpoint update has opened. */
function settled(options: Parameters<typeof twin>[0] = {}): MeshTwin {
  const mesh = twin(options);
  mesh.advance(5000);
  return mesh;
}

function servedBy(made: TwinCall): string {
  return made.result.kind === 'upstream' ? made.result.response : made.result.kind;
}

describe('a call through the client’s proxy', () => {
  it('stays in the zone while all is well', async () => {
    const mesh = settled();
    for (let count = 0; count < 50; count += 1) expect(servedBy(await mesh.call())).to.equal('a:8000');
  });

  it('shows one 503 and then the other zone when the app is down behind its sidecar (>= 1.24)', async () => {
    const mesh = settled();
    mesh.behave('a:8000', { status: 503 });
    const first = await mesh.call();
    expect(first.result).to.include({ kind: 'upstream', attempts: 1, response: 'a:8000' });
    expect(servedBy(await mesh.call())).to.equal('b:8000');
    expect(mesh.counters).to.include({ active: 1, enforcedTotal: 1 });
    expect(mesh.counters.enforced.consecutive_5xx).to.equal(1);
  });

  it('hides that 503 behind a retry with the default policy of <= 1.23', async () => {
    const mesh = settled({ route: OLD_RETRY });
    mesh.behave('a:8000', { status: 503 });
    const first = await mesh.call();
    expect(first.result).to.include({ kind: 'upstream', attempts: 2, response: 'b:8000' });
  });

  it('hides a refused connection (no sidecar) in both versions and counts it as local origin', async () => {
    for (const route of [undefined, OLD_RETRY]) {
      const mesh = settled(route === undefined ? {} : { route });
      mesh.behave('a:8000', 'refused');
      expect(servedBy(await mesh.call())).to.equal('b:8000');
      expect(mesh.counters.enforced.consecutive_local_origin_failure).to.equal(1);
      expect(mesh.counters.enforced.consecutive_5xx).to.equal(0);
    }
  });

  it('needs ten seconds for the first call into a blackhole and then leaves it', async () => {
    const mesh = settled();
    mesh.behave('a:8000', 'dropped');
    const first = await mesh.call();
    expect(servedBy(first)).to.equal('b:8000');
    expect(first.tookMs).to.be.within(10_000, 10_250);
    expect((await mesh.call()).tookMs).to.equal(0);
  });

  it('does not retry a connection that breaks later', async () => {
    const mesh = settled();
    mesh.behave('a:8000', 'reset');
    const first = await mesh.call();
    expect(first.result).to.include({ kind: 'local', status: 503, flag: 'UC', attempts: 1 });
    expect(servedBy(await mesh.call())).to.equal('b:8000');
  });

  it('hits the dead host three times in one call when the merge window holds the ejection back', async () => {
    const mesh = twin();
    mesh.behave('a:8000', 'refused');
    const { result } = await mesh.call();
    expect(result).to.include({ kind: 'local', status: 503, flag: 'URX', attempts: 3 });
    expect(result.kind === 'local' ? result.body : '').to.equal(APP_DOWN_TEXT);
    expect(mesh.counters.enforcedTotal).to.equal(1);
  });

  it('fails for up to a second, without new statistics, when an ejection follows an endpoint update', async () => {
    const mesh = twin();
    mesh.advance(400);
    mesh.behave('a:8000', { status: 503 });
    const failedUntil: number[] = [];
    for (let count = 0; count < 100; count += 1) {
      const made = await mesh.call();
      if (servedBy(made) === 'a:8000') failedUntil.push(made.startedAt);
      mesh.advance(20);
    }
    expect(failedUntil.length).to.be.within(49, 51);
    expect(failedUntil.at(-1)).to.be.below(1400);
    expect(mesh.counters.enforcedTotal).to.equal(1);
  });

  it('fails exactly once in the same situation when the window is off', async () => {
    const mesh = twin({ mergeWindowMs: 0 });
    mesh.behave('a:8000', { status: 503 });
    const served = [servedBy(await mesh.call()), servedBy(await mesh.call())];
    expect(served).to.deep.equal(['a:8000', 'b:8000']);
  });

  it('answers UH with no feedback when every host of every priority is ejected', async () => {
    const mesh = settled({ mergeWindowMs: 0 });
    for (const { address } of FOUR_ZONES) mesh.behave(address, { status: 503 });
    for (let count = 0; count < 4; count += 1) await mesh.call();
    const before = structuredClone(mesh.counters);
    expect((await mesh.call()).result).to.deep.include({
      kind: 'local',
      status: 503,
      flag: 'UH',
      body: 'no healthy upstream',
    });
    expect(mesh.counters).to.deep.equal(before);
    expect(before.active).to.equal(4);
  });

  it('ejects a merely slow host when the route has a timeout, and does not retry', async () => {
    const mesh = settled({ route: { retry: defaultRetryPolicy('>=1.24'), timeoutMs: 300 } });
    mesh.behave('a:8000', { slowMs: 2000 });
    const first = await mesh.call();
    expect(first.result).to.include({ kind: 'local', status: 504, flag: 'UT' });
    expect(first.tookMs).to.equal(300);
    expect(mesh.counters.enforced.consecutive_local_origin_failure).to.equal(1);
  });

  it('counts the time of a try from its connection, so that a silent host costs the connect timeout', async () => {
    const retry = { ...defaultRetryPolicy('>=1.24'), retries: 0, perTryTimeoutMs: 300 };
    const mesh = settled({ route: { retry } });
    mesh.behave('a:8000', 'dropped');
    expect((await mesh.call()).tookMs).to.equal(10_000);
    expect(mesh.counters.enforced.consecutive_local_origin_failure).to.equal(1);
  });

  it('blames no host when the time of the whole call is over before there is a connection', async () => {
    const mesh = settled({ route: { retry: defaultRetryPolicy('>=1.24'), timeoutMs: 300 } });
    mesh.behave('a:8000', 'dropped');
    const first = await mesh.call();
    expect([first.result, first.tookMs]).to.deep.include.members([300]);
    expect(first.result).to.include({ kind: 'local', status: 504, flag: 'UT' });
    expect(mesh.counters.enforcedTotal).to.equal(0);
  });

  it('never ejects for a fault that a VirtualService injects', async () => {
    const mesh = settled({
      route: { retry: defaultRetryPolicy('>=1.24'), fault: { abort: { status: 503, percent: 100 } } },
    });
    expect((await mesh.call()).result).to.include({ kind: 'local', flag: 'FI', attempts: 0 });
    expect(mesh.counters.enforcedTotal).to.equal(0);
  });

  it('retries on another host of the same priority, up to the odds of six draws', async () => {
    const mesh = new MeshTwin({
      client: CLIENT_A,
      endpoints: [endpoint('dead:8000', TOKYO_A), endpoint('live:8000', TOKYO_A)],
      settings: vendorCluster(),
      random: seeded(1),
    });
    mesh.behave('dead:8000', 'refused');
    const attempts: number[] = [];
    while (attempts.length < 60) attempts.push((await mesh.call()).result.attempts);
    expect(mesh.now, 'inside the merge window').to.be.below(1000);
    expect(attempts.filter((count) => count > 2).length).to.be.at.most(2);
    expect(attempts.filter((count) => count === 2).length).to.be.at.least(15);
  });

  it('leaves tried priorities after two attempts with retryRemoteLocalities', async () => {
    const mesh = twin({ route: { retry: { ...defaultRetryPolicy('>=1.24'), remoteLocalities: true } } });
    mesh.behave('a:8000', 'refused');
    expect((await mesh.call()).result).to.include({ kind: 'upstream', response: 'b:8000', attempts: 3 });
  });

  it('retries a lone host of the first priority again, because previous_hosts stays inside the priority', async () => {
    const mesh = new MeshTwin({
      client: CLIENT_A,
      endpoints: [endpoint('only:8000', TOKYO_A)],
      settings: vendorCluster({ panicThreshold: 50 }),
      random: seeded(1),
    });
    mesh.behave('only:8000', 'refused');
    expect((await mesh.call()).result).to.include({ attempts: 3, flag: 'URX' });
  });
});
