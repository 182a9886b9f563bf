import type { Millis } from '../../../model/units.ts';
import { type Cut, type Ends, isAtPort, isNobodys, isTo, settled, throughAll } from './cuts.ts';
import type { Service, ServingPod } from './serving.ts';

/** How a Service is lost, with the cuts that have a part in it and the pods at either end of calls. */
export type Loss = {
  readonly service: Service;
  /** Its pods serve nobody; nobody gets a call through to them; or no way leads from it through the rest of the chain. */
  readonly how: 'pods' | 'calls' | 'chain';
  readonly cuts: readonly Cut[];
  readonly pods: Ends;
};

/** Whether calls to one port of a Service may not get through to a pod, whoever makes them. */
function isForAll(cut: Cut, service: Service, pod: ServingPod): boolean {
  return cut.by === undefined && isTo(cut, service, pod) && isAtPort(cut, service);
}

/** Whether a pod may call nobody any more, by which it has nothing to answer: at one port, which may be all that it calls. */
function isOfAll({ to, toService, by }: Cut, { key }: ServingPod): boolean {
  return to === undefined && toService === undefined && by?.has(key) === true;
}

/** Whether a cut is about the calls of a Service by this caller, at this pod. */
export function isBetween(cut: Cut, caller: ServingPod, service: Service, pod: ServingPod): boolean {
  return (cut.by === undefined || cut.by.has(caller.key)) && isTo(cut, service, pod) && isAtPort(cut, service);
}

/** The pods that serve nobody. */
export function deadPods(services: readonly Service[], all: readonly Cut[], patienceMs: Millis): ReadonlySet<string> {
  const dead = services.flatMap((service) => {
    const cuts = settled(all, { to: service.pods, by: service.pods }, patienceMs);
    return service.pods.filter((pod) =>
      isNobodys(throughAll(cuts.filter((cut) => isForAll(cut, service, pod))), patienceMs),
    );
  });
  return new Set(dead.map(({ key }) => key));
}

/** The loss of all pods of a Service. */
export function lossOfPods(service: Service, all: readonly Cut[], patienceMs: Millis): Loss | undefined {
  const ends = { to: service.pods, by: service.pods };
  const cuts = settled(all, ends, patienceMs);
  const about = (pod: ServingPod) => cuts.filter((cut) => isForAll(cut, service, pod) || isOfAll(cut, pod));
  if (!service.pods.every((pod) => isNobodys(throughAll(about(pod)), patienceMs))) return undefined;
  return { service, how: 'pods', cuts: [...new Set(service.pods.flatMap(about))], pods: ends };
}

/** The loss of all calls of a Service by callers that are left; none where nobody is left to call it. */
export function lossOfCalls(
  service: Service,
  callers: readonly ServingPod[],
  all: readonly Cut[],
  patienceMs: Millis,
): Loss | undefined {
  if (service.isGateways || callers.length === 0) return undefined;
  const ends = { to: service.pods, by: callers };
  const cuts = settled(all, ends, patienceMs);
  const about = (caller: ServingPod, pod: ServingPod) => cuts.filter((cut) => isBetween(cut, caller, service, pod));
  const isCut = callers.every((caller) =>
    service.pods.every((pod) => isNobodys(throughAll(about(caller, pod)), patienceMs)),
  );
  if (!isCut) return undefined;
  const own = new Set(callers.flatMap((caller) => service.pods.flatMap((pod) => about(caller, pod))));
  return { service, how: 'calls', cuts: [...own], pods: ends };
}
