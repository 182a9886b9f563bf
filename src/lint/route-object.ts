import { number, objects } from '../mesh/config-read.ts';
import { type LintObject, objectIn } from './finding.ts';
import type { Call } from './system.ts';

/** The route that sends a call there; the Service where there is none. */
export function routeOrService({ route, caller, service }: Call): { object: LintObject; field: string } {
  const { name: cluster, configuredBy } = caller.live;
  if (route !== undefined) {
    return {
      object: objectIn(configuredBy, route.object),
      field: `${route.field}.route[${route.destination}].destination`,
    };
  }
  const [namespace = '', name = ''] = service.split('/');
  return { object: { cluster, kind: 'Service', namespace, name }, field: 'spec.selector' };
}

/** What part of the route's requests goes there, as `10 %`; undefined where all do. */
export function shareText({ route }: Call): string | undefined {
  const weights = objects(route?.http.route).map(({ weight }) => number(weight) ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const own = weights[route?.destination ?? 0] ?? 0;
  return total === 0 || own === total ? undefined : `${Number(((own / total) * 100).toFixed(2))} %`;
}

/** A field of the route that a call takes; undefined where it takes none. */
export function routeField({ route, caller }: Call, field: string): { object: LintObject; field: string } | undefined {
  if (route === undefined) return undefined;
  return { object: objectIn(caller.live.configuredBy, route.object), field: `${route.field}.${field}` };
}
