import { isAt, isFrom, placeText } from '../../model/place.ts';
import type { FailoverOrder } from '../../model/scenario.ts';
import { readServiceRef } from '../../model/service-ref.ts';
import type { LivePod } from '../../predict/live-system.ts';
import type { Found, LintRule } from '../finding.ts';
import { calledText, ruleOrService } from '../grouped.ts';
import { hasLevels, ladderOf } from '../ladder.ts';
import { policyField } from '../policy-field.ts';
import type { Call, LintSystem } from '../system.ts';
import { whereabouts } from '../whereabouts.ts';

/** Istio: loadbalancer.go applyLocalityFailover, applyFailoverPriorities; the order is that of the priorities. */
export const orderNotKept: LintRule = {
  id: 'order-not-kept',
  severity: 'error',
  title: 'the priorities are not the order that the scenario expects, or a step of it has no endpoint',
  why: 'Callers move through the priorities that Istio gives their proxy: same zone, same region, then elsewhere, or the labels of failoverPriority; places of one priority share its calls, and a place without endpoints is passed over (Istio `loadbalancer.go`, Envoy `load_balancer_impl.cc`).',
  change:
    'Run pods in every place of the order, and set failover or failoverPriority where it is not the order by locality.',
  ofChoice: true,
  check: (system) => (system.scenario?.expect.failoverOrder ?? []).flatMap((order) => foundIn(system, order)),
};

function foundIn({ calls }: LintSystem, asked: FailoverOrder): Found[] {
  const own = calls.filter((call) => isOf(call, asked.service) && call.sureness !== 'possible' && hasLevels(call));
  return own.flatMap((call) => {
    const [pod] = call.caller.pods.filter((one) => isFrom(whereabouts(one), asked.from));
    const wrong = pod === undefined ? undefined : wrongIn(call, pod, asked);
    if (wrong === undefined) return [];
    return [
      {
        object: ruleOrService(call),
        field: `${policyField(call, 'loadBalancer')}.localityLbSetting`,
        what: `Callers of ${calledText(call)} in ${placeText(asked.from)}: ${wrong}.`,
        change: 'Run pods in every place of the order, or change failover, failoverPriority or the order itself.',
      },
    ];
  });
}

/** Whether a call is of what an order names: a name alone, or namespace, name and port. */
function isOf({ service, port }: Call, asked: string): boolean {
  const ref = readServiceRef(asked);
  if (ref === undefined) return service.split('/')[1] === asked;
  return service === `${ref.namespace}/${ref.name}` && (ref.port === undefined || ref.port === port);
}

/** The first step of the order that callers do not take where it stands. */
function wrongIn(call: Call, from: LivePod, { order }: FailoverOrder): string | undefined {
  const levels = ladderOf(call, from);
  let before = { level: -1, name: '' };
  for (const { place } of order) {
    const isThere = levels.map((pods) => pods.map((pod) => isAt(whereabouts(pod), place)));
    if (isThere.flat().includes(undefined)) return undefined;
    const level = isThere.findIndex((pods) => pods.includes(true));
    const name = placeText(place);
    if (level < 0) return `${name} has no ready endpoint`;
    if (level <= before.level)
      return `${name} is not after ${before.name}: their priorities are ${level} and ${before.level}`;
    before = { level, name };
  }
  return undefined;
}
