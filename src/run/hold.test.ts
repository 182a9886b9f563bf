import { expect } from 'chai';
import fc from 'fast-check';
import type { HistoryEvent } from '../model/history.ts';
import { holdFaults } from './hold.ts';
import { virtualClock } from './testing/virtual-clock.ts';
import type { OpenFault } from './undo-stack.ts';
import type { RunPorts } from './wiring.ts';

const HOLD_MS = 20_000;
const never = (): boolean => false;

/** What one look at a fault finds at a time of the hold: on, off, or nothing, because the cluster does not answer. */
type State = (ms: number) => 'on' | 'off' | 'silent';

/** Holds faults for 20 s in virtual time; returns what the history has then, and how long it took. */
async function hold(...states: readonly State[]): Promise<{ off: string[]; since: number[]; lastedMs: number }> {
  return holdFor(HOLD_MS, states);
}

async function holdFor(
  holdMs: number,
  states: readonly State[],
  stalls: (fault: number, ms: number) => boolean = never,
) {
  const clock = virtualClock();
  const off: string[] = [];
  const since: number[] = [];
  const ports = {
    clock,
    stop: new AbortController().signal,
    history: {
      zero: 0,
      now: () => clock.now(),
      append: (event: Partial<HistoryEvent>) => {
        if (event.type === 'fault' && event.step === 'not-proven') {
          off.push(event.fault ?? '');
          expect(event.detail).to.equal('it went off while it was meant to be on: the old image is back');
          since.push((event.since ?? Number.NaN) / 1000);
        }
        return { seq: 0, t: clock.now(), wall: '' };
      },
    },
  } as unknown as RunPorts;
  const faults = states.map((state, index) => {
    const prove = async () => {
      const seen = state(clock.now() / 1000);
      if (seen === 'silent') await new Promise(() => {});
      return { proven: seen === 'on', observed: true, detail: 'the old image is back' };
    };
    const stalled = () => stalls(index, clock.now() / 1000);
    return { kind: { prove }, plan: { fault: `f${index}` }, context: {}, stalled } as unknown as OpenFault;
  });
  await holdFaults(faults, holdMs, ports);
  return { off, since, lastedMs: clock.now() / 1000 };
}

const time = fc.integer({ min: 1, max: HOLD_MS });

describe('the looks of the hold', () => {
  it('F1 find a fault off that went off at any time, the last millisecond included', async () => {
    await fc.assert(
      fc.asyncProperty(time, async (from) => {
        const { off } = await hold((ms) => (ms >= from ? 'off' : 'on'));
        expect(off).to.deep.equal(['f0']);
      }),
      { numRuns: 15, seed: 1, examples: [[HOLD_MS], [HOLD_MS - 1], [18_500], [17_001]] },
    );
  });

  it('F1 say since when it was off: the first look of those in a row', async () => {
    const blip = (ms: number): boolean => ms >= 4_500 && ms < 5_500;
    const { since, lastedMs } = await hold((ms) => (blip(ms) || ms >= 7_200 ? 'off' : 'on'));
    expect([since, lastedMs]).to.deep.equal([[8_000], 10_000]);
  });

  it('F1 forgive earlier ones that fall between two pods: fewer than three in a row', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 17_000 }), async (from) => {
        const short = await hold((ms) => (ms >= from && ms < from + 1_999 ? 'off' : 'on'));
        expect(short).to.deep.equal({ off: [], since: [], lastedMs: HOLD_MS });
        const long = await hold((ms) => (ms >= from && ms < from + 3_001 ? 'off' : 'on'));
        expect(long.off).to.deep.equal(['f0']);
        expect(long.lastedMs).to.be.at.most(from + 3_001);
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  it('F1 believe a second look right before the undo that sees it on again', async () => {
    let looks = 0;
    const { off } = await hold((ms) => (ms >= HOLD_MS && ++looks <= 2 ? 'off' : 'on'));
    expect([off, looks]).to.deep.equal([[], 3]);
  });

  it('F1 keep the undo waiting for a second at most, and take silence for no answer', async () => {
    expect(await hold(() => 'silent')).to.deep.equal({ off: [], since: [], lastedMs: HOLD_MS + 500 });
    const gone = await hold((ms) => (ms < 18_900 ? 'on' : ms < 19_900 ? 'off' : 'silent'));
    expect(gone).to.deep.equal({ off: ['f0'], since: [19_000], lastedMs: HOLD_MS + 1_000 });
  });

  it('F1 name every fault that is off', async () => {
    const { off } = await hold(
      () => 'off',
      () => 'on',
      () => 'off',
    );
    expect(off).to.deep.equal(['f0', 'f2']);
  });

  it('F1 end early for one fault of several: that was off three times in a row, or that stalled', async () => {
    const blip: State = (ms) => (ms >= 6_500 && ms < 7_500 ? 'off' : 'on');
    expect((await hold((ms) => (ms >= 5_000 ? 'off' : 'on'), blip)).lastedMs).to.equal(7_000);
    const on: State = () => 'on';
    const stalled = await holdFor(HOLD_MS, [on, on], (fault, ms) => fault === 1 && ms >= 4_000);
    expect(stalled).to.deep.equal({ off: [], since: [], lastedMs: 4_000 });
  });

  it('F1 last as long as the scenario says, to the millisecond', async () => {
    for (const ms of [1, 999, 1_001, 2_500]) expect((await holdFor(ms, [() => 'on'])).lastedMs).to.equal(ms);
  });
});
