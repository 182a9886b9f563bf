import { expect } from 'chai';
import fc from 'fast-check';
import type { Blackout } from '../model/target.ts';
import { blackoutText, firstBlackout } from './blackout.ts';

const of = (more: Partial<Blackout>): Blackout => ({ because: 'freeze', timeZone: 'UTC', ...more });
const met = (blackout: Blackout, from: string, minutes = 0): string | undefined => {
  const begin = new Date(from);
  return firstBlackout([blackout], begin, new Date(begin.getTime() + minutes * 60_000))?.at.toISOString();
};
const hours = (from: number, to: number) => ({ from: from * 60, to: to * 60 });

describe('the calendar of a target', () => {
  it('holds on its days from their first minute to their last one', () => {
    const weekend = of({ days: ['sat', 'sun'] });
    expect(met(weekend, '2026-11-27T23:59:59Z')).to.equal(undefined);
    expect(met(weekend, '2026-11-28T00:00:00Z')).to.equal('2026-11-28T00:00:00.000Z');
    expect(met(weekend, '2026-11-29T23:59:59Z')).to.equal('2026-11-29T23:59:59.000Z');
    expect(met(weekend, '2026-11-30T00:00:00Z')).to.equal(undefined);
    const freeze = of({ dates: { from: '2026-12-31', to: '2027-01-01' } });
    expect(met(freeze, '2026-12-30T23:59:00Z')).to.equal(undefined);
    expect(met(freeze, '2027-01-01T23:59:59Z')).to.not.equal(undefined);
    expect(met(freeze, '2027-01-02T00:00:00Z')).to.equal(undefined);
  });

  it('is met by a run that only ends in it, in its last minute', () => {
    const night = of({ hours: hours(22, 24) });
    expect(met(night, '2026-11-27T21:00:30Z', 59)).to.equal(undefined);
    expect(met(night, '2026-11-27T21:00:30Z', 59.5)).to.equal('2026-11-27T22:00:00.000Z');
    expect(met(night, '2026-11-27T23:59:59.999Z', 30)).to.equal('2026-11-27T23:59:59.999Z');
    expect(met(night, '2026-11-28T00:00:00Z', 60)).to.equal(undefined);
  });

  it('goes on into the next day, of the day on which it began', () => {
    const friday = of({ days: ['fri'], hours: hours(22, 6) });
    expect(met(friday, '2026-11-27T05:00:00Z'), 'of Thursday').to.equal(undefined);
    expect(met(friday, '2026-11-27T23:00:00Z')).to.not.equal(undefined);
    expect(met(friday, '2026-11-28T05:59:00Z'), 'of Friday').to.not.equal(undefined);
    expect(met(friday, '2026-11-28T06:00:00Z')).to.equal(undefined);
    expect(met(friday, '2026-11-28T23:00:00Z')).to.equal(undefined);
    const last = of({ dates: { from: '2026-12-31', to: '2026-12-31' }, hours: hours(22, 6) });
    expect(met(last, '2027-01-01T05:00:00Z')).to.not.equal(undefined);
    expect(met(last, '2026-12-31T05:00:00Z')).to.equal(undefined);
  });

  it('holds for a whole day where its hours end when they begin: no drill is let pass by a slip', () => {
    const slip = of({ days: ['fri'], hours: hours(8, 8) });
    expect(met(slip, '2026-11-27T07:59:00Z')).to.equal(undefined);
    expect(met(slip, '2026-11-27T08:00:00Z')).to.not.equal(undefined);
    expect(met(slip, '2026-11-28T07:59:00Z')).to.not.equal(undefined);
    expect(met(slip, '2026-11-28T08:00:00Z')).to.equal(undefined);
  });

  it('is that of its own time zone', () => {
    const tokyo = of({ timeZone: 'Asia/Tokyo', days: ['mon'], hours: hours(0, 1) });
    expect(met(tokyo, '2026-11-29T15:30:00Z'), 'Monday 00:30 in Tokyo').to.not.equal(undefined);
    expect(met(tokyo, '2026-11-30T00:30:00Z')).to.equal(undefined);
    const kathmandu = of({ timeZone: 'Asia/Kathmandu', hours: { from: 345, to: 346 } });
    expect(met(kathmandu, '2026-11-29T00:00:00Z')).to.equal('2026-11-29T00:00:00.000Z');
  });

  it('holds in both of the hours that a clock shows twice, and by what it shows after one that never was', () => {
    const zurich = of({ timeZone: 'Europe/Zurich', hours: hours(2, 3) });
    expect(met(zurich, '2026-10-25T00:30:00Z'), '02:30 in summer').to.not.equal(undefined);
    expect(met(zurich, '2026-10-25T01:30:00Z'), '02:30 in winter').to.not.equal(undefined);
    expect(met(zurich, '2026-10-25T02:00:00Z')).to.equal(undefined);
    expect(met(zurich, '2026-03-29T00:59:00Z', 2), '01:59, then 03:00').to.equal(undefined);
  });

  it('finds what a look at each minute by itself finds', () => {
    const clock = fc.record({ from: fc.integer({ min: 0, max: 1_439 }), to: fc.integer({ min: 1, max: 1_440 }) });
    const zone = fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Zurich', 'Pacific/Apia');
    const some = fc.record({ timeZone: zone, hours: clock.filter(({ from, to }) => from !== to) });
    fc.assert(
      fc.property(
        some,
        fc.integer({ min: 0, max: 525_600 }),
        fc.integer({ min: 0, max: 90 }),
        (one, start, minutes) => {
          const begin = Date.UTC(2026, 0, 1) + start * 60_000;
          const show = new Intl.DateTimeFormat('en-GB', { timeZone: one.timeZone, hour: '2-digit', minute: '2-digit' });
          const text = (minute: number) =>
            `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
          const { from, to } = { from: text(one.hours.from), to: text(one.hours.to) };
          const first = Array.from({ length: minutes + 1 }, (_, index) => begin + index * 60_000).find((at) => {
            const now = show.format(at);
            return from < to ? from <= now && now < to : from <= now || now < to;
          });
          expect(met(of(one), new Date(begin).toISOString(), minutes)).to.equal(
            first === undefined ? undefined : new Date(first).toISOString(),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is said as it is written', () => {
    const one = of({
      days: ['mon', 'tue'],
      dates: { from: '2026-12-18', to: '2027-01-04' },
      hours: { from: 510, to: 1_440 },
    });
    expect(blackoutText(one)).to.equal('freeze (mon, tue, 2026-12-18 to 2027-01-04, 08:30 to 24:00, UTC)');
  });
});
