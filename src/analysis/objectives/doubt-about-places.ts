import type { Case } from '../facts/case.ts';
import type { Contradiction } from '../facts/contradictions.ts';
import { count, list } from '../facts/format.ts';
import { copied } from '../facts/routed.ts';
import type { Disagreement } from '../facts/told-twice.ts';
import { type Segment, within } from '../timeline/windows.ts';

/**
 * Why nothing can be said of places: answers print, or callers' proxies have, a zone that is not the zone of the address, answers come from another Service
 * than is stated, name places in which the callers' proxies did not count the calls, or do not tell where a call went. Undefined where all is well.
 */
export function doubtAboutPlaces(run: Case): string | undefined {
  return (
    contradicted(run, ({ count: n }) => n) ?? copied(run) ?? disagreed(run.disagreements) ?? untold(run, run.segments)
  );
}

/** The same for the baseline alone. */
export function doubtAboutPlacesBefore(run: Case): string | undefined {
  const before = run.disagreements.filter(({ part }) => part === 'baseline');
  return (
    contradicted(run, ({ before: n }) => n) ??
    copied(run) ??
    disagreed(before) ??
    untold(run, within(run.segments, run.windows.baseline))
  );
}

function contradicted(run: Case, howMany: (one: Contradiction) => number): string | undefined {
  const found = run.listeners.contradictions
    .all()
    .filter((one) => howMany(one) > 0)
    .sort((a, b) => howMany(b) - howMany(a));
  const [worst] = found;
  if (worst === undefined) return undefined;
  const more = found.length - 1;
  const others = more === 0 ? '' : `, and ${more} other ${more === 1 ? 'address' : 'addresses'} likewise`;
  return `${textOf(worst, howMany(worst))}${others}`;
}

function textOf({ hop, truth, isCounted }: Contradiction, n: number): string {
  if (isCounted && 'zones' in truth) {
    const calls = `${count(n, 'call')} to ${hop.service} at ${hop.ip}`;
    return `callers' proxies have ${calls} in ${hop.zone}, but that address is in ${truth.zones.join(' and ')}`;
  }
  const who = `${count(n, 'answer')}${hop.service === '' ? '' : ` of ${hop.service}`} at ${hop.ip}`;
  if ('zones' in truth)
    return `${who} ${n === 1 ? 'says' : 'say'} ${hop.zone}, but that address is in ${truth.zones.join(' and ')}`;
  return `${who} came from a pod behind ${truth.services.join(' and ')}, not behind the Service that spec.services states`;
}

const WHEN = {
  ahead: 'before the baseline',
  baseline: 'before the faults',
  stage: 'while the faults were on',
  home: 'when the undo had begun',
} as const;

function disagreed([worst, ...others]: readonly Disagreement[]): string | undefined {
  if (worst === undefined) return undefined;
  const { service, from, part, place, told, toldInAll, counted, countedInAll, instead } = worst;
  const where = from === undefined ? '' : ` in ${from}`;
  const elsewhere = instead.length === 0 ? '' : `, and more than answers tell of in ${list(instead)}`;
  const more = others.length === 0 ? '' : `, and ${count(others.length, 'place')} or times more are not told alike`;
  return (
    `${told} of ${count(toldInAll, 'answer')} to callers of ${service}${where} say that ${place} served ${WHEN[part]}, ` +
    `but the proxies of these callers counted ${count(counted, 'call')} there, of ${countedInAll}${elsewhere}${more}`
  );
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
