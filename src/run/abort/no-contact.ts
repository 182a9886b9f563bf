import type { AbortCondition } from '../../model/abort.ts';
import { formatDuration, type Micros } from '../../model/units.ts';
import { Quiet } from './quiet.ts';
import type { Watcher } from './watcher.ts';

type NoContactCondition = Extract<AbortCondition, { kind: 'noContact' }>;

/** Watches whether the API of every cluster answers those who ask it for the lease and the freeze. */
export function noContactWatcher({ forMs }: NoContactCondition, begin: Micros): Watcher {
  const quiet = new Map<string, Quiet>();
  const of = (cluster: string): Quiet => {
    const known = quiet.get(cluster) ?? new Quiet(begin);
    quiet.set(cluster, known);
    return known;
  };
  return {
    look: ({ now, contacts }) => {
      const silent = contacts.filter(({ cluster, at }) => of(cluster).look(now, at) >= forMs * 1000);
      const [first] = silent;
      if (first === undefined) return undefined;
      const names = silent.map(({ cluster }) => cluster).join(', ');
      const measured = `the API of cluster ${names} has not answered`;
      const since = Math.min(...silent.map(({ cluster }) => of(cluster).since));
      return { condition: 'noContact', measured, since, limit: formatDuration(forMs), graceMs: forMs };
    },
  };
}
