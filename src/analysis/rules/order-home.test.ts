import { expect } from 'chai';
import type { Finding } from '../../model/finding.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import { due, edit, every, firstOf, lying, through } from '../testing/changes.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import { always } from '../testing/holds.ts';
import type { Raw } from '../testing/record-file.ts';
import { faultOn, ORDER } from '../testing/world.ts';

/** Callers in north-a are served next door until the second `home`; undone is at 31 s, asked for at 30 s. */
async function orderHome(run: Handmade, records: (all: Raw[]) => Raw[], home = 36): Promise<Finding> {
  const callers = { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, home] } } as const;
  const result = await judged({ callers, ...run, expect: { failoverOrder: [ORDER], ...run.expect }, records });
  return findingOf(result, 'wayHome/mockb from north-a');
}

const to = (place: string, from: number, until: number) => (all: Raw[]) =>
  edit(all, [due('north-a', from, until), through('north-a', place, place)]);

describe('docs/verdict.md 2: the order on the way home', () => {
  it('W7 nobody is asked to be home at some time, however they come', () =>
    always(async ({ rate, seed }) => {
      for (const home of [30.2, 33, 99]) {
        expect((await orderHome({ rate, seed }, (all) => all, home)).verdict).to.equal('pass');
      }
      // Home and away by turns.
      const turns = (all: Raw[]) =>
        edit(all, [every(2, due('north-a', 30, 40)), through('north-a', 'north-a', 'north-a')]);
      expect((await orderHome({ rate, seed }, turns, 99)).verdict).to.equal('pass');
    }));

  it('W7 who goes farther than under the fault breaks the order, while it is undone and after', () =>
    always(
      async ({ rate, seed, at }) => {
        for (const place of ['north-c', 'south-h']) {
          const { verdict, cause } = await orderHome({ rate, seed }, to(place, at, at + 4));
          expect(verdict).to.equal('fail');
          expect(cause).to.match(
            new RegExp(
              `^\\d+ of \\d+ calls of mockb from north-a went to ${place}, though north-b had healthy endpoints$`,
            ),
          );
        }
      },
      { from: 31, to: 38 },
    ));

  it('W7 callers go back to where they were before the fault, home or not', () =>
    always(async ({ seed }) => {
      // North-a has no pods of its own: its callers use north-b, which is hit.
      const order: FailoverOrder = { ...ORDER, order: [{ place: { region: 'south' }, shareAtLeast: 0.99 }] };
      const moved = (from: number, until: number, place: string) =>
        [due('north-a', from, until), through('north-a', place, place)] as const;
      const records = (back: string) => (all: Raw[]) =>
        edit(all, moved(0, 10.2, 'north-b'), moved(10.2, 32, 'south-h'), moved(32, 45, back));
      const callers = { 'north-b': { failures: [[10.2, 10.5]], away: [10.2, 32] } } as const;
      const run = {
        seed,
        fault: faultOn('north-b'),
        expect: { failoverOrder: [order] },
        callers,
        place: () => 'north-c',
      };
      expect((await orderHome(run, records('north-b'))).verdict).to.equal('pass');
      expect((await orderHome(run, records('north-c'))).verdict).to.equal('fail');
    }));

  it('W7 a stray before the fault makes no place usual', () =>
    always(
      async ({ rate, seed, at }) => {
        const stray = [firstOf(1, due('north-a', 3, 9)), through('north-a', 'south-h', 'south-h')] as const;
        const records = (all: Raw[]) => to('south-h', at, at + 4)(edit(all, stray));
        expect((await orderHome({ rate, seed }, records)).verdict).to.equal('fail');
      },
      { from: 31, to: 38 },
    ));

  it('W7 one or two seconds farther are open: a burst of strays, or another route', () =>
    always(
      async ({ seed, at }) => {
        const { verdict, cause } = await orderHome({ rate: 40, seed }, to('south-h', at, at + 2));
        expect(verdict).to.equal('inconclusive');
        expect(cause).to.contain('that may be chance');
      },
      { from: 31, to: 38 },
    ));

  it('W7 a stray is none', () =>
    always(
      async ({ seed, at }) => {
        expect((await orderHome({ rate: 50, seed }, to('south-h', at, at + 0.03))).verdict).to.equal('pass');
      },
      { from: 31, to: 38 },
    ));

  it('W7 is said of orders that a fault touched, and of no others', async () => {
    const untouched: FailoverOrder = { ...ORDER, service: 'mocka', from: { zone: 'south-h' } };
    const result = await judged({ expect: { failoverOrder: [ORDER, untouched] } });
    const ids = result.findings.filter(({ objective }) => objective === 'wayHome').map(({ id }) => id);
    expect(ids).to.deep.equal(['wayHome/paths', 'wayHome/mockb from north-a']);
  });

  it('W7 is open where the fault is not established, and where answers lie about their zone', async () => {
    const far = to('south-h', 32, 38);
    expect((await orderHome({ effective: null }, far)).verdict).to.equal('inconclusive');
    const lies = (all: Raw[]) => edit(far(all), [due('south-h', 5, 6), lying('south-k')]);
    expect((await orderHome({}, lies)).verdict).to.equal('inconclusive');
  });
});
