import { expect } from 'chai';
import fc from 'fast-check';
import { type Capacity, keptUpTo } from './capacity.ts';

/** A place with so many hosts, of which some were ejected and others are not ready. */
const place = (hosts: number, ejected: number, unready = 0): Capacity => ({
  healthy: hosts - ejected,
  ready: hosts,
  unready,
});

const percentAt = (capacity: readonly Capacity[], countUnready = true): number =>
  Math.round((keptUpTo(capacity, countUnready)[0] as number) * 100);

/** Envoy's load_balancer_impl.cc, recalculatePerPriorityState and distributeLoad, on healthy and all hosts of each priority. */
function envoy(priorities: readonly (readonly [healthy: number, all: number])[]): number[] {
  const health = priorities.map(([healthy, all]) => (all === 0 ? 0 : Math.min(100, Math.floor((140 * healthy) / all))));
  const total = Math.min(
    100,
    health.reduce((sum, one) => sum + one, 0),
  );
  if (total === 0) return health.map(() => 0);
  const load = health.map(() => 0);
  let left = 100;
  health.forEach((one, i) => {
    load[i] = Math.min(left, Math.floor((one * 100) / total));
    left -= load[i];
  });
  const first = health.findIndex((one) => one > 0);
  load[first] = (load[first] as number) + left;
  return load;
}

describe('analysis: the share that a mesh keeps at a place', () => {
  for (const [hosts, ejected, home] of [
    [1, 1, 0],
    [2, 1, 70],
    [3, 1, 93],
    [3, 2, 46],
    [4, 1, 100],
    [4, 2, 70],
    [5, 1, 100],
    [10, 3, 98],
  ] as const) {
    it(`O2 ${hosts} hosts, ${ejected} ejected: ${home} %, and the rest at the next place`, () => {
      for (const isCounted of [false, true]) {
        const kept = keptUpTo([place(hosts, ejected), place(2, 0)], isCounted);
        expect(kept.map((share) => Math.round(share * 100))).to.deep.equal([home, 100]);
      }
    });
  }

  it('O2 one healthy of two where the other is not ready: 70 % from Istio 1.31 on, all before', () => {
    const capacity = [place(1, 0, 1), place(2, 0)];
    expect([percentAt(capacity, true), percentAt(capacity, false)]).to.deep.equal([70, 100]);
  });

  it('O2 one ejected, one not ready, one healthy: 46 % from Istio 1.31 on, 70 % before', () => {
    const capacity = [place(2, 1, 1), place(2, 0)];
    expect([percentAt(capacity, true), percentAt(capacity, false)]).to.deep.equal([46, 70]);
  });

  it('O2 distributes as Envoy does, over any number of places', () => {
    const hosts = fc.integer({ min: 0, max: 12 });
    const places = fc.array(
      fc.tuple(hosts, hosts, hosts).map(([healthy, hit, unready]) => ({ healthy, ready: healthy + hit, unready })),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(places, fc.boolean(), (capacity, countUnready) => {
        const load = envoy(
          capacity.map(({ healthy, ready, unready }) => [healthy, ready + (countUnready ? unready : 0)] as const),
        );
        const upTo = load.map((_, rung) => load.slice(0, rung + 1).reduce((sum, one) => sum + one, 0) / 100);
        expect(keptUpTo(capacity, countUnready)).to.deep.equal(upTo);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('O2 lets a place whose capacity nobody knows keep everything', () => {
    expect(keptUpTo([place(1, 1), { healthy: null, ready: 0, unready: 0 }], true)).to.deep.equal([0, 1]);
  });
});
