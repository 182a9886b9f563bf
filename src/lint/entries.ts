import { routesFor } from '../mesh/istiod/configuration.ts';
import { entryFor } from '../mesh/istiod/gateway-binding.ts';
import { gatewayRoute } from '../mesh/route-config.ts';
import { isGoodStatus, rulesOf } from '../model/good.ts';
import type { GoodRequest, PathTemplate, Scenario } from '../model/scenario.ts';
import { configurationOf, type LiveSystem, servicePortsOf } from '../predict/live-system.ts';
import { callersAmong } from './callers.ts';
import type { CallerGroup, Entry } from './system.ts';

/** What a server with httpsRedirect answers. */
const REDIRECT = 301;

/** What the gateways make of a scenario's requests over plain HTTP; nothing where a request names no host. */
export function entriesOf(live: LiveSystem, scenario: Scenario | undefined): Entry[] {
  const gateways = live.pods.filter(({ gateway }) => gateway);
  const callers = live.clusters.flatMap((cluster) => callersAmong(cluster, gateways));
  if (scenario === undefined) return [];
  const { paths } = scenario.load;
  const { of } = rulesOf(scenario.load);
  return paths.flatMap((path) =>
    callers.flatMap((caller) => (isVia(path, caller) ? entryOf(caller, path, of(path.name).good) : [])),
  );
}

function isVia({ via }: PathTemplate, { live, pods }: CallerGroup): boolean {
  if (via === 'each-gateway-zone') return true;
  return via.some(
    ({ cluster = live.name, zone }) => cluster === live.name && pods.some(({ locality }) => locality.zone === zone),
  );
}

function entryOf(caller: CallerGroup, { name, request }: PathTemplate, good: GoodRequest): Entry[] {
  const { host, path, method, headers } = request;
  if (host === undefined) return [];
  const { live, namespace, labels } = caller;
  const listener = entryFor(live.gateways, labels, { host, protocol: 'http' });
  const heard = listener.gateways.length > 0;
  const [pathname = ''] = path.split('?', 1);
  const entry = { caller, request: name, host, path: pathname, heard, redirectIsGood: isGoodStatus(REDIRECT, good) };
  const table = routesFor(configurationOf(live), servicePortsOf(live), { namespace, labels }, () => 0);
  const decision = gatewayRoute(table, listener, { host, path, method, headers });
  const isBad = decision.kind === 'answer' && !isGoodStatus(decision.status, good);
  return [isBad ? { ...entry, status: decision.status } : entry];
}
