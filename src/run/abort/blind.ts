import type { AbortCondition } from '../../model/abort.ts';
import type { Micros, Millis } from '../../model/units.ts';
import { formatDuration } from '../../model/units.ts';
import { countsOf } from './error-share.ts';
import { Quiet } from './quiet.ts';
import type { Watcher } from './watcher.ts';

type BlindCondition = Extract<AbortCondition, { kind: 'blind' }>;

/**
 * Watches whether the requests tell anything: those of each name by themselves, where an error share of that name is watched
 * for, and else of all together. `lagMs`: how late the engine tells of a request.
 */
export function blindWatcher(
  { forMs }: BlindCondition,
  names: readonly (string | undefined)[],
  begin: Micros,
  lagMs: Millis,
): Watcher {
  const graceMs = forMs + lagMs;
  const watched = names.map((name) => ({ name, quiet: new Quiet(begin), told: 0 }));
  return {
    look: ({ now, load }) => {
      for (const one of watched) {
        const { good, bad } = countsOf(load, one.name);
        const hasTold = good + bad > one.told;
        one.told = Math.max(one.told, good + bad);
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
