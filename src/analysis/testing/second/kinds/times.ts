import { farPath, outage, spoil } from '../edits.ts';
import { good } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Kind } from '../truth.ts';
import { clauses, downFor, first, idOf, ownPath, RECOVERY, recoveryOf, step, WIDE } from './common.ts';

const SLOW = ['recoveryTime', 'failoverOrder'] as const;

/** T: when it began and when it was over. */
export const TIME_KINDS: readonly Kind[] = [
  ...([1, 4, 12, 50, 200] as const).map((rate) =>
    kind(
      `outage-of-known-length-at-${rate}-a-second`,
      'T1, T3, T4',
      'one outage from the effect to a known moment, within the target',
      (rng) => {
        const lasts = Math.round(rng.between(1.2, 2.8) * SECOND);
        const phases = rate < 10 ? { baselineMs: 50_000, holdMs: 50_000, recoverMs: 50_000 } : { via: [0, 1, 2] };
        const { made, recovery } = downFor(rng, lasts, { rate, ...phases });
        const truth = { effect: first(made).effect, recovery };
        return {
          drill: made,
          truth: rate < 10 ? { ...UNPROVEN, ...truth } : { ...UNPROVEN, verdicts: ['pass'], timid: true, ...truth },
        };
      },
    ),
  ),
  ...([2, 20, 100] as const).map((rate) =>
    kind(`too-slow-at-${rate}-a-second`, 'T3', 'nine seconds, five were promised', (rng) => {
      const phases = rate < 10 ? { baselineMs: 40_000, holdMs: 40_000, recoverMs: 40_000 } : { via: [0, 1, 2] };
      const { made, recovery } = downFor(rng, 9 * SECOND, { rate, ...phases });
      const truth = { mustFail: ['recoveryTime'] as const, effect: first(made).effect, recovery };
      return { drill: made, truth: broken(SLOW, truth) };
    }),
  ),
  kind(
    'the-effect-falls-between-two-requests',
    'T1, C6',
    '5.94 s of outage seen once a second, 5.1 s were promised',
    (rng) => {
      const { made, recovery } = downFor(rng, 5.94 * SECOND, {
        rate: 1,
        baselineMs: 60_000,
        holdMs: 60_000,
        recoverMs: 60_000,
      });
      clauses(made, { recoveryTime: { ...RECOVERY, withinMs: 5100 } });
      return {
        drill: made,
        truth: doubtful(SLOW, { effect: first(made).effect, recovery, mustNotPass: [`recoveryTime/${recovery.path}`] }),
      };
    },
  ),
  kind(
    'straddles-the-target',
    'C6',
    'a recovery between two sparse requests with the target between them, too',
    (rng) => {
      const { made, recovery } = downFor(rng, 4.4 * SECOND, {
        rate: 1,
        baselineMs: 60_000,
        holdMs: 60_000,
        recoverMs: 60_000,
      });
      const path = ownPath(made);
      const { effect } = first(made);
      const bad = made.requests.filter((r) => r.path === path && r.start >= effect && !good(made, r)).at(-1);
      const within = Math.round(((bad?.start ?? 0) - effect) / 1000 + 500);
      clauses(made, { recoveryTime: { ...RECOVERY, withinMs: within } });
      return { drill: made, truth: { ...UNKNOWN, effect, recovery, mustNotPass: [`recoveryTime/${recovery.path}`] } };
    },
  ),
  kind(
    'late-proof-without-a-time',
    'T1',
    'the proof comes seven seconds late and does not say when the effect was; the requests do',
    (rng) => {
      const made = drill(rng, { faults: [{ proofMs: 7000 }] });
      const truth = { ...UNPROVEN, effect: first(made).effect };
      const history = (all: Parameters<typeof step>[0]) =>
        step(all, 'proven', (event) => (event.type === 'fault' ? [{ ...event, effective: event.t } as never] : []));
      return { drill: made, truth, tweaks: { history } };
    },
  ),
  kind(
    'blip-elsewhere-before-the-effect',
    'T2',
    'one error on a far path in a slow rollout is no effect of the fault',
    (rng) => {
      const made = drill(rng, { faults: [{ rolloutMs: 6000 }] });
      const hit = made.requests.find((r) => r.path === farPath(made) && r.due > first(made).acked + 2 * SECOND);
      if (hit !== undefined) spoil(made, hit, 'status');
      return { drill: clauses(made, { recoveryTime: RECOVERY }), truth: { ...UNPROVEN, effect: first(made).effect } };
    },
  ),
  kind(
    'outage-elsewhere-before-the-effect',
    'T2',
    'a second of errors on a far path in a slow rollout is another cause',
    (rng) => {
      const made = clauses(drill(rng, { faults: [{ rolloutMs: 8000 }] }), {
        recoveryTime: RECOVERY,
        errorBudget: WIDE,
      });
      const from = first(made).acked + 1.5 * SECOND;
      outage(made, from, from + SECOND, 'status', [farPath(made)]);
      const truth = { effect: first(made).effect, mustPass: [`recoveryTime/${idOf(made, ownPath(made))}`] };
      return { drill: made, truth: broken(['unaffected', 'recoveryTime'], { mustFail: ['unaffected'], ...truth }) };
    },
  ),
  kind(
    'blip-at-home-before-the-effect',
    'T2, T3',
    'one error on the hit path three seconds before the pods go',
    (rng) => {
      const made = drill(rng, { faults: [{ rolloutMs: 7000 }] });
      const hit = made.requests.find((r) => r.path === ownPath(made) && r.due > first(made).effect - 3 * SECOND);
      if (hit !== undefined) spoil(made, hit, 'chain');
      return {
        drill: clauses(made, { recoveryTime: RECOVERY, errorBudget: WIDE }),
        truth: { ...UNPROVEN, effect: first(made).effect },
      };
    },
  ),
  kind(
    'short-outage-at-home-before-the-effect',
    'T2, T3',
    'half a second of errors four seconds before the pods go: over before the effect',
    (rng) => {
      const made = drill(rng, { faults: [{ rolloutMs: 9000 }] });
      const from = first(made).effect - 4 * SECOND;
      outage(made, from, from + 0.5 * SECOND, 'chain', [ownPath(made)]);
      return {
        drill: clauses(made, { recoveryTime: RECOVERY, errorBudget: WIDE }),
        truth: { ...UNPROVEN, effect: first(made).effect },
      };
    },
  ),
  kind(
    'long-outage-that-lasts-into-the-effect',
    'T2, T3',
    'seven seconds of errors began six seconds before the pods were gone: judged by its length',
    (rng) => {
      const { made } = downFor(rng, 0, { faults: [{ rolloutMs: 8000 }] });
      const { effect } = first(made);
      outage(made, effect - 6 * SECOND, effect + SECOND, 'status', [ownPath(made)]);
      return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'] }) };
    },
  ),
  kind('never-recovers', 'T4, O6', 'the callers fail from the effect to the undo, eighteen seconds', (rng) => {
    const { made } = downFor(rng, 0, { holdMs: 18_000 });
    const { effect, back } = first(made);
    outage(made, effect, back, 'status', [ownPath(made)]);
    return { drill: made, truth: broken(SLOW, { failures: [...SLOW, 'wayHome'], mustFail: ['recoveryTime'], effect }) };
  }),
  kind(
    'hold-shorter-than-the-recovery',
    'O6, C6',
    'the hold ended after four seconds of errors, six were allowed: nobody knows',
    (rng) => {
      const { made } = downFor(rng, 0, { holdMs: 3500 });
      const { effect, undoRequested } = first(made);
      outage(made, effect, undoRequested + 0.1 * SECOND, 'status', [ownPath(made)]);
      clauses(made, { recoveryTime: { ...RECOVERY, withinMs: 12_000 } });
      return { drill: made, truth: UNKNOWN };
    },
  ),
  kind(
    'second-fault-while-still-down',
    'O6, T2',
    'the next fault comes two seconds into an outage of four, ten are allowed',
    (rng) => {
      const made = drill(rng, { faults: [{}, { zone: 2, service: 2, afterMs: 4500 }], holdMs: 20_000 });
      clauses(made, { errorBudget: WIDE, recoveryTime: { ...RECOVERY, withinMs: 10_000 } });
      const at = made.faults[1]?.requested ?? 0;
      outage(made, first(made).effect, at + 1.5 * SECOND, 'status', [ownPath(made)]);
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind('fails-every-other-half-second', 'T4', 'never a whole second of good requests for twelve seconds', (rng) => {
    const { made } = downFor(rng, 0);
    const { effect } = first(made);
    for (let i = 0; i < 12; i++)
      outage(made, effect + i * SECOND, effect + (i + 0.5) * SECOND, 'reset', [ownPath(made)]);
    return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'], effect }) };
  }),
  kind('half-of-the-answers-bad', 'T4', 'every second request fails at random for twelve seconds', (rng) => {
    const { made } = downFor(rng, 0);
    const { effect } = first(made);
    const mine = made.requests.filter(
      (r) => r.path === ownPath(made) && r.start >= effect && r.start < effect + 12 * SECOND,
    );
    for (const r of mine) if (rng.chance(0.5) && good(made, r)) spoil(made, r, 'status');
    return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'] }) };
  }),
  kind('comes-back-after-ten-seconds', 'T3', 'a second outage of two seconds, ten seconds after the effect', (rng) => {
    const { made } = downFor(rng, SECOND, { holdMs: 22_000 });
    const from = first(made).effect + 10 * SECOND;
    outage(made, from, from + 2 * SECOND, 'status', [ownPath(made)]);
    return { drill: made, truth: broken(['recoveryTime']) };
  }),
  kind(
    'hanging',
    'T4, T1',
    'requests hang to their timeout: the last one was sent when the outage was nearly over',
    (rng) => {
      const lasts = 2.6 * SECOND;
      const { made } = downFor(rng, 0);
      const { effect } = first(made);
      outage(made, effect, effect + lasts, 'timeout', [ownPath(made)]);
      const recovery = recoveryOf(made, ownPath(made), effect, effect + lasts);
      return { drill: made, truth: { ...UNPROVEN, verdicts: ['pass'], timid: true, effect, recovery } };
    },
  ),
  kind(
    'hanging-too-long',
    'T4, T1',
    'requests hang to their timeout for seven and a half seconds, five were promised',
    (rng) => {
      const { made, recovery } = downFor(rng, 7.5 * SECOND, {}, 'timeout');
      const { effect } = first(made);
      return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'], effect, recovery }) };
    },
  ),
  kind('second-stage-too-slow', 'T2, T3', 'the first fault is mastered, the second one takes eight seconds', (rng) => {
    const made = clauses(drill(rng, { faults: [{}, { zone: 1, afterMs: 12_000 }], holdMs: 18_000 }), {
      errorBudget: WIDE,
      recoveryTime: RECOVERY,
    });
    const second = made.faults[1];
    const from = second?.effect ?? 0;
    outage(made, from, from + 8 * SECOND, 'status', [1]);
    return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'], effect: first(made).effect }) };
  }),
];
