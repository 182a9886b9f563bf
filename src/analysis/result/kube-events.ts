import type { KubeEvents } from '../../model/result.ts';
import { eventId } from '../facts/evidence.ts';
import type { EventOf, Facts } from '../timeline/history.ts';

/** So many are told; a rollout of a few pods has some dozens. */
const MOST_TOLD = 200;

/** Objects that faults have changed or hit, and the pods and owners of one name with them. */
function isTouched({ faults }: Facts): (event: EventOf<'kube-event'>) => boolean {
  const exact = new Set<string>();
  const workloads: { readonly place: string; readonly name: string }[] = [];
  for (const { objects, affected } of faults) {
    for (const { cluster, namespace, name } of objects) exact.add(`${cluster} ${namespace} ${name}`);
    for (const { cluster, namespace, pod, workload } of affected) {
      exact.add(`${cluster} ${namespace} ${pod}`);
      workloads.push({ place: `${cluster} ${namespace}`, name: workload });
    }
  }
  return ({ cluster, object: { namespace = '', name } }) => {
    const place = `${cluster} ${namespace}`;
    if (exact.has(`${place} ${name}`)) return true;
    return workloads.some((one) => one.place === place && (name === one.name || name.startsWith(`${one.name}-`)));
  };
}

/** What the clusters told of what the faults touched; undefined in a history of before Events were read. */
export function kubeEventsOf(facts: Facts): KubeEvents | undefined {
  const { kubeEvents, eventCoverage } = facts;
  if (kubeEvents.length + eventCoverage.length === 0) return undefined;
  const touched = kubeEvents.filter(isTouched(facts));
  const unread = eventCoverage.flatMap(({ cluster, unread: names }) => names.map((name) => `${cluster}/${name}`));
  return {
    events: touched.slice(0, MOST_TOLD).map((event) => {
      const { t, cluster, object, warning, reason, message, count } = event;
      return { id: eventId(event), at: t, cluster, ...object, warning, reason, message, count };
    }),
    more: Math.max(0, touched.length - MOST_TOLD),
    others: kubeEvents.length - touched.length,
    unread,
  };
}
