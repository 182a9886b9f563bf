import { messageOf } from '../../../model/errors.ts';
import type { KubeObject } from '../../../model/kubernetes.ts';
import type { Load } from '../../../model/scenario.ts';
import type { Millis } from '../../../model/units.ts';
import type { Guard, Guarded, Ruling } from '../guard.ts';
import { callersOf } from './callers.ts';
import { lossesOfChains } from './chain.ts';
import { cutsOf } from './cuts.ts';
import { ejectedFrom, ejectionNeeds, readRules } from './ejections.ts';
import { deadPods, type Loss, lossOfCalls, lossOfPods } from './lost.ts';
import { withRoundTrips } from './round-trips.ts';
import { podKey, readServing, type Service, type Serving, type ServingPod, servingNeeds } from './serving.ts';
import { lossText } from './text.ts';

/**
 * The faults together, over all the time that they are on, leave to every Service somebody who serves and somebody who can
 * call it, in all clusters of the target taken together: what is taken away whole is no failover drill but an outage. Gateways
 * that the targets file declares are one group over all of their zones, since each zone's Service is meant to fail with its zone.
 */
export const wholeService: Guard = {
  name: 'whole service',
  isLive: true,
  check: async (guarded) => {
    if (guarded.faults.every(({ plan }) => plan.tolls.length === 0)) return [];
    try {
      const [serving, rules] = await Promise.all([readServing(guarded), readRules(guarded)]);
      const losses = lossesOf(guarded, serving, rules);
      const lost = new Set(losses.map(({ service }) => service));
      const rulings = losses.map((loss) => rulingOn(loss, guarded, serving.services, lost));
      return [...serving.contradictions, ...rulings, ...unreadRulings(serving)];
    } catch (error) {
      const detail = `nobody can tell whether a pod is left to every service: ${messageOf(error)}`;
      return [{ refused: true, detail }];
    }
  },
  needs: (guarded) => [...servingNeeds(guarded), ...ejectionNeeds(guarded)],
};

function unreadRulings({ unread }: Serving): Ruling[] {
  if (unread.length === 0) return [];
  return [{ refused: false, detail: `pods behind Services by these are not counted; not read: ${unread.join('; ')}` }];
}

function lossesOf({ inputs, faults, topology }: Guarded, serving: Serving, rules: readonly KubeObject[]): Loss[] {
  const { scenario, clusters } = inputs;
  const patienceMs = patienceOf(scenario.load);
  const { services, gateways } = serving;
  const known = [...services.flatMap(({ pods }) => pods), ...gateways, ...callingIn(faults)];
  const taken = cutsOf(faults, known).filter(({ share }) => share > 0);
  const doors = services.flatMap(({ isGateways, pods }) => (isGateways ? pods : []));
  const waited = withRoundTrips(taken, [...doors, ...gateways], scenario.load, topology.paths);
  const cuts = [...waited, ...ejectedFrom(services, faults, rules)];
  const calling = { scenario, serving, faults, clusters: [...clusters.keys()], patienceMs };
  const dead = deadPods(services, cuts, patienceMs);
  const losses = services.flatMap((service) => {
    const callers = callersOf(service, calling, cuts);
    return lossOfPods(service, cuts, patienceMs) ?? lossOfCalls(service, callers, dead, cuts, patienceMs) ?? [];
  });
  return losses.length > 0 ? losses : lossesOfChains(calling, cuts);
}

/** The latest that any path takes for a good answer; nobody waits longer than the load. */
function patienceOf({ timeoutMs, good, paths }: Load): Millis {
  return Math.min(timeoutMs, Math.max(...paths.map((path) => (path.good ?? good).latencyMs)));
}

/** Whom faults hit, whether a Service stands for them or not. */
function callingIn(faults: Guarded['faults']) {
  const hit = faults.flatMap(({ plan }) => plan.affected);
  return hit.map(({ cluster, namespace, pod, ip }) => ({
    ...{ key: podKey(cluster, namespace, pod), cluster, network: undefined, namespace, addresses: [ip] },
  }));
}

/**
 * `everyZone` is the name for all gateways at once: each of them is the entrance of its zone. Whoever allows the loss of all pods
 * of a Service has allowed that of a Service beside it, which has no others: one with the same selector, headless or for metrics.
 */
function rulingOn(loss: Loss, { inputs }: Guarded, services: readonly Service[], lost: ReadonlySet<Service>): Ruling {
  const { allow } = inputs.scenario;
  const { name, isGateways, pods } = loss.service;
  const detail = lossText(loss);
  const [field, value] = isGateways ? ['everyZone', 'true'] : ['wholeServices', `["${name}"]`];
  const isNamed = isGateways ? allow?.everyZone === true : allow?.wholeServices.includes(name) === true;
  if (isNamed) return { refused: false, detail: `${detail}, as spec.allow.${field} says` };
  const around = isGateways ? [] : services.filter((one) => one !== loss.service && isAmong(pods, one.pods));
  const named = loss.how === 'chain' ? undefined : around.find((one) => allow?.wholeServices.includes(one.name));
  if (named !== undefined) {
    return { refused: false, detail: `${detail}; all behind ${named.name}, as spec.allow.${field} says` };
  }
  const wider = around.find((one) => !lost.has(one));
  const when =
    wider === undefined
      ? 'If an outage is meant'
      : `Its pods are some of those of ${wider.name}, which keeps others; whether anybody calls ${name} by its own name, nobody can ` +
        'tell. If nobody does, or an outage is meant';
  return { refused: true, detail, hint: `${when}: spec.allow.${field}: ${value}` };
}

function isAmong(some: readonly ServingPod[], all: readonly ServingPod[]): boolean {
  const keys = new Set(all.map(({ key }) => key));
  return some.every(({ key }) => keys.has(key));
}
