import { expect } from 'chai';
import type { RunResult } from '../../model/result.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import type { Endpoint } from '../../model/target.ts';
import { findingOf } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { always, type Draw } from '../testing/holds.ts';
import type { Raw } from '../testing/record-file.ts';
import { rewritten, type Server, withoutAddresses } from '../testing/reroute.ts';
import { B, C, FAR, gone, mixed, observed, settled } from '../testing/spills.ts';
import { micros, type Story, type Told, told } from '../testing/told.ts';
import { faultOn, ipOf, ORDER, pathOf } from '../testing/world.ts';

const orderOf = (result: RunResult) => findingOf(result, 'failoverOrder/mockb/north-a');
const lieOf = (who: string) => `1 answer of ${who} says north-c, but that address is in north-b`;

type Run = Omit<Told, 'expect'> & { readonly order?: FailoverOrder };

/** What is said of the order of mockb from north-a. */
async function ordered({ rate, seed }: Pick<Draw, 'rate' | 'seed'>, { order = ORDER, ...run }: Run) {
  const { result } = await told({ rate, seed, ...run, expect: { failoverOrder: [order] } });
  return orderOf(result);
}

describe('rules: failover order (docs/verdict.md, section 7)', () => {
  it('O1 asks each stretch of its own places', () =>
    always(
      async ({ rate, seed, at }) => {
        const events = observed(at, gone('north-b'));
        const after = (server: Server) => settled((t) => (t < at ? B : server));
        const verdictWith = async (server: Server) =>
          (await ordered({ rate, seed }, { events, stories: { 'north-a': after(server) } })).verdict;
        expect(await verdictWith(C)).to.equal('pass');
        expect(await verdictWith(FAR)).to.equal('fail');
      },
      { from: 18, to: 22 },
    ));

  it('O1 fails for one stretch alone, however long and right the others are', () =>
    always(
      async ({ rate, seed, at }) => {
        const events = observed(at, gone('north-b'));
        const stories = { 'north-a': settled((t) => (t < at ? B : FAR)) };
        expect((await ordered({ rate, seed }, { events, stories })).verdict).to.equal('fail');
      },
      { from: 26, to: 27, rates: [20, 50] },
    ));

  it('O1 lets the stretches show the shares together', () =>
    always(
      async ({ seed, at }) => {
        const events = observed(at, gone('north-b'));
        const stories = { 'north-a': settled((t) => (t < at ? B : C)) };
        const verdictWith = async (run: Run) => (await ordered({ rate: 3, seed }, { events, stories, ...run })).verdict;
        expect(await verdictWith({})).to.equal('pass');
        const short = { undo: at + 3, undone: 31 };
        expect(await verdictWith({ times: short }), 'too few').to.equal('inconclusive');
      },
      { from: 19.5, to: 20.5 },
    ));

  it('O1 begins at the recovery of its own callers, whatever other paths do', () =>
    always(async ({ rate, seed }) => {
      const other: Story = (t) => (t > 10.2 && t < 24 ? 'nobody' : undefined);
      const verdictWith = async (strays: Story) => {
        const late = settled((t, seq) => (t > 12 && t < 22 ? strays(t, seq) : B));
        return (await ordered({ rate, seed }, { stories: { 'north-a': late, 'north-b': other } })).verdict;
      };
      expect(await verdictWith(mixed([B, 60], [FAR, 40]))).not.to.equal('pass');
      expect(await verdictWith(() => FAR)).to.equal('fail');
      const failing = mixed(['nobody', 50], [B, 26], [FAR, 24]);
      const own = settled((t, seq) => (t > 22 ? B : failing(t, seq)));
      expect((await ordered({ rate, seed }, { stories: { 'north-a': own } })).verdict).to.equal('pass');
    }));

  it('O1 gives the mesh one second after the recovery, and after a change of the places', () =>
    always(
      async ({ rate, seed, at }) => {
        /** Strays from `at` on for some time, between two servers. */
        const straying = (before: Story, lasts: number, after: Server) =>
          settled((t, seq) => (t < at ? before(t, seq) : t < at + lasts ? FAR : after));
        const half: Story = (_, seq) => (seq % 2 === 0 ? 'nobody' : B);
        const events = observed(at, gone('north-b'));
        const recovery = async (lasts: number) =>
          (await ordered({ rate, seed }, { stories: { 'north-a': straying(half, lasts, B) } })).verdict;
        const change = async (lasts: number) =>
          (await ordered({ rate, seed }, { events, stories: { 'north-a': straying(() => B, lasts, C) } })).verdict;
        expect(await recovery(0.95)).to.equal('pass');
        expect(await recovery(4)).not.to.equal('pass');
        expect(await change(0.95)).to.equal('pass');
        expect(await change(4)).not.to.equal('pass');
      },
      { from: 18.2, to: 18.6, rates: [20, 50] },
    ));

  it('O2 lets a place keep 140 % of its healthy share, and asks the next one for the rest', () =>
    always(
      async ({ rate, seed }) => {
        const fault = faultOn('north-a', 1);
        const home: Server = { zone: 'north-a', pod: 1 };
        const verdictWith = async (...parts: readonly (readonly [Server, number])[]) =>
          (await ordered({ rate, seed }, { fault, stories: { 'north-a': settled(mixed(...parts)) } })).verdict;
        expect(await verdictWith([home, 70], [B, 30])).to.equal('pass');
        expect(await verdictWith([home, 100])).to.equal('pass');
        expect(await verdictWith([home, 35], [B, 65])).to.equal('fail');
        expect(await verdictWith([home, 70], [C, 30])).to.equal('fail');
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O2 asks a place with enough healthy pods for the declared share', () =>
    always(
      async ({ rate, seed }) => {
        const fault = faultOn('north-a', 1);
        const more = (endpoint: Endpoint): readonly Endpoint[] => {
          if (endpoint.zone !== 'north-a' || !endpoint.pod.endsWith('-0')) return [endpoint];
          const others = [2, 3].map((i) => ({ ...endpoint, pod: `more-${i}`, ip: ipOf('mockb', 'north-a', i) }));
          return [endpoint, ...others];
        };
        const verdictWith = async (percent: number) => {
          const place = mixed([{ zone: 'north-a', pod: 1 }, percent], [B, 100 - percent]);
          const own: Story = (t, seq) => {
            if (t < 10.2 || t >= 32) return { zone: 'north-a', pod: seq % 4 };
            return t < 10.5 ? 'nobody' : place(t, seq);
          };
          const run = { fault, events: observed(0.2, more), stories: { 'north-a': own } };
          return (await ordered({ rate, seed }, run)).verdict;
        };
        expect(await verdictWith(97)).to.equal('pass');
        expect(await verdictWith(70)).to.equal('fail');
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O2 asks up to each place for what is declared there', () =>
    always(
      async ({ rate, seed }) => {
        const events = observed(0.2, gone('north-b'));
        const places = [0.5, 0.7, 0.9].map((shareAtLeast, i) => ({
          place: ORDER.order[i]?.place ?? { zone: '' },
          shareAtLeast,
        }));
        const stories = { 'north-a': settled(mixed([C, 80], [FAR, 20])) };
        const verdictWith = async (order: FailoverOrder) =>
          (await ordered({ rate, seed }, { order, events, stories })).verdict;
        expect(await verdictWith({ ...ORDER, order: places })).to.equal('pass');
        expect(await verdictWith(ORDER)).to.equal('fail');
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O2 asks for a share that is declared for home itself as it stands', () =>
    always(
      async ({ rate, seed }) => {
        const stories = { 'north-a': settled(mixed([{ zone: 'north-a', pod: 1 }, 80], [B, 20])) };
        const verdictWith = async (...home: readonly number[]) => {
          const first = home.map((shareAtLeast) => ({ place: { zone: 'north-a' }, shareAtLeast }));
          const order = { ...ORDER, order: [...first, ...ORDER.order] };
          return (await ordered({ rate, seed }, { fault: faultOn('north-a', 1), order, stories })).verdict;
        };
        expect(await verdictWith(0.95)).to.equal('fail');
        expect(await verdictWith(0.65)).to.equal('pass');
        expect(await verdictWith()).to.equal('pass');
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O2 counts pods that are not ready from Istio 1.31 on, and allows both where the version is not known', () =>
    always(
      async ({ rate, seed }) => {
        const unready = (endpoint: Endpoint): readonly Endpoint[] =>
          endpoint.pod === 'mockb-north-b-1' ? [{ ...endpoint, ready: false }] : [endpoint];
        const verdictWith = async (istio: string | undefined, atB: number) => {
          const versions = istio === undefined ? {} : { istio };
          const stories = { 'north-a': settled(mixed([B, atB], [C, 100 - atB])) };
          return (await ordered({ rate, seed }, { versions, events: observed(0.2, unready), stories })).verdict;
        };
        for (const version of ['1.31.0', 'v1.32-alpha.0', '2.0.1', 'tokyo 1.31.0, hangzhou 1.28.0', undefined]) {
          expect(await verdictWith(version, 70), version).to.equal('pass');
          expect(await verdictWith(version, 35), version).to.equal('fail');
        }
        for (const version of ['1.30.3', '1.9.0']) expect(await verdictWith(version, 70), version).to.equal('fail');
      },
      { rates: [20, 50], runs: 2 },
    ));

  it('O2 keeps 46 % at home with one pod ejected, one not ready and one healthy, as measured', () =>
    always(
      async ({ rate, seed }) => {
        const extra = (endpoint: Endpoint): readonly Endpoint[] =>
          endpoint.pod === 'mockb-north-a-0'
            ? [endpoint, { ...endpoint, pod: 'new', ip: '', ready: false }]
            : [endpoint];
        const verdictWith = async (istio: string) => {
          const stories = { 'north-a': settled(mixed([{ zone: 'north-a', pod: 1 }, 46], [B, 54])) };
          const run = { fault: faultOn('north-a', 1), versions: { istio }, events: observed(0.2, extra), stories };
          return (await ordered({ rate, seed }, run)).verdict;
        };
        expect(await verdictWith('1.31.0')).to.equal('pass');
        expect(await verdictWith('1.30.3')).to.equal('fail');
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O3 gives no capacity to a pod that served nothing in a baseline in which its neighbour served dozens', () =>
    always(
      async ({ rate, seed }) => {
        const verdictWith = async (other: Story) => {
          const stories = { 'north-a': settled(mixed([B, 70], [C, 30])), 'north-b': other };
          return (await ordered({ rate, seed }, { stories })).verdict;
        };
        expect(await verdictWith(() => ({ zone: 'north-b', pod: 0 }))).to.equal('pass');
        expect(await verdictWith((_, seq) => ({ zone: 'north-b', pod: seq % 2 }))).to.equal('fail');
        expect(await verdictWith((_, seq) => (seq < 30 ? B : C)), 'fifteen for each of two say too little').to.equal(
          'fail',
        );
      },
      { rates: [20, 50], runs: 3 },
    ));

  it('O3 gives no capacity to a zone whose own callers were all served elsewhere in the baseline', () =>
    always(
      async ({ rate, seed }) => {
        const verdictWith = async (other: Story, records?: Run['records']) => {
          const own: Story = (t, seq) => (t >= 10.5 && t < 32 ? C : settled(() => C)(t, seq));
          const run = { stories: { 'north-a': own, 'north-b': other }, ...(records !== undefined && { records }) };
          return (await ordered({ rate, seed }, run)).verdict;
        };
        const half: Story = (_, seq) => (seq % 2 === 0 ? B : C);
        expect(await verdictWith(() => C)).to.equal('pass');
        expect(await verdictWith(() => B)).to.equal('fail');
        expect(await verdictWith(half, withoutAddresses), 'somebody served there').to.equal('fail');
      },
      { rates: [10, 20, 50], runs: 3 },
    ));

  it('O3 skips no place for certain where more hosts are ejected than the fault hit, or some before it', () =>
    always(async ({ rate, seed }) => {
      const row = { type: 'ejections', cluster: 'tokyo', zone: 'north-a', service: 'mockb', overflow: 0 } as const;
      const verdictWith = async (before: number, during: number) => {
        const events = (history: HistoryBuilder): void => {
          const caller = { ...row, pod: 'mocka-north-a-0' };
          history.at(1e6, { ...caller, active: before, enforcedTotal: before });
          history.at(11e6, { ...caller, active: during, enforcedTotal: during });
        };
        return (await ordered({ rate, seed }, { events, stories: { 'north-a': settled(() => C) } })).verdict;
      };
      expect(await verdictWith(0, 2)).to.equal('fail');
      expect(await verdictWith(0, 3)).to.equal('inconclusive');
      expect(await verdictWith(1, 2)).to.equal('inconclusive');
    }));

  for (const service of ['mocka', 'mockb', 'mockc'] as const) {
    it(`O4 says nothing of places where an answer of ${service} prints another zone than its address has`, () =>
      always(
        async ({ at, ...draw }) => {
          const ip = ipOf(service, 'north-b', 0);
          const { result } = await told({
            ...draw,
            expect: {
              steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.9 },
              failoverOrder: [ORDER],
              unaffected: { except: [{ zone: 'north-a' }, { zone: 'north-b' }] },
              failback: { withinMs: 5000 },
              errorBudget: { perCaller: 100 },
              ejections: [{ service: 'mockb', atLeast: 1 }],
            },
            stories: { 'north-a': settled(() => B) },
            records: (all) => {
              const lying = all.findIndex(
                (one) => one.start > at * 1e6 && one.chain?.hops.some((hop) => hop.ip === ip),
              );
              const lie = rewritten(all, (hop) => (hop.ip === ip ? { ...hop, zone: 'north-c' } : hop));
              return all.map((one, i) => (i === lying ? (lie[i] ?? one) : one));
            },
          });
          const speaking = result.findings.filter(({ id }) =>
            /^(failoverOrder|failback|unaffected|errorBudget|ejections)/.test(id),
          );
          expect(speaking.length).to.be.at.least(7);
          const steady = findingOf(result, 'steadyState/sameZone');
          if (at > 10) expect(steady.verdict).to.equal('pass');
          for (const { id, verdict, cause } of at < 10 ? [steady, ...speaking] : speaking) {
            expect(verdict, id).to.equal('inconclusive');
            expect(cause, id).to.contain(lieOf(`${service} at ${ip}`));
          }
          expect(findingOf(result, `recoveryTime/${pathOf('north-a')}`).verdict).to.equal('pass');
        },
        { from: 2, to: 25, rates: [20, 50], runs: 6 },
      ));
  }

  it('O4 believes a zone that its address has, and one of an address that no endpoint has', () =>
    always(async ({ rate, seed }) => {
      const strange = (ip: string) => (ip === ipOf('mockc', 'north-b', 0) ? '10.99.0.7' : ip);
      const run = {
        stories: { 'north-a': settled(() => B) },
        records: (all: Parameters<typeof rewritten>[0]) => rewritten(all, (hop) => ({ ...hop, ip: strange(hop.ip) })),
      };
      expect((await ordered({ rate, seed }, run)).verdict).to.equal('pass');
    }));

  it('O5 is out of order where a farther place served first, even if it was short and before the order is judged', () =>
    always(async ({ rate, seed }) => {
      const first = Math.ceil(10.5 * rate);
      /** So many calls go far away, the first of all, or after three others. */
      const early = async (far: number, from = 0, shareAtLeast = 0.9) => {
        const isFar = (seq: number): boolean => seq >= first + from && seq < first + from + far;
        const own: Story = (t, seq) => (t < 10.5 || t >= 32 ? settled(() => B)(t, seq) : isFar(seq) ? FAR : B);
        const order = { ...ORDER, order: ORDER.order.map(({ place }) => ({ place, shareAtLeast })) };
        return ordered({ rate, seed }, { order, stories: { 'north-a': own } });
      };
      const few = Math.max(3, Math.ceil(rate * 0.5));
      expect(await early(few)).to.deep.include({ verdict: 'fail', cause: 'another place served before north-b did' });
      expect((await early(2, 0, 1)).verdict, 'no more than chance').to.equal('pass');
      expect((await early(few, 3)).verdict).to.equal('pass');
      expect((await early(few, 0, 0.4)).verdict, 'no more than the strays allowed').to.equal('pass');
    }));

  it('O5 is out of order where a farther place served most calls for seconds before the order is judged', () =>
    always(
      async ({ rate, seed, at }) => {
        const straying = (...parts: readonly (readonly [Server, number])[]) =>
          settled((t, seq) => (t < at ? mixed(['nobody', 40], ...parts)(t, seq) : B));
        const verdictWith = async (place: Story) =>
          (await ordered({ rate, seed }, { stories: { 'north-a': place } })).verdict;
        expect(await verdictWith(straying([FAR, 50], [B, 10]))).to.equal('fail');
        expect(await verdictWith(straying([FAR, 20], [B, 40]))).to.equal('pass');
      },
      { from: 15, to: 18 },
    ));

  it('O5 takes no place for too early that was the expected one when the fault took effect', () =>
    always(async ({ rate, seed }) => {
      const stories = { 'north-a': settled((t) => (t < 11.2 ? C : B)) };
      const own: Story = (t, seq) => (t >= 10.5 && t < 11.2 ? C : stories['north-a'](t, seq));
      const events = (history: HistoryBuilder): void => {
        observed(0.2, gone('north-b'))(history);
        observed(11, (endpoint) => [endpoint])(history);
      };
      expect((await ordered({ rate, seed }, { events, stories: { 'north-a': own } })).verdict).to.equal('pass');
      expect((await ordered({ rate, seed }, { stories: { 'north-a': own } })).verdict).to.equal('fail');
    }));

  describe('O6', () => {
    const nobody: Story = (t, seq) => (t >= 10.5 && t < 32 ? 'nobody' : settled(() => B)(t, seq));
    /** The callers themselves are elsewhere: nobody in north-a calls mockb. */
    const moved =
      (from: number) =>
      (records: readonly Raw[]): Raw[] =>
        records.map((one) => {
          const isMoved = one.path === 0 && one.start >= micros(from) && one.start < 32e6;
          const hop = (service: string, zone: string) => ({ service, zone, ip: ipOf(service, zone, 0) });
          const hops = ['mocka', 'mockb', 'mockc'].map((service) => hop(service, 'north-b'));
          return isMoved ? { ...one, status: 200, end: one.start + 4000, chain: { hops, rest: '' } } : one;
        });

    it('O6 says that nothing took over once the promised time has passed since T0, and not before', () =>
      always(
        async ({ rate, seed, at }) => {
          for (const withinMs of [3000, 7000]) {
            const endingAt = async (undo: number) =>
              ordered({ rate, seed }, { withinMs, times: { undo, undone: 31 }, stories: { 'north-a': nobody } });
            expect((await endingAt(10.2 + withinMs / 1000 + at)).verdict).to.equal('fail');
            expect(await endingAt(10.2 + withinMs / 1000 - at)).to.deep.include({
              verdict: 'inconclusive',
              cause: 'the stage ended before something had to take over',
            });
          }
        },
        { from: 0.5, to: 2 },
      ));

    it('O6 waits for five seconds where no time is promised', () =>
      always(
        async ({ rate, seed, at }) => {
          const verdictWith = async (undo: number) => {
            const expectations = { failoverOrder: [ORDER], recoveryTime: undefined };
            const run = { rate, seed, times: { undo, undone: 31 }, stories: { 'north-a': nobody } };
            return orderOf((await told({ ...run, expect: expectations as object })).result).verdict;
          };
          expect(await verdictWith(15.2 + at)).to.equal('fail');
          expect(await verdictWith(15.2 - at)).to.equal('inconclusive');
        },
        { from: 0.5, to: 2 },
      ));

    it('O6 needs calls that failed after that time', () =>
      always(
        async ({ rate, seed, at }) => {
          const verdictWith = async (from: number) =>
            (await ordered({ rate, seed }, { stories: { 'north-a': nobody }, records: moved(from) })).verdict;
          expect(await verdictWith(15 - at)).to.equal('inconclusive');
          expect(await verdictWith(99)).to.equal('fail');
        },
        { from: 0, to: 2 },
      ));
  });
});
