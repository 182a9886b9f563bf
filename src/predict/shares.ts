import type { Millis } from '../model/units.ts';
import type { CallingProxy, Way } from './calling-proxy.ts';

/** Where the callers of one zone send what they call, by the zone that serves; what fails is in no zone. */
export type CallerLoad = {
  readonly service: string;
  readonly fromZone: string;
  readonly shares: ReadonlyMap<string, number>;
  /** How the first of them calls. */
  readonly way: Way;
};

/** Calls by which shares are sampled: as many as a run would see, within these. */
const LEAST = 30;
const MOST = 400;

/** Asks every proxy whom it would call now. */
export function loadsOf(proxies: readonly CallingProxy[], now: Millis, calls: number): CallerLoad[] {
  const groups = Map.groupBy(proxies, ({ caller, called }) => `${called.service} ${caller.locality.zone}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { called, caller, way } = first;
    const living = group.filter((one) => one.caller.ready && !one.caller.gone);
    return [{ service: called.service, fromZone: caller.locality.zone, way, shares: sharesOf(living, now, calls) }];
  });
}

function sharesOf(group: readonly CallingProxy[], now: Millis, calls: number): CallerLoad['shares'] {
  const each = Math.round(Math.min(MOST, Math.max(LEAST, calls)) / group.length);
  const counts = new Map<string, number>();
  for (const { way } of group) {
    for (let asked = 0; asked < each; asked += 1) {
      const zone = zoneChosen(way, now);
      if (zone !== undefined) counts.set(zone, (counts.get(zone) ?? 0) + 1);
    }
  }
  return new Map([...counts].map(([zone, count]) => [zone, count / (each * group.length)]));
}

function zoneChosen(way: Way, now: Millis): string | undefined {
  const host = way.kind === 'none' ? undefined : way.proxy.choose(now);
  if (host !== undefined && way.kind === 'mesh') host.active -= 1;
  return host?.endpoint.locality.zone;
}
