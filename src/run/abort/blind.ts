import type { AbortCondition } from '../../model/abort.ts';
import { shortestBlind } from '../../model/abort-defaults.ts';
import type { Load } from '../../model/scenario.ts';
import { formatDuration, type Micros, type Millis } from '../../model/units.ts';
import { countsOf } from './error-share.ts';
import { Quiet } from './quiet.ts';
import type { Watcher } from './watcher.ts';

type BlindCondition = Extract<AbortCondition, { kind: 'blind' }>;

/** Requests that must tell something: of one name, or of all together. */
type Group = { readonly name: string | undefined; readonly graceMs: Millis };

/**
 * Those of each name whose error share is watched by themselves, and all together. A name that is asked for rarely has as much
 * longer as it needs, and all of them as much as their engine takes to tell of a request (`lagMs`).
 */
export function blindGroups(
  { forMs }: BlindCondition,
  all: readonly AbortCondition[],
  load: Load,
  lagMs: Millis,
): readonly Group[] {
  const names = new Set(all.flatMap((one) => (one.kind === 'errorShare' ? (one.path ?? []) : [])));
  const own = [...names].map((name) => {
    const paths = load.paths.filter((path) => path.name === name);
    return { name, graceMs: Math.max(forMs, shortestBlind({ ...load, paths })) + lagMs };
  });
  return [{ name: undefined, graceMs: forMs + lagMs }, ...own];
}

/** Watches whether the requests of each group tell anything. */
export function blindWatcher(groups: readonly Group[], begin: Micros): Watcher {
  const watched = groups.map((group) => ({ ...group, quiet: new Quiet(begin), told: 0 }));
  return {
    look: ({ now, load }) => {
      for (const one of watched) {
        const { good, bad } = countsOf(load, one.name);
        const hasTold = good + bad > one.told;
        one.told = Math.max(one.told, good + bad);
        const { graceMs } = one;
        if (one.quiet.look(now, hasTold ? now : one.quiet.since) < graceMs * 1000) continue;
        const whose = one.name === undefined ? 'no request' : `no request of ${one.name}`;
        const why = load.failure === undefined ? '' : ` (${load.failure.replace(/\.$/, '')})`;
        const measured = `${whose} has told anything${why}`;
        return { condition: 'blind', measured, since: one.quiet.since, limit: formatDuration(graceMs), graceMs };
      }
      return undefined;
    },
  };
}
