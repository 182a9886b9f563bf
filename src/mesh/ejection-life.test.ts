import { expect } from 'chai';
import fc from 'fast-check';
import { CLIENT_A, endpoint, FOUR_ZONES, seeded, TOKYO_A, TOKYO_B, vendorCluster } from './testing/fixtures.ts';
import { MeshTwin } from './testing/twin.ts';

function mesh(seed = 1, endpoints = FOUR_ZONES): MeshTwin {
  return new MeshTwin({ client: CLIENT_A, endpoints, settings: vendorCluster(), random: seeded(seed) });
}

async function servers(twin: MeshTwin, count: number): Promise<string[]> {
  const served: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { result } = await twin.call();
    served.push(result.kind === 'upstream' ? result.response : result.kind);
  }
  return served;
}

describe('the life of an ejection', () => {
  it('lasts from 300 s to 330 s with the vendor page’s settings, whenever it began', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2000, max: 200_000 }), async (at) => {
        const twin = mesh();
        twin.advance(at);
        twin.behave('a:8000', { status: 503 });
        await twin.call();
        twin.behave('a:8000', 'ok');
        while (twin.counters.active > 0) twin.advance(10);
        expect(twin.now - at).to.be.within(300_000, 330_000);
        twin.advance(1001);
        expect(await servers(twin, 20)).to.deep.equal(Array(20).fill('a:8000'));
      }),
      { numRuns: 20 },
    );
  });

  it('shows a caller one failure every 300 to 330 s while the fault stays, and nothing else from that zone', async () => {
    const twin = mesh();
    twin.advance(7000);
    twin.behave('a:8000', { status: 503 });
    const failures: number[] = [];
    const hour = twin.now + 3_600_000;
    while (twin.now < hour) {
      const [served] = await servers(twin, 1);
      if (served === 'a:8000') failures.push(twin.now);
      else expect(served).to.equal('b:8000');
      twin.advance(1500);
    }
    const gaps = failures.slice(1).map((at, index) => at - (failures[index] ?? 0));
    expect(failures.length).to.be.within(11, 13);
    for (const gap of gaps) expect(gap).to.be.within(300_000, 331_500);
    expect(twin.counters.enforcedTotal).to.equal(failures.length);
  });

  it('survives renumbering, but not removal, another locality, or a new cluster', async () => {
    const twin = mesh();
    twin.advance(5000);
    twin.behave('b:8000', { status: 503 });
    twin.setEndpoints(FOUR_ZONES.slice(1));
    twin.advance(2000);
    await twin.call();
    expect(twin.counters.active).to.equal(1);
    twin.setEndpoints(FOUR_ZONES);
    expect(twin.counters.active).to.equal(1);
    twin.setEndpoints(FOUR_ZONES.filter((entry) => entry.address !== 'b:8000'));
    expect(twin.counters).to.include({ active: 0, enforcedTotal: 1 });
    twin.setEndpoints(FOUR_ZONES);
    twin.behave('a:8000', { status: 503 });
    twin.advance(2000);
    await twin.call();
    expect(twin.counters.active).to.equal(1);
    twin.setEndpoints([endpoint('a:8000', TOKYO_B), ...FOUR_ZONES.slice(1)]);
    expect(twin.counters.active).to.equal(0);
    twin.setEndpoints(FOUR_ZONES);
    twin.advance(2000);
    await twin.call();
    twin.setSettings(vendorCluster({ panicThreshold: 1 }));
    expect(twin.counters).to.include({ active: 0, enforcedTotal: 3 });
    expect(await servers(twin, 1)).to.deep.equal(['a:8000']);
  });

  it('never begins when endpoints merely go away', async () => {
    const twin = mesh();
    await servers(twin, 10);
    twin.setEndpoints(FOUR_ZONES.slice(1));
    expect(await servers(twin, 10)).to.deep.equal(Array(10).fill('b:8000'));
    twin.setEndpoints(FOUR_ZONES);
    expect(await servers(twin, 10)).to.deep.equal(Array(10).fill('a:8000'));
    expect(twin.counters).to.include({ active: 0, enforcedTotal: 0, overflow: 0 });
  });

  it('sends nobody across zones for one bad host of four', async () => {
    const local = ['1', '2', '3', '4'].map((name) => endpoint(name, TOKYO_A));
    const twin = mesh(3, [...local, endpoint('b:8000', TOKYO_B)]);
    twin.advance(5000);
    twin.behave('1', { status: 503 });
    const served = await servers(twin, 400);
    expect(served.filter((name) => name === '1')).to.have.length(1);
    expect(served).not.to.include('b:8000');
  });

  it('spreads over both zones of the remote region as one priority', async () => {
    const twin = mesh(5, FOUR_ZONES.slice(2));
    const served = await servers(twin, 1000);
    expect(served.filter((name) => name === 'h:8000').length).to.be.within(400, 600);
  });
});
