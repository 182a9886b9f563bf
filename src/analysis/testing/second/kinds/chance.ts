import type { Drill, DrillOptions } from '../drill.ts';
import { bursts, farPath, noise, outage, reroute, spoil, zonesOf } from '../edits.ts';
import { good, orderOf } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Rng } from '../rng.ts';
import type { Kind } from '../truth.ts';
import { clauses, downFor, first, idOf, ownPath, RECOVERY, WIDE } from './common.ts';

/** A drill whose steady state allows the noise that it will get. */
function noisy(rng: Rng, goodAtLeast: number, options: DrillOptions = {}): Drill {
  const made = drill(rng, { recoverMs: 16_000, ...options });
  return clauses(made, { steadyState: { ...made.expect.steadyState, goodAtLeast }, recoveryTime: RECOVERY });
}

/** Spoils one good request of a path, the first one sent from `at` on. */
function oneError(made: Drill, path: number, at: number): void {
  const hit = made.requests.find((r) => r.path === path && r.start >= at && good(made, r));
  if (hit !== undefined) spoil(made, hit, 'status');
}

/** The share that the order asks of each place. */
function asked(made: Drill, shareAtLeast: number): Drill {
  const [order] = orderOf(made, first(made));
  if (order === undefined) return made;
  return clauses(made, {
    failoverOrder: [{ ...order, order: order.order.map(({ place }) => ({ place, shareAtLeast })) }],
  });
}

/** C: chance. */
export const CHANCE_KINDS: readonly Kind[] = [
  ...([0.0005, 0.002, 0.005, 0.01] as const).map((rate) =>
    kind(
      `noise-of-${rate * 1000}-in-a-thousand`,
      'C5, C3',
      'independent errors all along, before as after: nobody’s fault',
      (rng) => {
        const made = noisy(rng, rate < 0.004 ? 0.98 : 0.96);
        noise(made, rate);
        return { drill: made, truth: UNPROVEN };
      },
    ),
  ),
  kind('noise-on-one-far-path', 'C5, U1', 'one far path errs at 2 % before, during and after', (rng) => {
    const made = noisy(rng, 0.95, { rate: 40 });
    noise(made, 0.02, 0, made.times.end, [farPath(made)]);
    return { drill: made, truth: UNPROVEN };
  }),
  kind('noise-on-the-hit-path', 'C5, T5', 'the hit path errs at 2 % before, during and after', (rng) => {
    const made = noisy(rng, 0.95, { rate: 40 });
    noise(made, 0.02, 0, made.times.end, [ownPath(made)]);
    return { drill: clauses(made, { errorBudget: WIDE }), truth: UNPROVEN };
  }),
  kind('noise-in-pairs', 'C2, C5', 'errors come in pairs, before as after, one request in four hundred', (rng) => {
    const made = noisy(rng, 0.97, { rate: 40, baselineMs: 20_000 });
    bursts(made, 0.0025, 2);
    return { drill: clauses(made, { errorBudget: WIDE }), truth: UNPROVEN };
  }),
  kind(
    'noise-in-bursts',
    'C2, C5',
    'errors come four in a row, before as after: the system’s own way to err, not the fault',
    (rng) => {
      const made = noisy(rng, 0.95, { rate: 40, baselineMs: 30_000 });
      bursts(made, 0.006, 4);
      return { drill: clauses(made, { errorBudget: WIDE }), truth: UNPROVEN };
    },
  ),
  kind(
    'noise-of-200-paths',
    'C3',
    'two hundred paths with one error in a thousand: no multiplicity may fail it',
    (rng) => {
      const made = noisy(rng, 0.98, { zones: [3, 3], requests: 33, rate: 2, baselineMs: 15_000 });
      noise(made, 0.001);
      return { drill: clauses(made, { errorBudget: WIDE, failoverOrder: [] }), truth: UNPROVEN };
    },
  ),
  kind(
    'one-of-200-paths-is-down',
    'C3',
    'two hundred paths; one is down for eight seconds: many comparisons do not hide sixteen errors in a row',
    (rng) => {
      const made = noisy(rng, 0.98, { zones: [3, 3], requests: 33, rate: 2, baselineMs: 15_000 });
      noise(made, 0.0005);
      const from = made.times.hold + 5 * SECOND;
      outage(made, from, from + 8 * SECOND, 'status', [farPath(made)]);
      const truth = broken(['unaffected', 'recoveryTime']);
      return { drill: clauses(made, { errorBudget: WIDE, failoverOrder: [] }), truth };
    },
  ),
  kind(
    'outage-on-a-path-that-is-noisy',
    'C5',
    'a far path errs at 8 % all along, and is down for eight seconds of the hold',
    (rng) => {
      const made = noisy(rng, 0.93, { rate: 40 });
      noise(made, 0.08, 0, made.times.end, [farPath(made)]);
      const from = made.times.hold + 5 * SECOND;
      outage(made, from, from + 8 * SECOND, 'status', [farPath(made)]);
      clauses(made, { errorBudget: WIDE });
      const truth = broken(['unaffected', 'recoveryTime'], { failures: ['unaffected', 'recoveryTime', 'steadyState'] });
      return { drill: made, truth };
    },
  ),
  kind(
    'outage-in-the-baseline-is-no-noise',
    'C5, W4',
    'a second of outage in the baseline must not excuse eight seconds of every second request',
    (rng) => {
      const made = noisy(rng, 0.95, { rate: 40 });
      const path = ownPath(made);
      const { baseline } = made.times;
      outage(made, baseline + 4 * SECOND, baseline + 5 * SECOND, 'status', [path]);
      const { effect } = first(made);
      for (const r of made.requests) {
        const here = r.path === path && r.start >= effect && r.start < effect + 8 * SECOND;
        if (here && rng.chance(0.5) && good(made, r)) spoil(made, r, 'status');
      }
      const truth = broken(['recoveryTime', 'failoverOrder', 'steadyState'], {
        mustNotPass: [`recoveryTime/${idOf(made, path)}`],
      });
      return { drill: clauses(made, { errorBudget: WIDE }), truth };
    },
  ),
  kind(
    'strays-of-the-baseline-in-one-burst',
    'C2',
    'forty strays of four thousand requests in one second: 99 % is not shown by independent calls',
    (rng) => {
      const made = drill(rng, { rate: 40, baselineMs: 25_000 });
      const [, caller = '', place = ''] = zonesOf(made);
      const from = made.times.baseline + 9 * SECOND;
      reroute(made, { service: 'stock', caller, from, to: from + SECOND, place });
      clauses(made, { steadyState: { goodAtLeast: 0.98, sameZoneAtLeast: 0.99 } });
      return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['steadyState'] } };
    },
  ),
  kind('outage-under-noise', 'C5', 'half a percent of noise does not hide eight seconds of errors', (rng) => {
    const { made } = downFor(rng, 8 * SECOND);
    noise(made, 0.005);
    clauses(made, { steadyState: { goodAtLeast: 0.96 }, failback: { withinMs: 20_000 } });
    return { drill: made, truth: broken(['recoveryTime', 'failoverOrder'], { mustFail: ['recoveryTime'] }) };
  }),
  kind(
    'outage-that-looks-like-noise',
    'C5, U1',
    'one far request in eight fails in the hold, one in five hundred before',
    (rng) => {
      const made = noisy(rng, 0.97, { rate: 40 });
      noise(made, 0.002);
      noise(made, 0.125, made.times.hold + SECOND, made.times.undo, [farPath(made)]);
      clauses(made, { errorBudget: WIDE });
      return { drill: made, truth: broken(['unaffected', 'recoveryTime'], { mustFail: ['unaffected'] }) };
    },
  ),
  kind(
    'steady-trickle-on-the-hit-path',
    'C5, T4',
    'after recovery one request in six still fails to the end of the hold, none did before',
    (rng) => {
      const made = clauses(drill(rng, { rate: 40 }), { errorBudget: WIDE, recoveryTime: RECOVERY });
      noise(made, 0.16, first(made).effect + SECOND, made.times.undo, [ownPath(made)]);
      return { drill: made, truth: broken(['recoveryTime', 'failoverOrder'], { mustFail: ['recoveryTime'] }) };
    },
  ),
  kind('one-late-error-on-the-hit-path', 'C5, T3, O6', 'one single error ten seconds after the effect', (rng) => {
    const made = clauses(drill(rng), { recoveryTime: RECOVERY });
    oneError(made, ownPath(made), first(made).effect + 10 * SECOND);
    return { drill: made, truth: UNPROVEN };
  }),
  kind('one-error-on-a-clean-far-path', 'U1', 'one error on a path that never erred before: undecided', (rng) => {
    const made = drill(rng);
    oneError(made, farPath(made), made.times.hold + 5 * SECOND);
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: [`unaffected/${idOf(made, farPath(made))}`] } };
  }),
  kind(
    'one-error-on-a-path-that-erred-before',
    'U1',
    'one error in the hold, two in the baseline of the same path',
    (rng) => {
      const made = drill(rng, { rate: 40 });
      const path = farPath(made);
      oneError(made, path, made.times.baseline + 3 * SECOND);
      oneError(made, path, made.times.baseline + 7 * SECOND);
      oneError(made, path, made.times.hold + 5 * SECOND);
      clauses(made, { steadyState: { goodAtLeast: 0.98 } });
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind(
    'last-error-of-the-hold',
    'C5, O6',
    'one error right before the undo leaves no stretch to judge after it',
    (rng) => {
      const made = clauses(drill(rng), { recoveryTime: RECOVERY });
      oneError(made, ownPath(made), made.times.undo - 0.4 * SECOND);
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind('hundred-percent-and-one-error', 'C1', '100 % was asked and one request of the baseline failed', (rng) => {
    const made = clauses(drill(rng), { steadyState: { goodAtLeast: 1 }, errorBudget: WIDE });
    oneError(made, farPath(made), made.times.baseline + 5 * SECOND);
    return { drill: made, truth: doubtful(['steadyState']) };
  }),
  kind(
    'home-share-below-its-target',
    'C1, C2',
    '4 % of the baseline’s calls leave their zone, 99 % were to stay',
    (rng) => {
      const made = drill(rng, { rate: 40 });
      const [, caller = '', place = ''] = zonesOf(made);
      reroute(made, { service: 'stock', caller, from: 0, to: made.times.end, place, share: 0.2 });
      clauses(made, { steadyState: { goodAtLeast: 0.98, sameZoneAtLeast: 0.99 } });
      return { drill: made, truth: broken(['steadyState']) };
    },
  ),
  kind(
    'one-burst-of-strays',
    'C2',
    'all strays of the hold lie in one half second: 98.6 % counts as a handful of blocks, not 900 requests',
    (rng) => {
      const made = asked(drill(rng, { holdMs: 38_000 }), 0.97);
      const from = made.times.hold + 12 * SECOND;
      const { zone, service } = first(made);
      const place = zonesOf(made)[2] ?? '';
      reroute(made, { service, caller: zone, from, to: from + 0.52 * SECOND, place });
      return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['failoverOrder'] } };
    },
  ),
  kind('scattered-strays', 'C1, C2', 'one call in two hundred strays, 95 % was asked', (rng) => {
    const made = asked(drill(rng, { holdMs: 30_000, rate: 40 }), 0.95);
    const { zone, service, effect } = first(made);
    reroute(made, {
      service,
      caller: zone,
      from: effect + 3 * SECOND,
      to: made.times.undo,
      place: zonesOf(made)[2] ?? '',
      share: 0.005,
    });
    return { drill: made, truth: UNPROVEN };
  }),
  kind('bursts-below-the-target', 'C2', 'one second in five strays: the share is 80 %, 95 % was asked', (rng) => {
    const made = asked(drill(rng, { holdMs: 40_000 }), 0.95);
    const { zone, service, effect } = first(made);
    for (let at = effect + 4 * SECOND; at < made.times.undo - SECOND; at += 5 * SECOND) {
      reroute(made, { service, caller: zone, from: at, to: at + SECOND, place: zonesOf(made)[2] ?? '' });
    }
    return { drill: made, truth: doubtful(['failoverOrder']) };
  }),
  kind('too-few-for-the-share', 'C1', 'sixty clean answers do not prove 99 %', (rng) => {
    const made = asked(drill(rng, { rate: 4, holdMs: 18_000, baselineMs: 30_000, recoverMs: 20_000 }), 0.99);
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['failoverOrder'] } };
  }),
  kind('too-short-a-baseline', 'C1', 'two seconds of baseline do not prove 99 %', (rng) => {
    const made = clauses(drill(rng, { baselineMs: 2000 }), { steadyState: { goodAtLeast: 0.99 } });
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['steadyState'] } };
  }),
];
