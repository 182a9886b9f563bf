import { objects } from '../../mesh/config-read.ts';
import { comesFrom } from '../../mesh/route-match.ts';
import { takesAll } from '../destinations.ts';
import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { routeField } from '../route-object.ts';
import type { Call } from '../system.ts';

/** Istio: route.go; measured on the lab: 404 NR route_not_found with an empty body. */
export const noDefaultRoute: LintRule = {
  id: 'no-default-route',
  severity: 'warning',
  title: 'the routes of a VirtualService of the mesh do not take every request',
  why: 'The routes of the VirtualService for a host are all there is: what none of them matches is answered 404 by the caller’s proxy, and the Service is not called (Istio `route.go`, Envoy response flag NR).',
  change: 'Add a last route without match.',
  check: (system) => {
    const narrow = system.calls.filter((call) => !call.caller.gateway && call.route !== undefined && !hasDefault(call));
    const byRoute = Map.groupBy(grouped(narrow), ([call]) => JSON.stringify([call.caller.live.name, call.host]));
    return [...byRoute.values()].flatMap(([group]) => {
      const [call] = group ?? [];
      const place = call === undefined ? undefined : routeField(call, 'match');
      if (call === undefined || place === undefined || group === undefined) return [];
      return {
        ...place,
        what: `Requests of ${whoText(group)} to ${call.service} that no route matches are answered 404; which are made is not known here.`,
        change: `Add {route: [{destination: {host: ${call.host}}}]} as the last route.`,
        severity: system.chain === undefined ? 'info' : 'warning',
      };
    });
  },
};

function hasDefault({ route, caller }: Call): boolean {
  const { namespace, labels } = caller;
  const origin = { caller: { namespace, labels }, gateways: ['mesh'], port: undefined };
  const { http } = (route?.object.spec ?? {}) as { http?: unknown };
  return objects(http).some((entry) => takesAll(entry, (match) => comesFrom(match, origin)));
}
