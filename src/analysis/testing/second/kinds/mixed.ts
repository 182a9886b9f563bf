import { moveTo, outage, renumber, serving, spoil } from '../edits.ts';
import { good } from '../expect.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, RIGHT, UNPROVEN } from '../finish.ts';
import type { Host } from '../mesh.ts';
import type { Kind } from '../truth.ts';
import { clauses, downFor, first, idOf, keep, ownPath, RECOVERY, WIDE } from './common.ts';

const NEVER = Number.MAX_SAFE_INTEGER;
const SLOW = ['recoveryTime', 'failoverOrder'] as const;

/** What happens beside the fault, and what hides behind a rule that excuses. */
export const MIXED_KINDS: readonly Kind[] = [
  kind(
    'late-sending-is-no-excuse-for-503',
    'R3, R2',
    'every error of eight seconds was sent 20 ms late: it is an error all the same',
    (rng) => {
      const { made } = downFor(rng, 8 * SECOND);
      for (const r of made.requests) {
        if (r.status !== 503) continue;
        r.start += 20_000;
        r.end += 20_000;
      }
      return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'] }) };
    },
  ),
  kind(
    'two-paths-down-one-after-the-other',
    'T3, W1',
    'one path of the zone is down for the first 4.5 s, the other for the next 4.5 s',
    (rng) => {
      const made = clauses(drill(rng, { requests: 2 }), { errorBudget: WIDE, recoveryTime: RECOVERY });
      const { effect } = first(made);
      outage(made, effect, effect + 4.5 * SECOND, 'status', [0]);
      outage(made, effect + 4.5 * SECOND, effect + 9 * SECOND, 'status', [4]);
      return { drill: made, truth: broken(SLOW, { mustFail: ['recoveryTime'] }) };
    },
  ),
  kind(
    'scaled-up-at-home-in-mid-hold',
    'O1, O2',
    'a healthy pod comes up at home in mid-hold; most calls go to it, as they should',
    (rng) => {
      const made = drill(rng, {
        holdMs: 24_000,
        hosts: (all, { faults, hold }) => {
          const [old] = faults[0]?.affected ?? [];
          if (old === undefined) return all;
          const pod = { ...old, name: `${old.workload}-xxxxx-xxxxx`, ip: old.ip.replace(/\d+$/, '88') };
          return [...all, { pod, from: hold + 9 * SECOND, to: NEVER, failure: 'refused' } satisfies Host];
        },
      });
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind(
    'next-zone-breaks-in-mid-hold',
    'O3, X1',
    'the next zone’s pod stops serving in mid-hold and stays ready: going farther was right',
    (rng) => {
      const made = drill(rng, {
        rate: 40,
        holdMs: 24_000,
        hosts: (all, { faults, hold, end }) =>
          all.map((host) => {
            const next = host.pod.service === faults[0]?.service && host.pod.zone === 'nordland-2';
            return next ? { ...host, dead: [hold + 10 * SECOND, end] as const } : host;
          }),
      });
      const also = [
        'recoveryTime',
        'errorBudget',
        'unaffected',
        'steadyState',
        'wayHome',
        'ejections',
        'failback',
      ] as const;
      return { drill: made, truth: doubtful(also) };
    },
  ),
  kind(
    'next-zone-is-not-ready',
    'O1, O2',
    'the endpoints say that nobody is ready next door: the far region is expected',
    (rng) => {
      const made = drill(rng, {
        via: [0, 2, 3],
        rate: 40,
        hosts: (all, { faults, undo }) =>
          all.map((host) => {
            const next = host.pod.service === faults[0]?.service && host.pod.zone === 'nordland-2';
            return next ? { ...host, unready: [(faults[0]?.requested ?? 0) - SECOND, undo + SECOND] as const } : host;
          }),
      });
      return { drill: made, truth: { ...RIGHT, effect: first(made).effect } };
    },
  ),
  kind(
    'both-zones-at-once',
    'O1, O2',
    'the service goes in both zones of the region at once; the other region serves',
    (rng) => {
      const faults = [{ rolloutMs: 900 }, { zone: 1, rolloutMs: 900 }];
      return { drill: drill(rng, { rate: 40, faults }), truth: RIGHT };
    },
  ),
  kind('slow-undo', 'W5, B1', 'the undo takes seven seconds; the next zone serves all the while', (rng) => {
    const made = drill(rng, { undoMs: 7000 });
    return { drill: made, truth: { ...RIGHT, effect: first(made).effect } };
  }),
  kind(
    'hanging-at-the-very-end',
    'W6',
    'what was sent in the last 1.8 s of the run hung on a path and ended after it',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE });
      outage(made, made.times.end - 1.8 * SECOND, made.times.end, 'timeout', [2]);
      return { drill: made, truth: doubtful(['steadyState', 'wayHome']) };
    },
  ),
  kind(
    'outage-at-the-start-of-the-baseline',
    'W1, W4',
    'a path was down for the first second and a half of the baseline',
    (rng) => {
      const made = clauses(drill(rng), { steadyState: { goodAtLeast: 0.99 } });
      outage(made, 0, made.times.baseline + 1.5 * SECOND, 'refused', [3]);
      return { drill: made, truth: doubtful(['steadyState']) };
    },
  ),
  kind(
    'a-little-worse-everywhere',
    'U1, C5',
    'three requests in a hundred fail on every path while the fault is on, none before',
    (rng) => {
      const made = clauses(drill(rng, { rate: 40 }), { errorBudget: WIDE });
      for (const r of made.requests) {
        const here = r.due > made.times.hold && r.due < made.times.undo;
        if (here && rng.chance(0.03) && good(made, r)) spoil(made, r, 'reset');
      }
      return { drill: made, truth: doubtful(['unaffected', 'recoveryTime'], { mustNotPass: ['unaffected'] }) };
    },
  ),
  kind(
    'one-short-blip-on-all-paths',
    'C5, U1',
    'five requests in a row fail on every path in mid-hold, none before',
    (rng) => {
      const made = clauses(drill(rng), { errorBudget: WIDE });
      const from = made.times.hold + 9 * SECOND;
      outage(made, from, from + 0.2 * SECOND, 'reset');
      return { drill: made, truth: doubtful(['unaffected', 'recoveryTime'], { mustNotPass: ['unaffected'] }) };
    },
  ),
  kind(
    'quiet-before-the-effect',
    'T1, S2',
    'the hit path was not asked for three seconds before the effect, and is down for 4.2 s after it',
    (rng) => {
      const { made, recovery } = downFor(rng, 4.2 * SECOND);
      const { effect } = first(made);
      const path = ownPath(made);
      keep(made, (r) => r.path !== path || r.due < effect - 3 * SECOND || r.due >= effect + 0.1 * SECOND);
      renumber(made);
      const { length: _, ...times } = recovery;
      return { drill: made, truth: { ...UNPROVEN, verdicts: ['pass', 'inconclusive'], effect, recovery: times } };
    },
  ),
  kind(
    'fault-ends-by-itself-unseen',
    'F1, F2',
    'the taken pods’ successors serve again for the last five seconds of the hold; no look saw it',
    (rng) => {
      const made = drill(rng);
      const { dead, service, zone, effect } = first(made);
      const index = made.world.services.indexOf(service);
      const [ghost] = dead;
      for (const r of made.requests) {
        const caller = r.chain?.hops[index - 1]?.zone;
        const late = r.due > made.times.undo - 5 * SECOND && r.end < made.times.undo && r.start > effect;
        if (late && caller === zone && ghost !== undefined && good(made, r)) moveTo(made, r, index, ghost);
      }
      return { drill: made, truth: doubtful(['failoverOrder'], { mustNotPass: ['faultEffect'] }) };
    },
  ),
  kind(
    'home-served-by-strangers',
    'O4, F2',
    'pods that no endpoint list knows serve at home for half of the hold',
    (rng) => {
      const made = drill(rng);
      const { service, zone, effect } = first(made);
      const index = made.world.services.indexOf(service);
      const [known] = serving(made, service, zone, made.times.baseline);
      for (const r of made.requests) {
        const caller = r.chain?.hops[index - 1]?.zone;
        const here = r.start > effect + 6 * SECOND && r.end < made.times.undo && caller === zone;
        if (here && known !== undefined && good(made, r)) moveTo(made, r, index, { ...known, ip: '10.9.9.9' });
      }
      return { drill: made, truth: doubtful(['failoverOrder']) };
    },
  ),
  kind(
    'slow-path-hides-a-dead-one',
    'W1, C4',
    'one of two paths of a far zone is dead for the hold, the other as good as ever',
    (rng) => {
      const made = clauses(drill(rng, { requests: 2 }), { errorBudget: WIDE, recoveryTime: RECOVERY });
      outage(made, made.times.hold + SECOND, made.times.undo - SECOND, 'slow', [6]);
      const truth = broken(['unaffected', 'recoveryTime'], { mustNotPass: [`unaffected/${idOf(made, 6)}`] });
      return { drill: made, truth };
    },
  ),
];
