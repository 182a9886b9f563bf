import { outage } from '../edits.ts';
import { SECOND } from '../fault.ts';
import { broken, doubtful, drill, kind, RIGHT, type Told, UNKNOWN } from '../finish.ts';
import type { Happening } from '../happening.ts';
import type { Kind } from '../truth.ts';
import { clauses, first, idOf } from './common.ts';

type History = NonNullable<NonNullable<Told['tweaks']>['history']>;

/** Changes every row of outlier statistics. */
function rows(change: (row: Extract<Happening, { type: 'ejections' }>) => Happening[]): History {
  return (all) => all.flatMap((event) => (event.type === 'ejections' ? change(event) : [event]));
}

/** Changes what was said about reading the statistics. */
function reading(said: Partial<Extract<Happening, { type: 'mesh-telemetry' }>>): History {
  return (all) => all.map((event) => (event.type === 'mesh-telemetry' ? { ...event, ...said } : event));
}

/** E: ejections. */
export const EJECTION_KINDS: readonly Kind[] = [
  kind(
    'ejections-of-somebody-else',
    'E1',
    'the only ejections were made by a far zone’s proxy, of something else',
    (rng) => {
      const made = drill(rng);
      const [service = ''] = made.world.services;
      const other = made.world.pods.find(
        (pod) => pod.service === service && pod.region !== first(made).affected[0]?.region,
      );
      const mine = made.mesh.ejections.splice(0);
      for (const ejection of mine) made.mesh.ejections.push({ ...ejection, caller: other ?? ejection.caller });
      return { drill: made, truth: doubtful(['ejections'], { mustNotPass: ['ejections'] }) };
    },
  ),
  kind(
    'no-ejection-at-all',
    'E1, E2',
    'every proxy was read and none has thrown anything out, one at least was expected',
    (rng) => {
      const made = drill(rng);
      made.mesh.ejections.splice(0);
      return { drill: made, truth: broken(['ejections']) };
    },
  ),
  kind('ejected-before-the-injection-only', 'E1', 'the one ejection of the run was counted in the baseline', (rng) => {
    const made = drill(rng);
    const early = made.mesh.ejections
      .splice(0)
      .map((ejection) => ({ ...ejection, at: made.times.baseline + 3 * SECOND }));
    made.mesh.ejections.push(...early);
    return { drill: made, truth: doubtful(['ejections'], { mustNotPass: ['ejections'] }) };
  }),
  kind('more-ejections-than-allowed', 'E2', 'two callers threw out two pods each, one ejection was allowed', (rng) => {
    const made = drill(rng, { pods: 2, rate: 40 });
    return {
      drill: clauses(made, { ejections: [{ service: first(made).service, atMost: 1 }] }),
      truth: broken(['ejections']),
    };
  }),
  kind('as-many-ejections-as-allowed', 'E2', 'as many ejections as allowed, every proxy read', (rng) => {
    const made = drill(rng, { pods: 2, rate: 40 });
    const atMost = made.mesh.ejections.length;
    return {
      drill: clauses(made, { ejections: [{ service: first(made).service, atLeast: 1, atMost }] }),
      truth: RIGHT,
    };
  }),
  kind('two-ports', 'E1', 'every proxy has a row for a second port, which never moves', (rng) => ({
    drill: drill(rng),
    truth: RIGHT,
    tweaks: { history: rows((row) => [row, { ...row, port: 9000, active: 0, enforcedTotal: 0 }]) },
  })),
  kind('two-ports-and-atmost', 'E2', 'a second port’s row that never moves neither adds nor hides', (rng) => {
    const made = drill(rng);
    const service = first(made).service;
    return {
      drill: clauses(made, { ejections: [{ service, atLeast: 1, atMost: 1 }] }),
      truth: RIGHT,
      tweaks: { history: rows((row) => [{ ...row, port: 9000, active: 0, enforcedTotal: 0 }, row]) },
    };
  }),
  kind('a-proxy-restarts', 'E1', 'the proxy that threw it out restarts later: its counter begins at 0 again', (rng) => {
    const made = drill(rng);
    const [ejection] = made.mesh.ejections;
    const t = first(made).effect + 8 * SECOND;
    const again = (row: Happening): Happening[] =>
      row.type === 'ejections' && row.pod === ejection?.caller.name && row.t > t
        ? [{ ...row, active: 0, enforcedTotal: 0 }]
        : [row];
    const history: History = (all) => {
      const row = all.find(
        (event) => event.type === 'ejections' && event.pod === ejection?.caller.name && event.enforcedTotal === 1,
      );
      const zero: Happening[] = row?.type === 'ejections' ? [{ ...row, t, active: 0, enforcedTotal: 0 }] : [];
      return [...all.flatMap(again), ...zero];
    };
    return { drill: made, truth: RIGHT, tweaks: { history } };
  }),
  kind('unreadable', 'E2', 'the statistics could not be read', (rng) => {
    const history: History = (all) =>
      reading({ readable: false, detail: 'pods/proxy: 403 Forbidden', callers: { known: 8, asked: 8, answered: 0 } })(
        all.filter((event) => event.type !== 'ejections'),
      );
    return { drill: drill(rng), truth: { ...UNKNOWN, mustNotPass: ['ejections'] }, tweaks: { history } };
  }),
  kind(
    'some-proxies-unread-and-at-most',
    'E2',
    'half of the proxies answered: nobody knows whether there were more',
    (rng) => {
      const made = drill(rng);
      clauses(made, { ejections: [{ service: first(made).service, atMost: 3 }] });
      const history = reading({
        readable: true,
        detail: '7 of 14 sidecars show outlier statistics',
        callers: { known: 14, asked: 14, answered: 7 },
      });
      return { drill: made, truth: { ...UNKNOWN, mustNotPass: ['ejections'] }, tweaks: { history } };
    },
  ),
  kind(
    'some-proxies-unread-and-at-least',
    'E2',
    'half of the proxies answered, and one of them has thrown it out',
    (rng) => {
      const history = reading({
        readable: true,
        detail: '7 of 14 sidecars show outlier statistics',
        callers: { known: 14, asked: 14, answered: 7 },
      });
      return {
        drill: drill(rng),
        truth: { ...RIGHT, verdicts: ['pass', 'inconclusive'], timid: false },
        tweaks: { history },
      };
    },
  ),
  kind(
    'ejections-of-a-neighbour-widen',
    'E1',
    'a far proxy’s ejection of its own must not break atMost for the fault',
    (rng) => {
      const made = drill(rng);
      const [one] = made.mesh.ejections;
      const [service = ''] = made.world.services;
      const far = made.world.pods.find((pod) => pod.service === service && pod.zone === 'suedmark-2');
      const host = made.hosts.find(({ pod }) => pod.service === first(made).service && pod.zone === 'suedmark-2');
      if (one !== undefined && far !== undefined && host !== undefined) {
        made.mesh.ejections.push({ at: one.at + 4 * SECOND, caller: far, host, until: made.times.end });
      }
      clauses(made, { ejections: [{ service: first(made).service, atLeast: 1, atMost: 1 }] });
      return { drill: made, truth: { ...RIGHT, verdicts: ['pass', 'inconclusive'], timid: false } };
    },
  ),
  kind(
    'hit-path-cut-before-anybody-throws-out',
    'E1, F4',
    'the gateway is down for the whole hold: nobody could throw anything out',
    (rng) => {
      const made = drill(rng);
      outage(made, first(made).requested - 20_000, first(made).back, 'refused', [0]);
      made.mesh.ejections.splice(0);
      const truth = doubtful(['recoveryTime', 'errorBudget', 'failoverOrder', 'ejections', 'wayHome'], {
        mustNotPass: [`recoveryTime/${idOf(made, 0)}`],
      });
      return { drill: made, truth };
    },
  ),
];
