import type { Millis } from '../model/units.ts';
import type { CallingProxy } from './istiod.ts';

/** Where the callers of one zone send what they call, by the zone that serves; what fails is in no zone. */
export type CallerLoad = {
  readonly service: string;
  readonly fromZone: string;
  readonly shares: ReadonlyMap<string, number>;
};

/** Calls by which shares are sampled: as many as a run would see, within these. */
const LEAST = 30;
const MOST = 400;

/** Asks every proxy whom it would call now. */
export function loadsOf(proxies: readonly CallingProxy[], now: Millis, calls: number): CallerLoad[] {
  const living = proxies.filter(({ caller }) => caller.ready && !caller.gone);
  const groups = Map.groupBy(living, ({ caller, called }) => `${called.service} ${caller.locality.zone}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const each = Math.round(Math.min(MOST, Math.max(LEAST, calls)) / group.length);
    const counts = new Map<string, number>();
    for (const { proxy } of group) {
      for (let asked = 0; asked < each; asked += 1) {
        const host = proxy.choose(now);
        if (host === undefined) continue;
        host.active -= 1;
        const { zone } = host.endpoint.locality;
        counts.set(zone, (counts.get(zone) ?? 0) + 1);
      }
    }
    const shares = new Map([...counts].map(([zone, count]) => [zone, count / (each * group.length)]));
    return [{ service: first.called.service, fromZone: first.caller.locality.zone, shares }];
  });
}
