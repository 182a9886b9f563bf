import { expect } from 'chai';
import fc from 'fast-check';
import { findingOf } from '../testing/handmade.ts';
import { always } from '../testing/holds.ts';
import type { Raw } from '../testing/record-file.ts';
import { answered, withoutAddresses } from '../testing/reroute.ts';
import { failing, HOME, micros, type Story, second, switched, told, word } from '../testing/told.ts';
import { faultOn, pathOf } from '../testing/world.ts';

const PATH = pathOf('north-a');
const ID = `recoveryTime/${PATH}`;

/** What is the truth about an outage, from the requests: its last good one before, first and last bad one, first good after. */
function bounds(own: readonly Raw[], from: number, to: number) {
  const isBad = ({ chain, ended }: Raw): boolean => ended !== 'response' || chain?.hops.length !== 3;
  const bad = own.filter((record) => isBad(record) && record.start >= from * 1e6 && record.start < to * 1e6);
  const [first, last] = [bad[0], bad.at(-1)] as [Raw, Raw];
  return {
    before: own.findLast((record) => record.due < first.due && !isBad(record)) as Raw,
    first,
    last,
    after: own.find((record) => record.due > last.due && !isBad(record)) as Raw,
  };
}

/** Away from the first stage on, and farther away in the one that begins `at`; nobody answers from a time to four seconds in it. */
const down =
  (from: number, at: number): Story =>
  (t) => {
    if (t >= from && t < at + 4) return 'nobody';
    return t < at ? failing(10.2, [11, 11.5])(t, 0) : { zone: 'north-c' };
  };

const inSeconds = (value: number): number => value / 1e6;

describe('rules: T0 and recovery (docs/verdict.md, section 5)', () => {
  it('T1 puts T0 between the last answer of the affected pods and the first error after it, whatever a rollout took', () =>
    always(async ({ rate, seed, at }) => {
      const story = failing(at, [at, at + 0.5]);
      const { result, own } = await told({
        rate,
        seed,
        ...word(at + 2),
        withinMs: 1000,
        stories: { 'north-a': story },
      });
      const { before, first } = bounds(own, at, 30);
      expect(result.zeroFrom).to.equal(before.start);
      expect(result.zero).to.be.within(at * 1e6, first.end);
      expect(findingOf(result, ID).verdict).to.equal('pass');
    }));

  it('T1 lets a failing request have met the fault no later than the slowest good answer took', () =>
    always(async ({ rate, seed, at }) => {
      const story = failing(at, [at, at + 2.5]);
      const slow = (all: readonly Raw[]): Raw[] =>
        all.map((one) => (one.chain?.hops.length === 1 ? { ...one, end: one.start + 1.5e6 } : one));
      const { result, own } = await told({ rate, seed, ...word(at + 3), records: slow, stories: { 'north-a': story } });
      const slowest = Math.max(...own.filter(({ end }) => end <= 10e6).map(({ start, end }) => end - start));
      expect(result.zero).to.equal(bounds(own, at, 30).first.start + slowest);
    }));

  it('T1 takes the word of the cluster where no error comes before it', () =>
    always(async ({ rate, seed, at }) => {
      const clean = await told({ rate, seed, ...word(at + 1), stories: { 'north-a': switched(at) } });
      expect(clean.result.zero).to.equal(micros(at + 1));
      const later = failing(at, [at + 4, at + 5]);
      const late = await told({ rate, seed, ...word(at + 1), stories: { 'north-a': later } });
      expect(late.result.zero).to.equal(micros(at + 1));
    }));

  it('T1 never lets T0 begin before the injection was requested, nor end before it begins', () =>
    always(async ({ rate, seed, at }) => {
      const idle = await told({ rate, seed, ...word(at), stories: { 'north-a': switched(5) } });
      expect([idle.result.zeroFrom, idle.result.zero]).to.deep.equal([10e6, micros(at)]);
      for (const effective of [10.3, null]) {
        const early = { effective, times: { proven: at + 0.5 } };
        const { result, own } = await told({ rate, seed, ...early, stories: { 'north-a': switched(at) } });
        const lastServed = own.findLast(({ start }) => start < at * 1e6)?.start ?? 0;
        expect(result.zeroFrom).to.equal(lastServed);
        // A word that came too early is no better than none, but the next answer was due soon.
        const [from, to] = effective === null ? [0, 0] : [1, 3.1e6 / rate];
        expect(result.zero).to.be.within(lastServed + from, lastServed + to);
      }
    }));

  it('T2 does not let an outage of another place move T0', () =>
    always(async ({ rate, seed, at }) => {
      const elsewhere = failing(99, [at + 1, at + 3]);
      const other: Story = (t, seq) => (elsewhere(t, seq) === 'nobody' ? 'nobody' : undefined);
      const stories = { 'north-a': switched(at), 'north-c': other };
      const { result } = await told({ rate, seed, ...word(at + 4), stories });
      expect(result.zero).to.equal(micros(at + 4));
    }));

  it('T2 lets the paths of a gateway that was hit move T0, and no others', () =>
    always(async ({ rate, seed, at }) => {
      const gateway = { cluster: 'tokyo', namespace: 'istio-system', zone: 'north-a', ip: '10.9.9.9' };
      const affected = [{ ...gateway, workload: 'istio-ingressgateway', pod: 'gw-a' }];
      const fault = { ...faultOn('north-a'), affected };
      const down =
        (from: number, to: number): Story =>
        (t) =>
          t >= from && t < to ? 'nobody' : undefined;
      const stories = { 'north-a': down(at + 2, 29), 'north-c': down(at, 29) };
      const { result, own } = await told({ rate, seed, fault, ...word(at + 3), stories });
      expect(result.zero).to.be.within((at + 2) * 1e6, bounds(own, at, 30).first.end);
    }));

  it('T2 does not let noise move T0, but an outage, and an error that follows on the last answer of the affected pods', () =>
    always(async ({ rate, seed, at }) => {
      const stray = (own: readonly Raw[], after: number): number =>
        own.find(({ start }) => start >= after * 1e6)?.seq ?? -1;
      const zeroWith = async (after: number) => {
        let seq = -1;
        const run = await told({
          rate,
          seed,
          ...word(at + 4),
          stories: { 'north-a': switched(at) },
          records: (all) => {
            seq = stray(
              all.filter(({ path }) => path === 0).sort((a, b) => a.due - b.due),
              after,
            );
            return answered(all, 'north-a', (_, number) => (number === seq ? 'nobody' : undefined));
          },
        });
        return { zero: run.result.zero, hit: run.own[seq] as Raw };
      };
      expect((await zeroWith(at + 2)).zero).to.equal(micros(at + 4));
      const outage = await told({
        rate,
        seed,
        ...word(at + 4),
        stories: { 'north-a': failing(at, [at + 2, at + 3]) },
      });
      expect(outage.result.zero).to.be.within(micros(at + 2), bounds(outage.own, at, 30).first.end);
      const { zero, hit } = await zeroWith(at);
      expect(zero).to.be.within(hit.start, hit.end);
    }));

  it('T2 does not let an outage move T0 that was over before the affected pods had stopped answering', () =>
    always(async ({ rate, seed, at }) => {
      const story: Story = (t, seq) => (t >= 11 && t < 12 ? 'nobody' : failing(at, [at, at + 0.5])(t, seq));
      const { result } = await told({ rate, seed, ...word(at + 1), stories: { 'north-a': story } });
      expect(result.zero).to.be.within(at * 1e6, (at + 1) * 1e6 - 1);
    }));

  it('T2 needs an outage that lasted until the effect where nobody knows who answered', () =>
    always(async ({ rate, seed, at }) => {
      const fault = faultOn('north-a', 1);
      const story = failing(at, [11, 12], [at, at + 1], [at + 5, at + 6]);
      const run = { rate, seed, fault, records: withoutAddresses, ...word(at + 0.6) };
      const { result, own } = await told({ ...run, stories: { 'north-a': story } });
      const { before, first } = bounds(own, at, 30);
      expect(result.zeroFrom).to.equal(before.start);
      expect(result.zero).to.be.within(first.start, first.end);
    }));

  it('T2 takes the word of the cluster, give or take a second, for an outage that came after it where nobody knows', () =>
    always(async ({ rate, seed, at }) => {
      const fault = faultOn('north-a', 1);
      const zeroWith = async (effective: number) => {
        const stories = { 'north-a': failing(at, [at + 3, at + 4]) };
        const { result } = await told({ rate, seed, fault, records: withoutAddresses, ...word(effective), stories });
        return [result.zeroFrom, result.zero];
      };
      expect(await zeroWith(at)).to.deep.equal([micros(at - 1), micros(at)]);
      expect(await zeroWith(10.5)).to.deep.equal([10e6, 10.5e6]);
    }));

  it('T2 needs more than noise where nobody knows who answered', () =>
    always(
      async ({ rate, seed, at }) => {
        const fault = faultOn('north-a', 1);
        const seq = Math.round(at * rate);
        const effective = seq / rate + 0.03;
        const story: Story = (_, number) => (number === seq ? 'nobody' : HOME);
        const run = { rate, seed, fault, records: withoutAddresses, ...word(effective) };
        const { result } = await told({ ...run, stories: { 'north-a': story } });
        expect(result.zero).to.equal(micros(effective));
        expect(result.zeroFrom).to.equal(micros(effective - 1));
      },
      { rates: [5, 10, 20] },
    ));

  it('T2 does not let an outage move T0 that had begun before the injection', () =>
    always(async ({ rate, seed, at }) => {
      const { result } = await told({ rate, seed, ...word(at), stories: { 'north-a': failing(9, [9, at + 0.2]) } });
      expect([result.zeroFrom, result.zero]).to.deep.equal([10e6, micros(at)]);
    }));

  it('T2 does not let an outage of an earlier stage move the T0 of a later one, but one of its own', () =>
    always(
      async ({ rate, seed, at }) => {
        const late = faultOn('north-b');
        const effectWith = async (from: number): Promise<number> => {
          const stories = { 'north-a': down(from, at), 'north-b': () => ({ zone: 'north-c' }) };
          const { result } = await told({ rate, seed, headers: [late], stories, events: second(late.name, at, 2.5) });
          return result.faults.find(({ name }) => name === late.name)?.effective ?? 0;
        };
        expect(await effectWith(at - 1)).to.equal(micros(at + 2.5));
        for (const own of [0.001, 1]) {
          expect(await effectWith(at + own)).to.be.within(micros(at + own), micros(at + own + 1 / rate) + 20_000);
        }
      },
      { from: 16, to: 20 },
    ));

  it('T3 fails a recovery that was short, but late', () =>
    always(async ({ rate, seed, at }) => {
      const story = failing(at, [at + 3, at + 3.5]);
      const { result, own } = await told({
        rate,
        seed,
        ...word(at + 0.5),
        withinMs: 2000,
        stories: { 'north-a': story },
      });
      const { last, after } = bounds(own, at, 30);
      const { verdict, measured } = findingOf(result, ID);
      expect(verdict).to.equal('fail');
      const { zero = 0, zeroFrom = 0 } = result;
      expect(measured).to.deep.include({ lo: inSeconds(last.start - zero), hi: inSeconds(after.end - zeroFrom) });
    }));

  it('T3 judges an outage from before T0 by its length', () =>
    always(async ({ rate, seed, at }) => {
      const story: Story = (t, seq) => (t >= 11 && t < 12.5 ? 'nobody' : switched(at + 4)(t, seq));
      const verdictFor = async (withinMs: number): Promise<string> => {
        const { result, own } = await told({ rate, seed, ...word(at + 5), withinMs, stories: { 'north-a': story } });
        const { before, first, last, after } = bounds(own, 11, 13);
        const length = { lo: inSeconds(last.start - first.start), hi: inSeconds(after.end - before.start) };
        const { verdict, measured } = findingOf(result, ID);
        expect(measured).to.deep.include(length);
        expect(result.recoveries[0]?.lasted).to.deep.equal({ lo: length.lo * 1e6, hi: length.hi * 1e6 });
        return verdict;
      };
      expect(await verdictFor(1200)).to.equal('fail');
      expect(await verdictFor(2000)).to.equal('pass');
    }));

  it('T3 counts both figures of an outage that began while T0 was open', () =>
    always(
      async ({ rate, seed, at }) => {
        // The last answer on another path comes after the last one on its own.
        const effect = Math.ceil(at * rate) / rate;
        const stories = { 'north-a': failing(effect, [effect, effect + 1]), 'south-k': switched(effect, 99) };
        const { result, own } = await told({ rate, seed, ...word(effect + 2), stories });
        const { before, first, last, after } = bounds(own, effect, 30);
        expect(result.zeroFrom).to.be.above(before.start);
        expect(findingOf(result, ID).measured).to.deep.include({
          lo: inSeconds(last.start - first.start),
          hi: inSeconds(after.end - before.start),
        });
      },
      { rates: [2, 5] },
    ));

  it('T3 counts from the last of several faults that concern a path', () =>
    always(async ({ rate, seed, at }) => {
      const [one, other] = faultOn('north-a').affected;
      const fault = { ...faultOn('north-a'), name: 'one', affected: one === undefined ? [] : [one] };
      const late = { ...faultOn('north-a'), name: 'other', affected: other === undefined ? [] : [other] };
      const story: Story = (t, seq) => {
        if (t < 12 || t >= 32) return { zone: 'north-a', pod: seq % 2 };
        return t < at ? { zone: 'north-a', pod: 1 } : failing(at, [at, at + 0.5])(t, seq);
      };
      const run = { rate, seed, fault, headers: [late], withinMs: 2000, effective: 12, times: { proven: 12.5 } };
      const events = second('other', 10.1, at + 0.2 - 10.1);
      const { result } = await told({ ...run, events, stories: { 'north-a': story } });
      expect(findingOf(result, ID).verdict).to.equal('pass');
    }));

  it('T3 judges an outage by its length after the fault has acted again', () =>
    always(async ({ rate, seed, at }) => {
      const story = failing(at, [at, at + 0.5], [at + 8, at + 8.5]);
      const verdictWith = async (again: boolean): Promise<string> => {
        const { result } = await told({
          rate,
          seed,
          ...word(at + 0.3),
          withinMs: 2000,
          stories: { 'north-a': story },
          events: (history) => {
            const affected = faultOn('north-a').affected.slice(1);
            if (again)
              history.at(micros(at + 7.9), { type: 'fault', fault: 'mockb-north-a', step: 'went-on', affected });
          },
        });

        return findingOf(result, ID).verdict;
      };
      expect(await verdictWith(true)).to.equal('pass');
      expect(await verdictWith(false)).to.equal('fail');
    }));

  it('T4 recovers only with so many good requests in a row, over so long a time', async () => {
    const rules = fc.record({
      consecutive: fc.integer({ min: 1, max: 8 }),
      lastingMs: fc.constantFrom(0, 200, 500),
      good: fc.integer({ min: 1, max: 16 }),
      rate: fc.constantFrom(10, 20),
    });
    await fc.assert(
      fc.asyncProperty(rules, async ({ consecutive, lastingMs, good, rate }) => {
        const first = 12 * rate;
        // Three times ten bad requests, with so many good ones between.
        const story: Story = (t, seq) => {
          const i = seq - first;
          const isBad = i >= 0 && i < 30 + 2 * good && i % (10 + good) < 10;
          return isBad ? 'nobody' : switched(12)(t, seq);
        };
        const recoveryTime = { withinMs: 5000, consecutive, lastingMs };
        const run = { rate, ...word(12.5), expect: { recoveryTime }, stories: { 'north-a': story } };
        const { result } = await told(run);
        const isHeld = good >= consecutive && ((good - 1) / rate) * 1000 >= lastingMs;
        expect(result.recoveries[0]?.flaps).to.equal(isHeld ? 2 : 0);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it('T4 measures from the last bad request, as sent, to the end of the first good one that held', () =>
    always(async ({ rate, seed, at }) => {
      const story = failing(at, [at, at + 0.9], [at + 1.1, at + 2]);
      const slow = (all: readonly Raw[]): Raw[] =>
        all.map((one) => (one.path === 0 && one.start >= at * 1e6 ? { ...one, end: one.end + 0.3e6 } : one));
      const { result, own } = await told({ rate, seed, ...word(at + 3), records: slow, stories: { 'north-a': story } });
      const { before, first, last, after } = bounds(own, at, 30);
      const [row] = result.recoveries;
      expect(row?.recovered).to.deep.equal({ lo: last.start, hi: after.end });
      expect(row?.lasted).to.deep.equal({ lo: last.start - first.start, hi: after.end - before.start });
    }));

  it('T5 counts doubtful errors at the upper end of the interval, and not at the lower one', () =>
    always(async ({ rate, seed, at }) => {
      const seq = Math.round((at + 6) * rate);
      const story: Story = (t, number) => (number === seq ? 'nobody' : failing(at, [at, at + 0.5])(t, number));
      const findingWith = async (withinMs: number) => {
        const { result, own } = await told({ rate, seed, ...word(at + 1), withinMs, stories: { 'north-a': story } });
        const { measured, verdict } = findingOf(result, ID);
        const { before, last } = bounds(own, at, at + 2);
        expect(measured?.lo).to.be.within(0, inSeconds(last.start - before.start));
        expect(measured?.hi).to.be.within(5.9, 6.3);
        return verdict;
      };
      expect(await findingWith(3000)).to.equal('inconclusive');
      expect(await findingWith(8000)).to.equal('pass');
    }));

  it('T5 takes the first errors at the effect for certain, however few, on a path that had none before', () =>
    always(
      async ({ rate, seed, at }) => {
        const first = Math.ceil(at * rate) + 1;
        const doubtfulWith = async (zone: string, ...bad: readonly number[]) => {
          const stories = Object.fromEntries(
            ['north-a', zone].map((one): [string, Story] => [
              one,
              (t, seq) => {
                if (one === zone && bad.includes(seq)) return 'nobody';
                return one === 'north-a' ? switched(at)(t, seq) : undefined;
              },
            ]),
          );
          const { result } = await told({ rate, seed, ...word(at), stories });
          return result.recoveries.find(({ path }) => path === pathOf(zone))?.doubtful;
        };
        expect(await doubtfulWith('north-a', first)).to.equal(0);
        expect(await doubtfulWith('north-a', first, 3 * rate), 'it erred before').to.equal(1);
        expect(await doubtfulWith('north-a', first - 2 * rate), 'long before the effect').to.equal(1);
        expect(await doubtfulWith('north-c', first), 'not concerned').to.equal(1);
      },
      { rates: [10, 20, 50] },
    ));

  it('T5 counts plain noise nowhere', () =>
    always(
      async ({ rate, seed, at }) => {
        const noise = (seq: number): boolean => seq % (4 * rate) === rate;
        const story: Story = (t, seq) => (noise(seq) ? 'nobody' : failing(at, [at, at + 0.6])(t, seq));
        const { result } = await told({ rate, seed, ...word(at + 0.7), withinMs: 2000, stories: { 'north-a': story } });
        const { verdict, measured } = findingOf(result, ID);
        expect(verdict).to.equal('pass');
        expect(measured?.hi).to.be.below(1);
      },
      { from: 14.4, to: 14.8 },
    ));
});
