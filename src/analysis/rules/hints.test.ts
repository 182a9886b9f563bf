import { expect } from 'chai';
import fc from 'fast-check';
import type { Expectations } from '../../model/scenario.ts';
import { due, edit, every, reset, through } from '../testing/changes.ts';
import { findingOf, type Handmade, judged } from '../testing/handmade.ts';
import type { HistoryBuilder } from '../testing/history-builder.ts';
import { holds } from '../testing/holds.ts';
import { allRead, counter, reading } from '../testing/proxies.ts';
import { endpointsOf, ORDER, pathOf } from '../testing/world.ts';

type Tell = (history: HistoryBuilder) => void;

const NORTH_A = pathOf('north-a');
const EXPECT: Partial<Expectations> = {
  recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
  failoverOrder: [ORDER],
  errorBudget: { perPath: 1 },
  ejections: [{ service: 'mockb', atLeast: 4 }],
  failback: { withinMs: 2000 },
};
/** Nobody takes over, and nobody comes home. */
const NEVER: Handmade = { callers: { 'north-a': { failures: [[10.2, 31]], away: [31, 99] } } };
const IDS = {
  recovery: `recoveryTime/${NORTH_A}`,
  order: 'failoverOrder/mockb/north-a',
  budget: 'errorBudget/perPath',
  ejections: 'ejections/mockb',
  failback: 'failback/mockb/north-a',
} as const;

/** The hints of the findings, none of which passes. */
async function hints(tell: Tell, run: Handmade = NEVER): Promise<Partial<Record<keyof typeof IDS, string>>> {
  const result = await judged({ ...run, expect: EXPECT, events: tell });
  return Object.fromEntries(
    Object.entries(IDS).map(([name, id]) => {
      const { verdict, hint } = findingOf(result, id);
      expect(verdict, id).not.to.equal('pass');
      return [name, hint];
    }),
  );
}

const read =
  (tell: Tell): Tell =>
  (history) => {
    allRead(history);
    tell(history);
  };

const STRANGER = { pod: 'mocka-north-c-0', zone: 'north-c' } as const;
const OLD_FORMAT = { port: undefined, namespace: undefined } as const;

describe('docs/verdict.md 12: hints', () => {
  it('X3 are absent when nothing was recorded', async () => {
    expect(Object.values(await hints(() => {}))).to.deep.equal(Object.values(IDS).map(() => undefined));
  });

  it('X3 are absent when not every proxy was read, or the fault is not established', async () => {
    const partly: Tell = (history) => {
      allRead(history);
      reading(history, 0.7, { callers: { known: 20, asked: 20, answered: 1 } });
    };
    expect(Object.values(await hints(partly))).to.deep.equal(Object.values(IDS).map(() => undefined));
    const { recovery, order, ejections } = await hints(allRead, { ...NEVER, effective: null });
    expect([recovery, order, ejections]).to.deep.equal([undefined, undefined, undefined]);
  });

  it('X3 that nothing was ejected is told when every proxy says so', async () => {
    const { recovery, order, ejections, budget, failback } = await hints(allRead);
    expect(recovery).to.match(/^Nothing of mockb was ejected: no outlierDetection in the DestinationRule of mockb\?/);
    expect(order).to.equal(recovery);
    expect(ejections).to.match(/^No proxy ejected anything: /);
    expect([budget, failback]).to.deep.equal([undefined, undefined]);
  });

  it('X3 where hosts were ejected the hints are about where traffic goes then, and when it comes back', async () => {
    const { recovery, budget, failback, ejections } = await hints(
      read((history) => {
        counter(history, [[2, 0]]);
        counter(history, [[11, 2]], { active: 2 });
      }),
    );
    expect(recovery).to.match(/^The proxies did eject mockb: .*localityLbSetting/);
    expect(budget).to.match(/^consecutive5xxErrors/);
    expect(failback).to.match(/^outlierDetection\.baseEjectionTime plus one/);
    expect(ejections).to.equal(undefined);
  });

  it('X3 ejections by others are no reason of what the fault did', async () => {
    const { recovery, budget } = await hints(
      read((history) =>
        counter(
          history,
          [
            [2, 0],
            [11, 2],
          ],
          STRANGER,
        ),
      ),
    );
    expect([recovery, budget]).to.deep.equal([undefined, undefined]);
  });

  it('X3 an overflow is told with its number, and one from before the fault is not', () =>
    holds(
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })),
      async ([n, before]) => {
        const tell = (...overflows: readonly (readonly [number, number])[]) =>
          read((history) => {
            for (const [t, overflow] of overflows) counter(history, [[t, 0]], { overflow });
          });
        const seen = await hints(tell([2, before], [12, before + n]));
        expect(seen.recovery).to.match(
          new RegExp(`^outlierDetection\\.maxEjectionPercent in .*\\(ejections_overflow ${n}\\)`),
        );
        expect(seen.ejections).to.match(new RegExp(`^${n} ejections? ran into outlierDetection\\.maxEjectionPercent`));
        for (const old of [tell([2, n]), tell([12, n]), tell([2, n], [12, n]), tell([2, before], [33, before + n])]) {
          const { recovery, ejections } = await hints(old);
          expect(recovery).to.match(/^Nothing of mockb was ejected/);
          expect(ejections).to.match(/^No proxy ejected anything/);
        }
      },
      3,
    ));

  describe('of hosts that were let go in mid-hold', () => {
    /** Two hosts ejected at one time, and let go at another. */
    const held =
      (from: number, to: number, row: object = {}, after = 2): Tell =>
      (history) => {
        allRead(history);
        counter(history, [[2, 0]], row);
        counter(history, [[from, 2]], { ...row, active: 2 });
        counter(history, [[to, after]], row);
      };
    const released = async (tell: Tell): Promise<boolean> => {
      const { recovery, order } = await hints(tell);
      expect(order).to.equal(recovery);
      return /let an ejected host go/.test(recovery ?? '');
    };

    it('X3 name the proxy and how long they were held', () =>
      holds(
        fc.tuple(fc.integer({ min: 11, max: 14 }), fc.integer({ min: 1, max: 14 })),
        async ([from, length]) => {
          const { recovery } = await hints(held(from, from + length));
          expect(recovery).to.match(
            new RegExp(
              `^\\S*/mocka-north-a-0 let an ejected host go after ${length}\\.00 s although no endpoint changed: `,
            ),
          );
        },
        3,
      ));

    it('X3 are absent when an endpoint changed then, the undo came first, or they were held from before', async () => {
      const changing =
        (t: number): Tell =>
        (history) => {
          held(12, 20)(history);
          history.at(t * 1e6, { type: 'endpoints', cluster: 'tokyo', endpoints: endpointsOf('tokyo') });
        };
      expect(await released(changing(19))).to.equal(false);
      expect(await released(changing(20.5))).to.equal(false);
      expect(await released(changing(14))).to.equal(true);
      expect(await released(held(12, 30.5))).to.equal(false);
      expect(await released(held(6, 20))).to.equal(false);
      expect(await released(held(12, 20, STRANGER))).to.equal(false);
    });

    it('X3 are absent when the proxy began again, or two ports took turns', async () => {
      expect(await released(held(12, 20, {}, 0))).to.equal(false);
      const turns: Tell = (history) => {
        allRead(history);
        for (let t = 1; t < 30; t++) {
          counter(history, [[t, t < 12 ? 3 : 5]], { ...OLD_FORMAT, active: t < 12 ? 0 : 2 });
          counter(history, [[t + 0.3, 9]], OLD_FORMAT);
        }
      };
      expect(await released(turns)).to.equal(false);
    });
  });

  it('X3 how the fault reached others is told from where their calls went before it', async () => {
    const hintOf = async (n: number | undefined): Promise<string | undefined> => {
      const result = await judged({
        expect: { unaffected: { except: [{ zone: 'north-a' }] } },
        records: (all) =>
          edit(
            all,
            [due('north-c', 12, 14), reset()],
            ...(n === undefined
              ? []
              : [[every(n, due('north-c', 0, 10)), through('north-c', 'north-a', 'north-c')] as const]),
          ),
      });
      return findingOf(result, `unaffected/${pathOf('north-c')}`).hint;
    };
    expect(await hintOf(undefined)).to.match(/^None of its calls had crossed zones before the fault/);
    expect(await hintOf(4)).to.match(
      /^Calls that cross zones .*: 50 of 200 calls of mockb from north-c went to north-a\.$/,
    );
  });
});
