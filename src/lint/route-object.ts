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

/** A field of the route that a call takes; undefined where it takes none. */
export function routeField({ route, caller }: Call, field: string): { object: LintObject; field: string } | undefined {
  if (route === undefined) return undefined;
  return { object: objectIn(caller.live.configuredBy, route.object), field: `${route.field}.${field}` };
}
