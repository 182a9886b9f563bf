import { farPath, noise, outage, reroute, zonesOf } from '../edits.ts';
import { badIn, worstCaller } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, RIGHT, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Kind } from '../truth.ts';
import { clauses, first, idOf, ownPath, RECOVERY, WIDE } from './common.ts';

/** B and U: errors that were allowed, and those who should not notice. */
export const BUDGET_KINDS: readonly Kind[] = [
  kind(
    'one-error-too-many-for-a-caller',
    'B1',
    'a second of errors; the worst caller has one more than allowed',
    (rng) => {
      const made = drill(rng, { mergeMs: 1000 });
      return {
        drill: clauses(made, { errorBudget: { perCaller: worstCaller(made) - 1 } }),
        truth: broken(['errorBudget']),
      };
    },
  ),
  kind('one-error-too-many-for-a-path', 'B1', 'a second of errors; the path has one more than allowed', (rng) => {
    const made = drill(rng, { mergeMs: 1000 });
    const bad = badIn(made, made.times.inject, made.times.undo, ownPath(made)).length;
    return { drill: clauses(made, { errorBudget: { perPath: bad - 1 } }), truth: broken(['errorBudget']) };
  }),
  kind('path-budget-exactly-met', 'B1', 'a second of errors, exactly as many as the path may have', (rng) => {
    const made = drill(rng, { mergeMs: 1000 });
    const bad = badIn(made, made.times.inject, made.times.undo, ownPath(made)).length;
    return { drill: clauses(made, { errorBudget: { perPath: bad } }), truth: RIGHT };
  }),
  kind('ratio-exceeded', 'B1', 'four seconds of errors are 5 % of all, 2 % were allowed', (rng) => {
    const made = clauses(drill(rng), { errorBudget: { ratio: 0.02 }, recoveryTime: RECOVERY });
    outage(made, first(made).effect, first(made).effect + 4 * SECOND, 'status', [ownPath(made)]);
    return { drill: made, truth: broken(['errorBudget'], { failures: ['errorBudget', 'recoveryTime'] }) };
  }),
  kind('ratio-kept', 'B1', 'a second of errors is 1.3 % of all, 4 % are allowed', (rng) => ({
    drill: clauses(drill(rng, { mergeMs: 1000 }), { errorBudget: { ratio: 0.04 } }),
    truth: RIGHT,
  })),
  kind(
    'noise-past-the-budget',
    'B1, C5',
    'noise of 2 % as in the baseline adds up to more than the budget: not shown either way',
    (rng) => {
      const made = drill(rng, { rate: 40, recoverMs: 16_000 });
      noise(made, 0.02);
      clauses(made, { steadyState: { goodAtLeast: 0.94 }, recoveryTime: RECOVERY, errorBudget: { perPath: 4 } });
      return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['errorBudget'] } };
    },
  ),
  kind(
    'errors-while-undoing',
    'B1',
    'the undo itself costs a second of errors; the budget counts to its end',
    (rng) => {
      const made = drill(rng, { undoMs: 1500 });
      const { undoRequested, back } = first(made);
      outage(made, undoRequested + 0.1 * SECOND, back - 0.1 * SECOND, 'status', [ownPath(made)]);
      clauses(made, { errorBudget: { perPath: 12 }, recoveryTime: RECOVERY });
      return { drill: made, truth: broken(['errorBudget']) };
    },
  ),
  kind(
    'far-calls-leave-their-zone',
    'U2',
    'calls of a far zone, which no fault touches, are served next door in the hold',
    (rng) => {
      const made = drill(rng, { rate: 40 });
      const [, , caller = '', place = ''] = zonesOf(made);
      reroute(made, { service: 'stock', caller, from: made.times.hold + 2 * SECOND, to: made.times.undo, place });
      return {
        drill: made,
        truth: doubtful(['unaffected'], { mustNotPass: [`unaffected/${idOf(made, farPath(made))}`] }),
      };
    },
  ),
  kind(
    'far-calls-cross-as-ever',
    'U2',
    'a tenth of a far zone’s calls is served next door, before as in the hold',
    (rng) => {
      const made = drill(rng, { rate: 40 });
      const [, , caller = '', place = ''] = zonesOf(made);
      reroute(made, { service: 'stock', caller, from: 0, to: made.times.end + SECOND, place, share: 0.1 });
      return { drill: clauses(made, { steadyState: { goodAtLeast: 0.98 } }), truth: UNPROVEN };
    },
  ),
  kind(
    'far-path-slightly-worse',
    'U1',
    'a far path that never erred in 400 requests fails eight times in 640, scattered',
    (rng) => {
      const made = clauses(drill(rng, { rate: 40 }), { errorBudget: WIDE });
      const mine = made.requests.filter(
        (r) => r.path === farPath(made) && r.due >= made.times.hold && r.due < made.times.undo,
      );
      for (let i = 0; i < 8; i++) {
        const hit = mine[Math.floor((i + rng.next()) * (mine.length / 8))];
        if (hit !== undefined) Object.assign(hit, { ended: 'error', error: 'reset', status: 0, chain: undefined });
      }
      const truth = doubtful(['unaffected', 'recoveryTime'], {
        mustNotPass: [`unaffected/${idOf(made, farPath(made))}`],
      });
      return { drill: made, truth };
    },
  ),
];

/** H: the way home of the calls. */
export const HOME_KINDS: readonly Kind[] = [
  kind('never-home', 'H1', 'after the undo the calls stay next door to the end', (rng) => {
    const made = drill(rng, { recoverMs: 20_000 });
    const { service, zone, undoRequested } = first(made);
    const place = zonesOf(made)[1] ?? '';
    reroute(made, { service, caller: zone, from: undoRequested, to: made.times.end + SECOND, place });
    return { drill: made, truth: broken(['failback', 'steadyState', 'wayHome'], { mustFail: ['failback'] }) };
  }),
  kind('home-too-late', 'H1', 'the calls come home fourteen seconds after the undo, ten were promised', (rng) => {
    const made = drill(rng, { recoverMs: 26_000 });
    const { service, zone, undoRequested, undone } = first(made);
    const place = zonesOf(made)[1] ?? '';
    reroute(made, { service, caller: zone, from: undoRequested, to: undone + 14 * SECOND, place });
    return { drill: made, truth: broken(['failback']) };
  }),
  kind('half-home', 'H1', 'after the undo half of the calls stay next door to the end', (rng) => {
    const made = drill(rng, { recoverMs: 20_000 });
    const { service, zone, undoRequested } = first(made);
    const place = zonesOf(made)[1] ?? '';
    reroute(made, { service, caller: zone, from: undoRequested, to: made.times.end + SECOND, place, share: 0.5 });
    return { drill: made, truth: broken(['failback', 'steadyState', 'wayHome'], { mustFail: ['failback'] }) };
  }),
  kind('two-strays-after-coming-home', 'H1', 'the calls are home; two single ones stray seven seconds later', (rng) => {
    const made = drill(rng, { recoverMs: 20_000, rate: 40 });
    const { service, zone, undone } = first(made);
    const place = zonesOf(made)[1] ?? '';
    for (const at of [undone + 6 * SECOND, undone + 8 * SECOND]) {
      reroute(made, { service, caller: zone, from: at, to: at + 26_000, place });
    }
    return { drill: made, truth: UNPROVEN };
  }),
  kind(
    'four-fifths-home-before-never-home-after',
    'H1',
    'there was no home to come back to, and nobody came',
    (rng) => {
      const made = drill(rng, { recoverMs: 20_000 });
      const { service, zone, undoRequested } = first(made);
      const place = zonesOf(made)[1] ?? '';
      reroute(made, { service, caller: zone, from: 0, to: made.times.inject, place, share: 0.25 });
      reroute(made, { service, caller: zone, from: undoRequested, to: made.times.end + SECOND, place });
      clauses(made, { steadyState: { goodAtLeast: 0.98 } });
      return { drill: made, truth: doubtful(['failback', 'wayHome', 'steadyState'], { mustNotPass: ['failback'] }) };
    },
  ),
  kind('home-calls-stop-after-the-undo', 'H1, W6', 'the hit zone is not asked at all after the undo', (rng) => {
    const made = drill(rng);
    made.requests = made.requests.filter((r) => r.path !== ownPath(made) || r.due < made.times.undo);
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['failback'] } };
  }),
];
