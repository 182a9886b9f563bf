import { number, object } from '../../mesh/config-read.ts';
import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { routeField } from '../route-object.ts';
import { severityOf } from '../severity.ts';

/** Envoy: the fault filter comes before the router; measured on the lab: 48 of 100 aborted, no retry, no ejection. */
export const routeFault: LintRule = {
  id: 'route-fault',
  severity: 'error',
  title: 'a route injects faults',
  why: 'HTTP faults of a VirtualService are made by the caller’s own proxy, before a host is chosen: they are not retried, eject nobody and lead to no failover (Envoy fault filter, Istio `route.go` TranslateFault).',
  change: 'Remove fault from the route.',
  check: ({ calls }) =>
    grouped(calls.filter(({ route }) => bites(route?.http.fault))).flatMap((group) => {
      const [call] = group;
      const place = routeField(call, 'fault');
      if (place === undefined) return [];
      const aborts = bites({ abort: object(call.route?.http.fault).abort });
      const severity = severityOf(group);
      return {
        ...place,
        what: `Calls of ${whoText(group)} to ${call.service} are ${aborts ? 'aborted' : 'delayed'} on purpose by their route.`,
        change: `Remove ${place.field}.`,
        severity: aborts || severity === 'info' ? severity : 'warning',
      };
    }),
};

function bites(fault: unknown): boolean {
  const kinds = [object(fault).abort, object(fault).delay].filter((kind) => kind !== undefined);
  return kinds.some((kind) => {
    const { percentage } = object(kind);
    return percentage === undefined || (number(object(percentage).value) ?? 0) > 0;
  });
}
