import { farPath, freeze, renumber } from '../edits.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, UNKNOWN, UNPROVEN } from '../finish.ts';
import type { Kind } from '../truth.ts';
import { clauses, downFor, first, idOf, keep, ownPath, RECOVERY, WIDE } from './common.ts';

/** S: silence is not health. */
export const SILENCE_KINDS: readonly Kind[] = [
  kind('stall-of-the-schedule', 'S1, S2', 'nothing was due while the path was down', (rng) => {
    const { made } = downFor(rng, 7 * SECOND);
    const { effect } = first(made);
    keep(made, (r) => r.due < effect - 0.1 * SECOND || r.due >= effect + 7.1 * SECOND);
    renumber(made);
    return {
      drill: made,
      truth: doubtful(['recoveryTime', 'loadQuality'], { mustFail: ['recoveryTime', 'loadQuality'] }),
    };
  }),
  kind(
    'stall-of-the-hit-path',
    'S1, S2',
    'one path’s schedule stalls over six seconds of outage, a tenth of its run',
    (rng) => {
      const { made } = downFor(rng, 6 * SECOND, { holdMs: 40_000 });
      const { effect } = first(made);
      const path = ownPath(made);
      keep(made, (r) => r.path !== path || r.due < effect - 0.1 * SECOND || r.due >= effect + 6.1 * SECOND);
      renumber(made);
      return {
        drill: made,
        truth: doubtful(['recoveryTime', 'loadQuality'], { mustNotPass: [`recoveryTime/${idOf(made, path)}`] }),
      };
    },
  ),
  kind(
    'quiet-on-an-unaffected-path',
    'S2',
    'a far path was not asked for three seconds: unaffected is not shown',
    (rng) => {
      const made = drill(rng, { holdMs: 24_000 });
      const from = made.times.hold + 8 * SECOND;
      const path = farPath(made);
      keep(made, (r) => r.path !== path || r.due < from || r.due >= from + 3 * SECOND);
      renumber(made);
      return { drill: made, truth: { ...UNKNOWN, mustNotPass: [`unaffected/${idOf(made, path)}`] } };
    },
  ),
  kind(
    'quiet-of-two-requests',
    'S2',
    'two requests in a row are missing from the schedule: no gap that matters',
    (rng) => {
      const made = drill(rng, { rate: 50 });
      const from = made.times.hold + 8 * SECOND;
      keep(made, (r) => r.due < from || r.due >= from + 0.04 * SECOND);
      renumber(made);
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind(
    'frozen-over-a-short-outage',
    'S2',
    'the generator froze over the outage and sent afterwards, still in time',
    (rng) => {
      const made = clauses(drill(rng, { latencyMs: 3000, timeoutMs: 5000 }), {
        errorBudget: WIDE,
        recoveryTime: { ...RECOVERY, withinMs: 500 },
      });
      const { effect } = first(made);
      const mine = made.requests.filter((r) => r.path === ownPath(made));
      const after = mine.find((r) => r.start > effect + 2 * SECOND);
      for (const r of mine) {
        if (r.start < effect - 0.05 * SECOND || r.start >= effect + 1.3 * SECOND) continue;
        Object.assign(r, {
          ended: 'response',
          status: 200,
          error: undefined,
          chain: after?.chain,
          end: r.start + 4000,
        });
      }
      freeze(made, effect - 0.05 * SECOND, effect + 1.3 * SECOND);
      return {
        drill: made,
        truth: doubtful(['recoveryTime'], { mustNotPass: [`recoveryTime/${idOf(made, ownPath(made))}`] }),
      };
    },
  ),
  kind(
    'frozen-in-mid-hold',
    'R3, S2',
    'the generator froze for two seconds: answers are late because they were sent late',
    (rng) => {
      const made = drill(rng);
      const from = made.times.hold + 7 * SECOND;
      freeze(made, from, from + 2 * SECOND);
      return { drill: made, truth: UNKNOWN };
    },
  ),
  kind(
    'frozen-into-timeouts',
    'R3',
    'what was sent two seconds late was given up at once: the timeout runs from the due time',
    (rng) => {
      const made = drill(rng);
      const from = made.times.hold + 7 * SECOND;
      const hit = made.requests.filter((r) => r.start >= from && r.start < from + 2.6 * SECOND);
      for (const r of hit) {
        const start = from + 2.6 * SECOND;
        const gone = start - r.due > 1.9 * SECOND;
        if (gone)
          Object.assign(r, {
            ended: 'error',
            error: 'timeout',
            status: 0,
            chain: undefined,
            start,
            end: start + 1500,
          });
        else Object.assign(r, { start, end: start + 4000 });
      }
      return { drill: made, truth: UNKNOWN };
    },
  ),
  kind('stall-drops-the-outage', 'R3, S1', 'the generator dropped what was due over the outage', (rng) => {
    const { made } = downFor(rng, 6 * SECOND);
    const { effect } = first(made);
    for (const r of made.requests) {
      const here = r.path === ownPath(made) && r.due >= effect - 0.1 * SECOND && r.due < effect + 6.1 * SECOND;
      if (here)
        Object.assign(r, {
          ended: 'dropped',
          start: r.due,
          end: r.due,
          status: 0,
          chain: undefined,
          error: undefined,
        });
    }
    return { drill: made, truth: UNKNOWN };
  }),
  kind('a-few-dropped', 'R3', 'one request in three hundred was dropped', (rng) => {
    const made = drill(rng);
    for (const r of made.requests) {
      if (rng.chance(0.003))
        Object.assign(r, {
          ended: 'dropped',
          start: r.due,
          end: r.due,
          status: 0,
          chain: undefined,
          error: undefined,
        });
    }
    return { drill: made, truth: UNPROVEN };
  }),
  kind('under-delivered', 'S3', 'half of the asked rate was due, and all of that was sent', (rng) => {
    const made = drill(rng, { rate: 40 });
    keep(made, (r) => r.seq % 2 === 0);
    renumber(made);
    return { drill: made, truth: UNKNOWN };
  }),
  kind(
    'one-path-at-three-quarters',
    'S3',
    'one path had three quarters of its rate, evenly; all together 94 %',
    (rng) => {
      const made = drill(rng, { rate: 40 });
      keep(made, (r) => r.path !== 2 || r.seq % 4 !== 0);
      renumber(made);
      return { drill: made, truth: UNPROVEN };
    },
  ),
  kind(
    'one-path-at-a-third',
    'S3, W1',
    'one of twelve paths had a third of its rate, evenly; all together 94 %',
    (rng) => {
      const made = drill(rng, { zones: [2, 2], requests: 3, rate: 20 });
      keep(made, (r) => r.path !== 2 || r.seq % 3 === 0);
      renumber(made);
      return { drill: made, truth: UNKNOWN };
    },
  ),
  kind('nearly-delivered', 'S3', '96 % of the asked rate, evenly', (rng) => {
    const made = drill(rng, { rate: 40 });
    keep(made, (r) => r.seq % 25 !== 7);
    renumber(made);
    return { drill: made, truth: UNPROVEN };
  }),
  kind(
    'lost-records',
    'S1, B1',
    'the engine counted them, the file lacks one in thirty: any of them may have been bad',
    (rng) => {
      const made = drill(rng);
      const records = (text: string) =>
        text
          .split('\n')
          .filter((line, i) => !line.startsWith('{"p"') || i % 30 !== 7)
          .join('\n');
      return { drill: made, truth: UNKNOWN, tweaks: { records } };
    },
  ),
  kind('truncated', 'S1', 'the record file ends in mid-hold', (rng) => ({
    drill: drill(rng),
    truth: UNKNOWN,
    tweaks: { records: (text) => text.slice(0, Math.floor(text.length * 0.6)) },
  })),
  kind('truncated-before-the-fault', 'S1', 'the record file ends with the baseline', (rng) => ({
    drill: drill(rng),
    truth: UNKNOWN,
    tweaks: { records: (text) => text.slice(0, Math.floor(text.length * 0.24)) },
  })),
  kind('no-records', 'S1', 'not one record', (rng) => ({
    drill: drill(rng),
    truth: { ...UNKNOWN, verdicts: ['inconclusive'] },
    tweaks: { records: (text) => text.split('\n').slice(0, 5).join('\n').concat('\n') },
  })),
  kind('no-requests-on-one-path', 'S3, S1', 'one path was never asked', (rng) => {
    const made = drill(rng);
    const path = farPath(made);
    keep(made, (r) => r.path !== path);
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: [`unaffected/${idOf(made, path)}`] } };
  }),
  kind('silent-at-the-end', 'W6, S1', 'nothing was sent in the last six seconds', (rng) => {
    const made = drill(rng, { recoverMs: 14_000 });
    keep(made, (r) => r.due < made.times.end - 6 * SECOND);
    return { drill: made, truth: UNKNOWN };
  }),
  kind('pinned-to-one-caller', 'S4', 'two of three callers were never asked while the fault was on', (rng) => {
    const made = drill(rng, { pods: 3, rate: 40 });
    const { zone } = first(made);
    const [service = ''] = made.world.services;
    const [pinned] = made.world.pods.filter((pod) => pod.service === service && pod.zone === zone);
    for (const r of made.requests) {
      const { chain } = r;
      if (chain === undefined || r.due < made.times.inject - SECOND || r.due >= made.times.recover) continue;
      const hops = chain.hops.map((hop) =>
        hop.service === service && hop.zone === zone ? { ...hop, ip: pinned?.ip ?? '' } : hop,
      );
      r.chain = { ...chain, hops };
    }
    clauses(made, { errorBudget: { perCaller: 400 } });
    return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['errorBudget'] } };
  }),
  kind('late-but-kept', 'R1', 'one request in ten was sent 12 to 40 ms late, all were good', (rng) => {
    const made = drill(rng);
    for (const r of made.requests) {
      const late = rng.chance(0.1) ? rng.int(12_000, 40_000) : 0;
      r.start += late;
      r.end += late;
    }
    return { drill: made, truth: UNPROVEN };
  }),
  kind(
    'stall-away-from-a-slow-outage',
    'S2, T4',
    'the generator froze for 0.6 s long after nine seconds of errors',
    (rng) => {
      const { made } = downFor(rng, 9 * SECOND);
      const from = first(made).effect + 11 * SECOND;
      freeze(made, from, from + 0.6 * SECOND);
      return { drill: made, truth: broken(['recoveryTime', 'failoverOrder'], { mustFail: ['recoveryTime'] }) };
    },
  ),
  kind('degraded-generator', 'S3', 'the generator says of itself that it was not to be trusted', (rng) => ({
    drill: drill(rng),
    truth: UNKNOWN,
    tweaks: {
      history: (all) =>
        all.map((event) => (event.type === 'load' ? { ...event, degraded: ['a runner pod was lost'] } : event)),
    },
  })),
];
