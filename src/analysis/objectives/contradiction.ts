import type { Hop } from '../../model/record.ts';
import type { Case } from '../facts/case.ts';
import { count } from '../facts/format.ts';

/** Why nothing can be said of places: answers print a zone that is not the zone of their address. Undefined where none does. */
export function contradiction(run: Case): string | undefined {
  return textOf(run.listeners.contradictions.all().map(({ hop, zones, count: n }) => ({ hop, zones, n })));
}

/** The same for the baseline alone. */
export function contradictionBefore(run: Case): string | undefined {
  return textOf(run.listeners.contradictions.all().map(({ hop, zones, before: n }) => ({ hop, zones, n })));
}

function textOf(
  all: readonly { readonly hop: Hop; readonly zones: readonly string[]; readonly n: number }[],
): string | undefined {
  const found = all.filter(({ n }) => n > 0).sort((a, b) => b.n - a.n);
  const [worst] = found;
  if (worst === undefined) return undefined;
  const { hop, zones, n } = worst;
  const more = found.length - 1;
  const others = more === 0 ? '' : `, and ${more} other ${more === 1 ? 'address' : 'addresses'} likewise`;
  const said = n === 1 ? 'says' : 'say';
  return `${count(n, 'answer')} of ${hop.service} at ${hop.ip} ${said} ${hop.zone}, but that address is in ${zones.join(' and ')}${others}`;
}
