import { servicesOf } from '../../model/good.ts';
import type { Chain, Hop } from '../../model/record.ts';
import type { Endpoint } from '../../model/target.ts';
import type { Facts } from '../timeline/history.ts';

/** A chain with all that is known of its hops; what is not known of one is empty, and `unknown` says why of the first. */
export type Found = { readonly chain: Chain; readonly unknown: string | undefined };

/** Finds what answers do not tell of their hops; `wanted` are the services of the chain that they should tell of. */
export type HopLookup = (chain: Chain, wanted: readonly string[]) => Found;

/**
 * Undefined where answers tell service and zone of each hop. What is missing is looked up in all endpoints that were
 * observed in the run, by pod and address: it is known where all of them that the hop may be agree on it. A zone alone is
 * of the service that the chain wants at its place.
 */
export function hopLookup(facts: Facts): HopLookup | undefined {
  const { load, services = {} } = facts.header.scenario;
  const { hop } = load.chain;
  if (hop.includes('{service}') && hop.includes('{zone}') && !hop.includes('{pod}')) return undefined;
  const names = new Set([...servicesOf(load), ...Object.keys(services)]);
  const candidates = candidatesIn(facts);
  return ({ hops, rest }, wanted) => {
    let unknown: string | undefined;
    const found = hops.map((told, at) => {
      const known = knownOf(told, candidates(told), wanted[at], names);
      unknown ??= known.unknown;
      return known.hop;
    });
    return { chain: { hops: found, rest }, unknown };
  };
}

/** The endpoints that a hop may be, as far as it tells pod or address. */
function candidatesIn(facts: Facts): (hop: Hop) => readonly Endpoint[] {
  const [byPod, byIp] = [new Map<string, Map<string, Endpoint>>(), new Map<string, Map<string, Endpoint>>()];
  const add = (index: typeof byPod, key: string, endpoint: Endpoint): void => {
    const { cluster, namespace, service, pod, ip, zone } = endpoint;
    const all = index.get(key) ?? new Map<string, Endpoint>();
    index.set(key, all.set(`${cluster} ${namespace} ${service} ${pod} ${ip} ${zone}`, endpoint));
  };
  for (const { endpoints } of facts.endpoints) {
    for (const endpoint of endpoints) {
      add(byPod, endpoint.pod, endpoint);
      if (endpoint.ip !== '') add(byIp, endpoint.ip, endpoint);
    }
  }
  return ({ pod, ip }) => {
    if (pod === undefined) return [...(byIp.get(ip)?.values() ?? [])];
    const own = [...(byPod.get(pod)?.values() ?? [])];
    return ip === '' ? own : own.filter((endpoint) => endpoint.ip === ip);
  };
}

type Known = { readonly hop: Hop; readonly unknown: string | undefined };

/** A hop with what its candidates agree on. */
function knownOf(told: Hop, all: readonly Endpoint[], wanted: string | undefined, names: ReadonlySet<string>): Known {
  const isAlone = told.pod === undefined && told.ip === '';
  const inZone = told.zone === '' ? all : narrowed(all, ({ zone }) => zone === told.zone);
  const own = told.service === '' ? inZone : narrowed(inZone, ({ service }) => service === told.service);
  const service = told.service || (isAlone ? (wanted ?? '') : serviceAmong(own, wanted, names));
  const left = narrowed(own, (endpoint) => endpoint.service === service);
  const zone = told.zone || onlyOne(left.map((endpoint) => endpoint.zone));
  const ip = told.ip || (told.pod === undefined ? '' : onlyOne(left.map((endpoint) => endpoint.ip)));
  return { hop: { ...told, service, zone, ip }, unknown: whyUnknown(told, { service, zone }, left) };
}

/** Those that also are what a hop tells besides; all where none is, because what it tells is wrong somewhere then. */
function narrowed(all: readonly Endpoint[], is: (endpoint: Endpoint) => boolean): readonly Endpoint[] {
  const some = all.filter(is);
  return some.length === 0 ? all : some;
}

/** The wanted service where that may be it, or else the only one that the scenario names; any where no chain is promised. */
function serviceAmong(all: readonly Endpoint[], wanted: string | undefined, names: ReadonlySet<string>): string {
  const services = all.map(({ service }) => service);
  if (wanted !== undefined && services.includes(wanted)) return wanted;
  const named = onlyOne(services.filter((service) => names.has(service)));
  return named === '' && wanted === undefined ? onlyOne(services) : named;
}

/** The one text that all are; empty where they differ, and where there is none. */
function onlyOne(texts: readonly string[]): string {
  const [first = '', ...others] = new Set(texts);
  return others.length === 0 ? first : '';
}

/** Why it is not known where, or as what, a hop was served, or why what it tells is not so; undefined where all is known. */
function whyUnknown(
  { pod, ip }: Hop,
  { service, zone }: Pick<Hop, 'service' | 'zone'>,
  all: readonly Endpoint[],
): string | undefined {
  const isMissing = service === '' || zone === '';
  if (pod === undefined && ip === '')
    return isMissing ? `no \`good.chain\` says which service ${zone} is of` : undefined;
  const what = pod === undefined ? `address ${ip}` : `pod ${pod}${ip === '' ? '' : ` at ${ip}`}`;
  if (all.length === 0) return isMissing ? `${what} is in no endpoint that was observed` : undefined;
  const problem = wrongPlace(zone, all) ?? (service === '' ? wrongService(all) : undefined);
  return problem === undefined ? undefined : `${what} ${problem}`;
}

function wrongPlace(zone: string, all: readonly Endpoint[]): string | undefined {
  const zones = [...new Set(all.map((endpoint) => endpoint.zone))].sort();
  if (zone === '') return zones.length === 1 ? 'has no zone' : `was seen in ${zones.join(' and ')}`;
  return zones.includes(zone) || zones.includes('')
    ? undefined
    : `is in ${zones.join(' and ')}, and answers say ${zone}`;
}

function wrongService(all: readonly Endpoint[]): string {
  const services = [...new Set(all.map(({ service }) => service))].sort().join(' and ');
  return `is behind ${services}: not one service of the scenario (spec.services)`;
}
