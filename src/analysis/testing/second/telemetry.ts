import type { Micros } from '../../../model/units.ts';
import type { Drill } from './drill.ts';
import { SECOND } from './fault.ts';
import type { Happening } from './happening.ts';
import type { Ejection } from './mesh.ts';
import type { Pod } from './world.ts';

/** Outlier statistics as an observer that looks once a second writes them, and whether they could be read. */
export function ejectionEvents(drill: Drill): Happening[] {
  const { world } = drill;
  const events: Happening[] = [];
  for (const cluster of world.clusters) {
    const callers = [...world.gateways, ...world.pods].filter((pod) => pod.cluster === cluster.name);
    for (const pod of callers) {
      for (const service of calledBy(drill, pod)) {
        events.push(row(pod, service, SECOND + 25_000, 0, 0));
        events.push(...changes(drill, pod, service));
      }
    }
    const known = callers.length;
    events.push({
      type: 'mesh-telemetry',
      t: 2 * SECOND + 9_000,
      cluster: cluster.name,
      readable: true,
      detail: `${known} of ${known} sidecars show outlier statistics`,
      callers: { known, asked: known, answered: known },
    });
  }
  return events;
}

/** The services that a pod calls. */
function calledBy({ world }: Drill, pod: Pod): string[] {
  const next = world.services[world.services.indexOf(pod.service) + 1];
  return next === undefined ? [] : [next];
}

function changes(drill: Drill, pod: Pod, service: string): Happening[] {
  const mine = drill.mesh.ejections.filter((e) => e.caller.ip === pod.ip && e.host.pod.service === service);
  if (mine.length === 0) return [];
  const edges = mine.flatMap((ejection) => [ejection.at, endOf(ejection)]).filter((t) => t < drill.times.end);
  const looks = [...new Set(edges.map(look))].sort((a, b) => a - b);
  return looks.map((t) => {
    const begun = mine.filter((ejection) => ejection.at < t);
    const active = begun.filter((ejection) => endOf(ejection) >= t).length;
    return row(pod, service, t, active, begun.length);
  });
}

function endOf(ejection: Ejection): Micros {
  return Math.min(ejection.until, ejection.host.to);
}

function look(t: Micros): Micros {
  return Math.ceil((t + 1) / SECOND) * SECOND + 27_000;
}

function row(pod: Pod, service: string, t: Micros, active: number, enforcedTotal: number): Happening {
  return {
    type: 'ejections',
    t,
    cluster: pod.cluster,
    pod: pod.name,
    zone: pod.zone,
    service,
    namespace: 'shop',
    port: 8000,
    active,
    enforcedTotal,
    overflow: 0,
  };
}
