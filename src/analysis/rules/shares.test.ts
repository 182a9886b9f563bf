import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../model/finding.ts';
import type { Place } from '../../model/place.ts';
import type { CallShares } from '../facts/expected-shares.ts';
import { analyze } from '../index.ts';
import { byProxies, covered } from '../testing/by-proxies.ts';
import { findingOf, type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { holds, seeds } from '../testing/holds.ts';
import { chunks, type Raw, seeded } from '../testing/record-file.ts';
import { ipOf } from '../testing/world.ts';

const ASKED: CallShares = {
  service: 'mockb',
  from: { zone: 'north-a' },
  to: [
    { place: { zone: 'north-a' }, share: 0.8 },
    { place: { zone: 'north-b' }, share: 0.2 },
  ],
  tolerance: 0.1,
};

const asking = (change: Partial<CallShares> = {}) => ({ shares: [{ ...ASKED, ...change }] });
const to = (...rows: (readonly [Place, number])[]) => ({ to: rows.map(([place, share]) => ({ place, share })) });

const RATE = 40;

/** Where a call of mockb from north-a goes at a time in seconds. */
type Going = (t: number, random: () => number) => string;
const often =
  (share: number, other = 'north-b'): Going =>
  (_, random) =>
    random() < share ? 'north-a' : other;
/** The same, evenly mixed: what chance does is no matter. */
const evenly =
  (share: number, other = 'north-b'): Going =>
  (t) =>
    (Math.floor(t * RATE) * 37) % 100 < share * 100 ? 'north-a' : other;

/** Nobody else's calls matter here. */
const ofOnePath = (records: Raw[]): Raw[] => records.filter(({ path }) => path === 0);

/** Calls of mockb from north-a go where they are sent, before the fault and after it. */
function going(where: Going, seed: number): (records: Raw[]) => Raw[] {
  const random = seeded(seed);
  return (records) =>
    ofOnePath(records).map((record) => {
      const t = record.due / 1e6;
      const [first, second, ...rest] = record.chain?.hops ?? [];
      if (second?.zone !== 'north-a' || first === undefined) return record;
      const zone = where(t, random);
      const hop = { ...second, zone, ip: ipOf('mockb', zone, Math.floor(random() * 2)) };
      return { ...record, chain: { hops: [first, hop, ...rest], rest: '' } };
    });
}

async function found(where: Going, seed: number, run: Handmade = {}): Promise<Record<'baseline' | 'after', Finding>> {
  const whole = recovering({ rate: RATE, seed, records: going(where, seed), expect: asking(), ...run });
  const result = await analyze(historyOf(whole), chunks(recordsOf(whole).file));
  const of = (name: string) => findingOf(result, `shares/mockb/north-a/${name}`);
  return { baseline: of('baseline'), after: of('after') };
}

const verdicts = ({ baseline, after }: Awaited<ReturnType<typeof found>>) => [baseline.verdict, after.verdict];

describe('docs/verdict.md 18: shares', () => {
  it('D1 pass where both limits of every share are within the tolerance, and fail beyond it, before and after', () =>
    holds(seeds, async (seed) => {
      const kept = await found(evenly(0.8), seed);
      expect(verdicts(kept), kept.baseline.cause ?? kept.after.cause).to.deep.equal(['pass', 'pass']);
      const lost = await found(often(0.5), seed);
      expect(verdicts(lost)).to.deep.equal(['fail', 'fail']);
      expect(lost.baseline.cause).to.match(/^north-a had [45]\d(\.\d)?% of the calls, 80% ± 10% expected$/);
      const later = await found((t, random) => evenly(t < 20 ? 0.8 : 1)(t, random), seed);
      expect(verdicts(later)).to.deep.equal(['pass', 'fail']);
    }));

  it('D1 never fail where the shares are as expected, however few calls, and pass nothing on few', () =>
    holds(
      fc.record({ seed: seeds, rate: fc.constantFrom(2, 5, 10), share: fc.constantFrom(0.5, 0.8, 0.95) }),
      async ({ seed, rate, share }) => {
        const rows = to([{ zone: 'north-a' }, share], [{ zone: 'north-b' }, 1 - share]);
        const few = await found(often(share), seed, { rate, expect: asking({ ...rows, tolerance: 0.02 }) });
        expect(verdicts(few)).to.deep.equal(['inconclusive', 'inconclusive']);
      },
      12,
    ));

  it('D1 what goes to no place of the clause counts by itself, and is named', () =>
    holds(seeds, async (seed) => {
      const wide = { tolerance: 0.15 };
      const { baseline } = await found(evenly(0.8, 'north-c'), seed, {
        expect: asking({ ...wide, ...to([{ zone: 'north-a' }, 0.8]) }),
      });
      expect(baseline.verdict, baseline.cause).to.equal('pass');
      const some: Going = (_, random) => (random() < 0.6 ? 'north-a' : random() < 0.5 ? 'north-b' : 'north-c');
      const strayed = await found(some, seed, {
        expect: asking({
          tolerance: 0.12,
          ...to([{ zone: 'north-a' }, 0.65], [{ zone: 'north-b' }, 0.25], [{ zone: 'south-h' }, 0.1]),
        }),
      });
      expect(strayed.baseline.verdict).to.equal('fail');
      expect(strayed.baseline.cause).to.match(/^elsewhere \(north-c\) had/);
    }));

  it('D1 too much in one place is no pass, although no other has too little', async () => {
    const three: Going = (t) => {
      const slot = (Math.floor(t * RATE) * 37) % 100;
      return slot < 68 ? 'north-a' : slot < 84 ? 'north-b' : 'north-c';
    };
    const rows = (['north-a', 'north-b', 'north-c'] as const).map(
      (zone, at) => [{ zone }, at === 0 ? 0.6 : 0.2] as const,
    );
    const { after } = await found(three, 7, { expect: asking(to(...rows)) });
    expect([after.verdict, after.cause?.slice(0, 7)]).to.deep.equal(['inconclusive', 'north-a']);
  });

  it('D1 the first place of the clause that has a pod has its calls', () =>
    holds(seeds, async (seed) => {
      const rows = to([{ zone: 'north-a' }, 0.8], [{ cluster: 'tokyo' }, 0.2]);
      expect(verdicts(await found(evenly(0.8), seed, { expect: asking(rows) }))).to.deep.equal(['pass', 'pass']);
    }));

  it('D2 calls that come in bursts are worth fewer than as many by themselves', () =>
    holds(seeds, async (seed) => {
      const inTurns: Going = (t) => (Math.floor(t / 2.5) % 5 === 1 ? 'north-b' : 'north-a');
      const { baseline } = await found(inTurns, seed, {
        expect: asking({ ...to([{ zone: 'north-a' }, 0.75], [{ zone: 'north-b' }, 0.25]), tolerance: 0.08 }),
      });
      expect(baseline.verdict, baseline.story).to.equal('inconclusive');
      expect(baseline.cause).to.contain('that may be chance');
    }));

  it('D3 waits after the undo for as long as callers may take home', () =>
    holds(seeds, async (seed) => {
      const late: Going = (t, random) => evenly(t < 39 && t > 31 ? 0 : 0.8)(t, random);
      const failback = { failback: { withinMs: 8_500 } };
      expect((await found(late, seed)).after.verdict).to.not.equal('pass');
      const { after } = await found(late, seed, { expect: { ...asking({ tolerance: 0.12 }), ...failback } });
      expect(after.verdict, after.cause).to.equal('pass');
    }));

  it('D4 leave open what nobody knows: no calls, places that no address tells, callers that were not read', () =>
    holds(seeds, async (seed) => {
      const none = await found(often(0.8), seed, { records: (all) => all.filter(({ path }) => path !== 0) });
      expect(none.baseline.cause).to.equal('too few calls: 0, at least 20 needed');
      const unknown = to([{ network: 'net-1' }, 0.8], [{ network: 'net-2' }, 0.2]);
      const { baseline } = await found(often(0.8), seed, { expect: asking(unknown) });
      expect([baseline.verdict, baseline.cause?.slice(0, 24)]).to.deep.equal([
        'inconclusive',
        'the network of mockb at ',
      ]);
      const whole = recovering({ rate: RATE, seed, records: going(evenly(0.8), seed), expect: asking() });
      const counted = byProxies(historyOf(whole), recordsOf(whole).file, seed);
      const missed = [{ ...covered('tokyo', 2), t: 1e6 }, ...counted.history];
      const shareOf = async (history: typeof missed) =>
        findingOf(await analyze(history, chunks(counted.records)), 'shares/mockb/north-a/baseline');
      const read = await shareOf(counted.history);
      expect(read.verdict, read.cause).to.equal('pass');
      expect(read.story).to.contain('as their proxies counted');
      const inOrder = missed.toSorted((a, b) => a.t - b.t).map((event, seq) => ({ ...event, seq }));
      expect((await shareOf(inOrder)).cause).to.contain('not every calling proxy was read');
    }));

  it('D4 are judged before the fault alone where none came', async () => {
    const whole = recovering({ rate: RATE, status: 'refused', records: going(often(0.8), 7), expect: asking() });
    const { findings } = await analyze(historyOf(whole), chunks(recordsOf(whole).file));
    expect(findings.flatMap(({ id }) => (id.startsWith('shares/') ? [id] : []))).to.deep.equal([
      'shares/mockb/north-a/baseline',
    ]);
  });
});
