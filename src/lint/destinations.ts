import { type JsonObject, namespaceOf, number, object, objects, strings, text } from '../mesh/config-read.ts';
import { gatewayName, isFor } from '../mesh/istiod/gateway-binding.ts';
import { gatewaysOf, meshVirtualService } from '../mesh/route-config.ts';
import { comesFrom } from '../mesh/route-match.ts';
import { isExported } from '../mesh/visibility.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { resolveHost } from '../model/service-host.ts';
import type { CallerGroup, CallRoute } from './system.ts';

/** Where a call may go. */
export type Destination = {
  readonly host: string;
  readonly port?: number;
  readonly subset?: string;
  readonly route?: CallRoute;
  /** Only some requests take it: the route asks for more than an origin or any path, or gets less than half. */
  readonly rare: boolean;
};

/** All that a sidecar may make of calls to a host; the Service itself where no VirtualService is in the way. */
export function meshDestinations({ live, namespace, labels }: CallerGroup, host: string): Destination[] {
  const caller = { namespace, labels };
  const exportTo = strings(live.mesh.defaultVirtualServiceExportTo);
  const own = meshVirtualService({ virtualServices: live.virtualServices, caller, exportTo }, host);
  if (own === undefined) return [{ host, rare: false }];
  return destinationsIn(own, (entry) => comesFrom(entry, { caller, gateways: ['mesh'], port: undefined }));
}

/** All that gateways may send anywhere, by the VirtualServices that are bound to their Gateways. */
export function gatewayDestinations({ live, namespace, labels }: CallerGroup): Destination[] {
  const exportTo = strings(live.mesh.defaultVirtualServiceExportTo);
  const names = live.gateways.filter((gateway) => isFor(labels, gateway)).map(gatewayName);
  const bound = live.virtualServices.filter(
    (item) => gatewaysOf(item).some((name) => names.includes(name)) && isExported(item, namespace, exportTo),
  );
  // What paths are asked for is the clients' own affair: no route is rarer than another.
  return bound.flatMap((item) => destinationsIn(item, () => true)).map((one) => ({ ...one, rare: false }));
}

function destinationsIn(item: KubeObject, isFrom: IsFrom): Destination[] {
  const found: Destination[] = [];
  for (const [index, http] of objects(object(item.spec).http).entries()) {
    const matches = objects(http.match);
    if (matches.length > 0 && !matches.some(isFrom)) continue;
    const all = takesAll(http, isFrom);
    found.push(...targetsOf(item, http, `spec.http[${index}]`, !all));
    if (all) break;
  }
  return found;
}

/** Whether an entry of `match` is for the caller. */
type IsFrom = (entry: JsonObject) => boolean;

/** Whether a route takes every request of the caller. */
export function takesAll(http: JsonObject, isFrom: IsFrom): boolean {
  const matches = objects(http.match);
  return matches.length === 0 || matches.filter(isFrom).some(matchesAny);
}

/** Whether an entry asks for nothing but an origin, or any path. */
function matchesAny({
  uri,
  name: _name,
  sourceLabels: _labels,
  sourceNamespace: _space,
  gateways: _gateways,
  ...rest
}: JsonObject): boolean {
  const { prefix } = object(uri);
  return Object.keys(rest).length === 0 && (uri === undefined || prefix === '/');
}

function targetsOf(item: KubeObject, http: JsonObject, field: string, rare: boolean): Destination[] {
  const routes = objects(http.route);
  const total = routes.reduce((sum, { weight }) => sum + (number(weight) ?? 0), 0);
  return routes.flatMap(({ destination, weight }, index) => {
    const { host, subset, port } = object(destination);
    const share = total === 0 ? Number(index === 0) : (number(weight) ?? 0) / total;
    const name = text(host);
    if (name === undefined || share === 0) return [];
    return {
      host: resolveHost(name, namespaceOf(item)),
      ...(number(object(port).number) === undefined ? {} : { port: Number(object(port).number) }),
      ...(text(subset) === undefined ? {} : { subset: String(subset) }),
      route: { object: item, field, http, destination: index },
      rare: rare || share < 0.5,
    };
  });
}
