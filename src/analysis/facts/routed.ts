import type { RoutedCalls } from '../../model/history.ts';
import { namingOf } from '../../model/service-names.ts';
import { readServiceRef } from '../../model/service-ref.ts';
import { besideRequests, besideText } from './beside.ts';
import type { Counted } from './counted.ts';
import { proxyGaps } from './proxy-gaps.ts';

/** Where fewer than this share of the requests was counted as calls, edges between readings are not all that is missing. */
const MOST: number = 0.8;

type Route = RoutedCalls & { readonly cluster: string };

function routesOf({ facts }: Counted): Route[] {
  return facts.routes.flatMap(({ routes, cluster }) => routes.map((route) => ({ ...route, cluster })));
}

/** All Services of which proxies counted calls, as `namespace/name`. */
function countedServices({ facts }: Counted): string[] {
  return [...new Set(facts.events.flatMap((one) => (one.type === 'calls' ? [`${one.namespace}/${one.service}`] : [])))];
}

/** Tells which Service a name of the run, or of a clause, is of. */
function wholeOf({ scenario }: Counted, service: string): (whole: string) => boolean {
  const ref = readServiceRef(service);
  const naming = namingOf(scenario.services ?? {});
  return (whole) => {
    const [namespace = '', name = ''] = whole.split('/');
    return ref === undefined ? naming(namespace, name) === service : ref.namespace === namespace && ref.name === name;
  };
}

/** What the run calls the services of which counters tell, and no answer does. */
export function servicesByProxies({ listeners: { places } }: Counted): string[] {
  const routes = places.routes.filter(({ path }) => path.ofProxy);
  return [...new Set(routes.flatMap(({ calls }) => calls.map(({ service }) => service)))].sort();
}

/** Why counters say nothing of places: a route copies requests to a Service whose calls were counted. Undefined where none does. */
export function copied(run: Counted): string | undefined {
  const mirrors = routesOf(run).filter(({ mirror }) => mirror === true);
  if (mirrors.length === 0) return undefined;
  const judged = servicesByProxies(run).map((service) => wholeOf(run, service));
  const counted = countedServices(run).filter((whole) => judged.some((is) => is(whole)));
  const [first] = mirrors.filter(({ to }) => counted.includes(to));
  return (
    first &&
    `VirtualService ${first.virtualService} in ${first.cluster} mirrors requests to ${first.to}, and the callers' proxies count such copies as calls, ` +
      'so that nobody knows where calls of users went: take the mirror out for the drill'
  );
}

/**
 * Why calls of a service were not all counted: a route sends some to another Service, or requests to callers in a namespace that is not
 * observed. A route that only some requests match is held against nothing while the counters have as many calls as there were requests.
 */
function routedPast(run: Counted, service: string): string | undefined {
  const services = countedServices(run);
  const own = services.filter(wholeOf(run, service));
  if (own.length === 0) return undefined;
  const counts = besideRequests(run, { service }, run.segments);
  const isShort = counts.calls < MOST * counts.requests;
  const texts = routesOf(run).map(({ virtualService, hosts, to, mirror, matched, cluster }) => {
    if (mirror === true || services.includes(to)) return undefined;
    const calls = `${besideText(counts)} were counted of ${service}, and VirtualService ${virtualService} in ${cluster} sends`;
    if (hosts.some((host) => own.some((whole) => hostIs(host, whole)))) {
      if (matched === true && !isShort) return undefined;
      return `${calls} calls of it to ${to} as well, which nobody counted: name that Service, too, under spec.services`;
    }
    const isEntry = isShort && hosts.some((host) => requestHosts(run).some((name) => matches(host, name)));
    return isEntry
      ? `${calls} requests to ${to}, in a namespace whose callers are not read: name it under spec.observe.namespaces of the targets file`
      : undefined;
  });
  return texts.find((text) => text !== undefined);
}

/** Why what the callers' proxies counted of these services may not be all calls. Undefined where nothing says so. */
export function uncounted(run: Counted, services: readonly string[]): string | undefined {
  const past = run.facts.routes.length === 0 ? [] : services.flatMap((service) => routedPast(run, service) ?? []);
  return proxyGaps(run.facts) ?? past[0];
}

const hostIs = (host: string, whole: string): boolean => {
  const [namespace, name] = whole.split('/');
  return matches(host, `${name}.${namespace}.svc.cluster.local`);
};

const matches = (pattern: string, host: string): boolean =>
  pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : pattern === host;

function requestHosts({ scenario, facts }: Counted): string[] {
  const own = scenario.load.paths.flatMap(({ request }) => request.host ?? []);
  return [...own, ...facts.header.topology.paths.map(({ host }) => host)].map((host) => host.replace(/:\d+$/, ''));
}
