import { expect } from 'chai';
import type { Blackout } from '../../model/target.ts';
import { scenarioWith } from '../testing/bench-run.ts';
import { Bench } from '../testing/guard-bench.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { refuseBlackout } from './blackout.ts';
import type { Guarded } from './guard.ts';
import { checkGuards, requireGuards } from './index.ts';

const FRIDAY: Blackout = { because: 'nobody is here', timeZone: 'UTC', days: ['fri'] };

/** A run that would begin at a moment of 2026, under a calendar. */
function begun(at: string, never?: readonly Blackout[]): Guarded {
  const guarded = new Bench().enable('tokyo').guarded();
  const clock = { ...virtualClock(), wall: () => new Date(`2026-${at}`) };
  const { target } = guarded.inputs;
  const calendar = never === undefined ? {} : { never };
  return { ...guarded, inputs: { ...guarded.inputs, clock, target: { ...target, ...calendar } } };
}

const checkOf = async (guarded: Guarded) => (await checkGuards(guarded)).find(({ guard }) => guard === 'blackout');

describe('the guard of the calendar', () => {
  it('is shown by plan as what it is, whatever the target is', async () => {
    expect(await checkOf(begun('11-27T12:00:00Z'))).to.include({ holds: true, detail: 'holds' });
    const passed = await checkOf(begun('11-26T12:00:00Z', [FRIDAY]));
    expect(passed?.holds).to.equal(true);
    expect(passed?.detail).to.match(
      /^a run that begins now, at 2026-11-26 12:00 UTC, may go on until 2026-11-26 12:\d\d UTC; none of 1 entry/,
    );
  });

  it('refuses a run in it, and one whose undo may only end in it, and says which', async () => {
    const inside = await checkOf(begun('11-27T12:00:00Z', [FRIDAY]));
    expect(inside?.holds).to.equal(false);
    expect(inside?.detail).to.contain('from 2026-11-27 12:00 UTC on: nobody is here (fri, UTC)');
    expect(() => requireGuards({ guards: inside === undefined ? [] : [inside] })).to.throw(/nobody is here/);
    const before = await checkOf(begun('11-26T23:55:00Z', [FRIDAY]));
    expect(before?.detail).to.contain('from 2026-11-27 00:00 UTC on');
    expect(before?.hint).to.contain('spec.never');
  });

  it('refuses what it cannot read', async () => {
    const unknown = { ...FRIDAY, timeZone: 'Atlantis/Deep' };
    expect(await checkOf(begun('11-26T12:00:00Z', [unknown]))).to.include({ holds: false });
  });

  it('is asked again of a run that somebody has confirmed later', () => {
    const { inputs } = begun('11-27T12:00:00Z', [FRIDAY]);
    expect(() => refuseBlackout({ ...inputs, scenario: scenarioWith([]) })).to.throw(/nobody is here/);
    expect(() => refuseBlackout(begun('11-26T12:00:00Z', [FRIDAY]).inputs)).to.not.throw();
    expect(() => refuseBlackout(begun('11-27T12:00:00Z').inputs)).to.not.throw();
  });
});
