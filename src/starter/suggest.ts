import { starterFault } from '../faults/index.ts';
import { ladderOf } from '../lint/ladder.ts';
import type { Call, LintSystem } from '../lint/system.ts';
import { object, objects, strings, text } from '../mesh/config-read.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Place } from '../model/place.ts';
import type { LivePod } from '../predict/live-system.ts';
import type { Starter } from '../scenario/index.ts';
import { aimAt } from './aim.ts';

/** A scenario to start from, and what whoever reads it should know. */
export type Suggestion = {
  readonly starter: Starter;
  /** The Service, `namespace/name`, that the gateways lead to. */
  readonly entry: string | undefined;
  readonly notes: readonly string[];
};

/**
 * What a live mesh suggests to try first: the Service (`namespace/name` or a name; without one, that a gateway leads to),
 * the zone whose loss another one should take over, and the order that the callers' proxies have. Throws USAGE where
 * nothing can be suggested.
 */
export function suggest(system: LintSystem, wanted?: string): Suggestion {
  const service = chosenService(system, wanted);
  const entry = entryFor(system, service);
  const calls = system.calls.filter((call) => call.service === service);
  const { call, from } = homeCall(calls, service);
  const home = from.locality.zone;
  const order = orderOf(call, from);
  const pods = call.endpoints.filter(({ locality, cluster }) => locality.zone === home && cluster === from.cluster);
  const [first, ...others] = pods;
  if (first === undefined) throw new FaultlineError('USAGE', `no pod of ${service} is ready in ${home}`);
  const { ejects, ...fault } = starterFault(aimAt(system, [first, ...others]));
  const [namespace = '', name = ''] = service.split('/');
  const isDirect = entry?.service === service;
  return {
    entry: entry?.service,
    starter: {
      status: 200,
      name: `${name}-failover`,
      request: requestOf(entry),
      chain: [],
      gatewayZones: system.target.clusters.flatMap(({ gateways }) => gateways.map(({ zone }) => zone)),
      services: { [name]: `${namespace}/${name}` },
      fault: { name: `${name}-down`, ...fault },
      service: name,
      zone: home,
      order,
      ejects: ejects && call.settings.outlier !== undefined,
    },
    notes: [
      ...(entry === undefined ? ['No gateway route was found: write the request and its host yourself.'] : []),
      ...(entry === undefined || isDirect
        ? []
        : [`The gateways lead to ${entry.service}: check that its answers need ${service}, or nothing is noticed.`]),
      ...(order.length > 0 ? [] : [NO_ORDER]),
    ],
  };
}

const NO_ORDER =
  'The callers have no order of places (no outlierDetection, or locality load balancing is off): `faultline lint` says which. The scenario asks for none.';

/** Services that can be hit, `namespace/name`: first those that a gateway leads to, then those whose callers eject. */
export function servicesIn({ calls }: LintSystem): string[] {
  const ordered = [...calls.filter(isFromGateway), ...calls.filter(hasOutlier), ...calls];
  return [...new Set(ordered.map(({ service }) => service))];
}

function chosenService(system: LintSystem, wanted: string | undefined): string {
  const all = servicesIn(system);
  if (wanted === undefined) {
    const [first] = all;
    if (first !== undefined) return first;
    throw new FaultlineError('USAGE', 'no Service with pods was found', {
      hint: 'Look at spec.namespaces and spec.observe of the targets file.',
    });
  }
  const named = all.filter((service) => service === wanted || service.endsWith(`/${wanted}`));
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const what =
    only === undefined ? `there is no Service ${wanted} with pods` : `${wanted} is the name of several Services`;
  throw new FaultlineError('USAGE', what, { hint: `There are: ${all.sort().join(', ')}.` });
}

const isFromGateway = ({ caller, route }: Call): boolean => caller.gateway && route !== undefined;
const hasOutlier = ({ settings, sureness }: Call): boolean => settings.outlier !== undefined && sureness !== 'possible';

/** The gateway's route that leads to a service, or else to any. */
function entryFor({ calls }: LintSystem, service: string): Call | undefined {
  const ways = calls.filter(isFromGateway);
  return ways.find((call) => call.service === service) ?? ways[0];
}

function requestOf(entry: Call | undefined): Starter['request'] {
  const { object: route, http } = entry?.route ?? {};
  const [host] = strings(object(route?.spec).hosts).filter((one) => !one.includes('*'));
  const [match] = objects(http?.match);
  const uri = object(match?.uri);
  const path = text(uri.exact) ?? text(uri.prefix) ?? '/';
  return { method: 'GET', path, ...(host === undefined ? {} : { host }) };
}

type Home = { readonly call: Call; readonly from: LivePod };

/** A caller with pods of the service beside it in its zone, and others elsewhere: best in its own region. */
function homeCall(calls: readonly Call[], service: string): Home {
  const homes = calls.flatMap((call) =>
    call.caller.pods
      .filter(
        ({ locality, ready, ip }) =>
          ready && call.endpoints.some((pod) => pod.locality.zone === locality.zone && pod.ip !== ip),
      )
      .map((from): Home => ({ call, from })),
  );
  const rank = ({ call, from }: Home): string => {
    const others = call.endpoints.filter(({ locality }) => locality.zone !== from.locality.zone);
    const near = others.some(({ locality }) => locality.region === from.locality.region);
    const reach = near ? 0 : others.length > 0 ? 1 : 2;
    return `${call.caller.gateway ? 0 : 1}${reach} ${from.locality.zone}`;
  };
  const [best] = homes.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (best !== undefined) return best;
  throw new FaultlineError('USAGE', `no caller of ${service} has a pod of it in its own zone`, {
    hint: 'Zones are labels of nodes: topology.kubernetes.io/zone',
  });
}

/** The places after home, in the order in which the proxy takes them; none where home is not alone on its level. */
function orderOf(call: Call, from: LivePod): Place[] {
  const [home = [], ...others] = ladderOf(call, from).filter((level) => level.length > 0);
  if (home.some(({ locality }) => locality.zone !== from.locality.zone)) return [];
  return others.flatMap((level) => placeOf(level) ?? []);
}

function placeOf(level: readonly LivePod[]): Place | undefined {
  const [zones, regions] = [new Set<string>(), new Set<string>()];
  for (const { locality } of level) {
    zones.add(locality.zone);
    regions.add(locality.region);
  }
  const [zone, region] = [[...zones][0], [...regions][0]];
  if (zones.size === 1 && zone !== undefined) return { zone };
  return regions.size === 1 && region !== undefined ? { region } : undefined;
}
