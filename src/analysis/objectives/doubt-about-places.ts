import type { Hop } from '../../model/record.ts';
import type { Case } from '../facts/case.ts';
import { count } from '../facts/format.ts';
import { type Segment, within } from '../timeline/windows.ts';

/**
 * Why nothing can be said of places: answers print a zone that is not the zone of their address, or do not tell where a
 * call went. Undefined where all do.
 */
export function doubtAboutPlaces(run: Case): string | undefined {
  const told = run.listeners.contradictions.all().map(({ hop, zones, count: n }) => ({ hop, zones, n }));
  return contradiction(told) ?? untold(run, run.segments);
}

/** The same for the baseline alone. */
export function doubtAboutPlacesBefore(run: Case): string | undefined {
  const told = run.listeners.contradictions.all().map(({ hop, zones, before: n }) => ({ hop, zones, n }));
  return contradiction(told) ?? untold(run, within(run.segments, run.windows.baseline));
}

function contradiction(
  all: readonly { readonly hop: Hop; readonly zones: readonly string[]; readonly n: number }[],
): string | undefined {
  const found = all.filter(({ n }) => n > 0).sort((a, b) => b.n - a.n);
  const [worst] = found;
  if (worst === undefined) return undefined;
  const { hop, zones, n } = worst;
  const more = found.length - 1;
  const others = more === 0 ? '' : `, and ${more} other ${more === 1 ? 'address' : 'addresses'} likewise`;
  const said = n === 1 ? 'says' : 'say';
  const who = hop.service === '' ? '' : ` of ${hop.service}`;
  return `${count(n, 'answer')}${who} at ${hop.ip} ${said} ${hop.zone}, but that address is in ${zones.join(' and ')}${others}`;
}

function untold(run: Case, segments: readonly Segment[]): string | undefined {
  const counts = new Map<string, number>();
  for (const route of run.listeners.places.routes) {
    const n = route.untold === undefined ? 0 : run.listeners.places.count(route, segments);
    if (n > 0) counts.set(route.untold as string, (counts.get(route.untold as string) ?? 0) + n);
  }
  const [worst] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return worst && `of ${count(worst[1], 'answer')} it is not known who called whom, or where: ${worst[0]}`;
}
