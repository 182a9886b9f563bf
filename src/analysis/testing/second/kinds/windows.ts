import { farPath, noise, outage, pathIn, reroute, zonesOf } from '../edits.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Kind } from '../truth.ts';
import { clauses, downFor, first, idOf, ownPath, RECOVERY, WIDE, without } from './common.ts';

/** W: no unjudged time, path or zone. */
export const WINDOW_KINDS: readonly Kind[] = [
  kind('outage-in-the-second-before-inject', 'W2, W4', 'a path was down for a second right before the fault', (rng) => {
    const made = clauses(drill(rng), { errorBudget: WIDE });
    const { inject } = made.times;
    outage(made, inject - 1.1 * SECOND, inject - 0.1 * SECOND, 'status', [farPath(made)]);
    return { drill: made, truth: doubtful(['steadyState']) };
  }),
  kind('hit-path-down-before-inject', 'W2, W4', 'the very path of the fault was down when it came', (rng) => {
    const made = clauses(drill(rng), { errorBudget: WIDE });
    const { inject } = made.times;
    outage(made, inject - 1.5 * SECOND, first(made).effect + 0.4 * SECOND, 'status', [ownPath(made)]);
    const truth = doubtful(['steadyState', 'recoveryTime'], { mustFail: ['steadyState'] });
    return { drill: made, truth };
  }),
  kind(
    'outage-across-the-injection',
    'W2, W4',
    'a far path was down from before the fault to after it: not the fault’s doing',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE });
      const { inject } = made.times;
      outage(made, inject - 1.5 * SECOND, inject + 2 * SECOND, 'status', [farPath(made)]);
      const truth = doubtful(['steadyState', 'unaffected', 'recoveryTime'], { mustFail: ['steadyState'] });
      return { drill: made, truth };
    },
  ),
  kind(
    'hanging-across-the-injection',
    'W2',
    'requests sent before the fault hang and end after it: they were failing already',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE });
      const { inject } = made.times;
      outage(made, inject - 1.8 * SECOND, inject - 0.02 * SECOND, 'timeout', [farPath(made)]);
      return { drill: made, truth: doubtful(['steadyState', 'unaffected'], { mustFail: ['steadyState'] }) };
    },
  ),
  kind('never-steady', 'W4, C1', 'one request in twenty failed from the start, 99 % was promised', (rng) => {
    const made = clauses(drill(rng), { errorBudget: WIDE, steadyState: { goodAtLeast: 0.99 } });
    noise(made, 0.06);
    return { drill: made, truth: broken(['steadyState']) };
  }),
  kind(
    'dead-path-under-a-good-share',
    'W4, C4',
    'one of eighteen paths is dead all along; the pool is 94 % good, 90 % was asked',
    (rng) => {
      const made = drill(rng, { zones: [3, 3], requests: 3, rate: 10, baselineMs: 12_000 });
      clauses(made, { steadyState: { goodAtLeast: 0.9 }, errorBudget: WIDE });
      outage(made, 0, made.times.end, 'refused', [4]);
      const also = ['steadyState', 'recoveryTime', 'unaffected', 'wayHome'] as const;
      return { drill: made, truth: broken(also, { mustFail: ['steadyState'] }) };
    },
  ),
  kind(
    'outage-of-a-far-path-in-mid-hold',
    'W1, U1',
    'two seconds of errors on a path that nothing should touch',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE, recoveryTime: RECOVERY });
      const from = made.times.hold + 8 * SECOND;
      outage(made, from, from + 2 * SECOND, 'reset', [farPath(made)]);
      return { drill: made, truth: broken(['unaffected', 'recoveryTime'], { mustFail: ['unaffected'] }) };
    },
  ),
  kind(
    'outage-between-two-stages',
    'W1',
    'a far path is down for a second around the second fault’s injection',
    (rng) => {
      const made = clauses(drill(rng, { faults: [{}, { zone: 1, afterMs: 12_000 }] }), { errorBudget: WIDE });
      const at = made.faults[1]?.requested ?? 0;
      outage(made, at - SECOND, at + SECOND, 'status', [farPath(made)]);
      return { drill: made, truth: broken(['unaffected', 'recoveryTime'], { mustFail: ['unaffected'] }) };
    },
  ),
  kind(
    'fails-again-at-the-very-end-of-the-hold',
    'W1, T4',
    'it recovered, and failed again for the last second and a half',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE, recoveryTime: RECOVERY });
      const { undo } = made.times;
      outage(made, undo - 1.5 * SECOND, undo, 'status', [ownPath(made)]);
      return { drill: made, truth: doubtful(['recoveryTime', 'failoverOrder', 'wayHome']) };
    },
  ),
  kind(
    'outage-of-the-undo',
    'W5',
    'the undo itself takes the path down for eight seconds, five were promised',
    (rng) => {
      const made = clauses(drill(rng, { recoverMs: 24_000 }), {
        recoveryTime: RECOVERY,
        failback: { withinMs: 20_000 },
        errorBudget: WIDE,
      });
      const { undoRequested, undone } = first(made);
      outage(made, undoRequested, undone + 8 * SECOND, 'status', [ownPath(made)]);
      return { drill: made, truth: broken(['wayHome'], { failures: ['wayHome', 'recoveryTime', 'failback'] }) };
    },
  ),
  kind(
    'all-paths-down-after-the-undo',
    'W5',
    'every path is down for seven seconds between the undo and the end',
    (rng) => {
      const made = clauses(drill(rng, { recoverMs: 24_000 }), {
        recoveryTime: RECOVERY,
        failback: { withinMs: 20_000 },
        errorBudget: WIDE,
      });
      const from = made.times.recover + 4 * SECOND;
      outage(made, from, from + 7 * SECOND, 'refused');
      return { drill: made, truth: broken(['wayHome'], { failures: ['wayHome', 'failback'] }) };
    },
  ),
  kind(
    'far-path-down-after-the-undo',
    'W5',
    'a path far from the fault is down for eight seconds after the undo',
    (rng) => {
      const made = clauses(drill(rng, { recoverMs: 24_000 }), { recoveryTime: RECOVERY, errorBudget: WIDE });
      const from = made.times.recover + 3 * SECOND;
      outage(made, from, from + 8 * SECOND, 'timeout', [farPath(made)]);
      return { drill: made, truth: broken(['wayHome'], { failures: ['wayHome', 'unaffected'] }) };
    },
  ),
  kind(
    'short-outage-after-the-undo',
    'W5',
    'a second and a half right after the undo: within the promised five',
    (rng) => {
      const made = clauses(drill(rng, { recoverMs: 20_000 }), { recoveryTime: RECOVERY, errorBudget: WIDE });
      const { undone } = first(made);
      outage(made, undone + 0.1 * SECOND, undone + 1.6 * SECOND, 'status', [ownPath(made)]);
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind('short-outage-after-the-undo-without-a-promise', 'W5', 'the same, where no recovery time is promised', (rng) => {
    const made = without(clauses(drill(rng, { recoverMs: 20_000 }), { errorBudget: WIDE }), 'recoveryTime');
    const { recover } = made.times;
    outage(made, recover + 3 * SECOND, recover + 5 * SECOND, 'status', [farPath(made)]);
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['wayHome'] } };
  }),
  kind('down-at-the-very-end', 'W6', 'one path is down for the last two and a half seconds', (rng) => {
    const made = clauses(drill(rng), { errorBudget: WIDE });
    outage(made, made.times.end - 2.5 * SECOND, made.times.end, 'status', [farPath(made)]);
    return { drill: made, truth: broken(['steadyState'], { failures: ['steadyState', 'wayHome'] }) };
  }),
  kind(
    'one-dead-path-among-many',
    'W6, C4',
    'one of eighteen paths never comes back after the undo; the pool is 94 % good',
    (rng) => {
      const made = drill(rng, { zones: [3, 3], requests: 3, rate: 12, recoverMs: 16_000 });
      clauses(made, { steadyState: { goodAtLeast: 0.9 }, errorBudget: WIDE, recoveryTime: RECOVERY });
      outage(made, made.times.recover + SECOND, made.times.end, 'refused', [3]);
      return { drill: made, truth: broken(['steadyState', 'wayHome']) };
    },
  ),
  kind(
    'neighbours-leave-home-after-the-undo',
    'W6',
    'callers that never left home leave it after the undo and stay away',
    (rng) => {
      const made = drill(rng, { recoverMs: 16_000 });
      const [, , caller = '', place = ''] = zonesOf(made);
      const { recover, end } = made.times;
      reroute(made, { service: first(made).service, caller, from: recover + 2.6 * SECOND, to: end, place });
      return { drill: made, truth: doubtful(['steadyState', 'wayHome', 'failback', 'unaffected']) };
    },
  ),
  kind(
    'strangers-at-home-at-the-end',
    'W6',
    'half of a zone’s calls are served elsewhere in the last six seconds',
    (rng) => {
      const made = drill(rng, { recoverMs: 16_000 });
      const [, caller = '', place = ''] = zonesOf(made);
      const { end } = made.times;
      reroute(made, { service: 'stock', caller, from: end - 6 * SECOND, to: end, place, share: 0.5 });
      return { drill: made, truth: doubtful(['steadyState', 'wayHome', 'failback', 'unaffected']) };
    },
  ),
  kind(
    'good-answers-across-the-undo',
    'W3',
    'requests due before the undo met a pod that was back: nobody is to blame',
    (rng) => {
      const made = drill(rng, { hopMs: 150, latencyMs: 4500, timeoutMs: 6000, undoMs: 60 });
      return { drill: made, truth: { ...UNPROVEN, verdicts: ['pass'], timid: true } };
    },
  ),
  kind(
    'down-from-hold-into-the-way-home',
    'W5, T4',
    'a far path goes down two seconds before the undo and comes back eight seconds after it',
    (rng) => {
      const made = clauses(drill(rng, { recoverMs: 24_000 }), { recoveryTime: RECOVERY, errorBudget: WIDE });
      const { undo, recover } = made.times;
      outage(made, undo - 2 * SECOND, recover + 8 * SECOND, 'status', [farPath(made)]);
      return { drill: made, truth: broken(['unaffected', 'wayHome', 'recoveryTime']) };
    },
  ),
  kind(
    'the-fault-outlives-its-undo',
    'W5, H1',
    'the pods serve seven seconds after the undo was said to be done; nobody took over',
    (rng) => {
      const { made } = downFor(rng, 0, { recoverMs: 24_000 });
      const { undone, effect } = first(made);
      outage(made, effect, undone + 7 * SECOND, 'status', [ownPath(made)]);
      const truth = broken(['recoveryTime', 'failoverOrder', 'wayHome', 'failback'], {
        mustNotPass: [`recoveryTime/${idOf(made, pathIn(made, first(made).zone))}`],
      });
      return { drill: clauses(made, { failback: { withinMs: 20_000 } }), truth };
    },
  ),
];
