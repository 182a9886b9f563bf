import type { HostCalls } from '../../model/history.ts';
import type { Hop } from '../../model/record.ts';
import { emptyRecord } from '../../model/record-codec.ts';
import type { Micros } from '../../model/units.ts';
import type { Listeners } from '../facts/listeners.ts';
import type { Pods } from '../facts/pods.ts';
import type { CallsEvent, Facts } from '../timeline/history.ts';
import { meshServices } from '../timeline/mesh-services.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Collector } from './collector.ts';
import type { PathStream } from './path.ts';

/** What lies between two readings further apart than this is known too roughly to be said of any second after a fault. */
const WIDEST: Micros = 3_000_000;

/**
 * Tells the listeners of the calls that proxies counted, of services that no answer has named: each proxy is a path, each
 * call a request of one hop that was sent and answered between two readings. What lies in two parts of the run is told of no
 * part, what lies between readings too far apart of no second.
 */
export function readProxyCalls(
  facts: Facts,
  segments: readonly Segment[],
  collector: Collector,
  listeners: Listeners,
): void {
  if (facts.calls.length === 0) return;
  const named = new Set(collector.chains.kinds.flatMap(({ chain }) => chain.hops.map(({ service }) => service)));
  const services = new Set([...meshServices(facts)].filter((service) => !named.has(service)));
  const proxies = new Map<string, PathStream>();
  const pathOf = ({ cluster, podNamespace, pod, zone }: CallsEvent): PathStream => {
    const id = `${cluster}/${podNamespace}/${pod}`;
    const path = proxies.get(id) ?? collector.openProxy(id, { zone, cluster });
    proxies.set(id, path);
    return path;
  };
  const { eastWest } = listeners.sites;
  const hopOf = (event: CallsEvent, host: HostCalls): { readonly hop: Hop; readonly isPod: boolean } => {
    const { service } = event;
    if (!('address' in host)) return { hop: { service, zone: host.zone, ip: '' }, isPod: false };
    const behind = eastWest.behind(event, host);
    const ip = host.address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    const zone = behind?.name ?? (host.zone || zoneAt(ip, listeners.pods));
    return { hop: { service, zone, ip }, isPod: behind === undefined };
  };
  const tell = (event: CallsEvent, host: HostCalls, first: Segment, last: Segment): void => {
    const { hop, isPod } = hopOf(event, host);
    const chain = collector.chains.add({ hops: [hop], rest: '' }, hop.zone === '' ? nowhere(hop) : undefined);
    const route = collector.routeOf(pathOf(event), chain);
    const { from, to } = event;
    const record = { ...emptyRecord(), ended: 'response' as const, due: from, start: from, end: to };
    // The address of a gateway is not that of who has served.
    if (isPod) listeners.contradictions.counted(chain, last, host.served);
    const isOnePart = first.part === last.part && first.stage === last.stage;
    if (to - from > WIDEST && !(isOnePart && first.part === 'baseline')) {
      listeners.wideCalls(route, isOnePart ? first : undefined, record, chain, host.served);
    } else if (isOnePart) listeners.calls(route, first, record, chain, host.served);
    else listeners.straddlingCalls(route, last, host.served);
  };
  for (const event of facts.namedCalls) {
    const first = segments.findLast(({ start }) => start <= event.from);
    const last = segments.findLast(({ start }) => start < event.to);
    if (first === undefined || last === undefined || !services.has(event.service)) continue;
    // Whoever was served elsewhere may have been so last.
    const nearFirst = event.hosts.toSorted((a, b) => Number(b.zone === event.zone) - Number(a.zone === event.zone));
    for (const host of nearFirst) if (host.served > 0) tell(event, host, first, last);
  }
}

/** The zone of an address whose host has none in the proxy's words, where the cluster knows one; empty where it does not. */
function zoneAt(ip: string, pods: Pods): string {
  const [zone = '', ...others] = pods.zonesOf(ip) ?? [];
  return others.length === 0 ? zone : '';
}

function nowhere({ service, ip }: Hop): string {
  return `callers' proxies have ${service}${ip === '' ? '' : ` at ${ip}`} in no zone, and no endpoint that was observed tells it`;
}
