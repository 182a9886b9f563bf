import type { Case } from '../facts/case.ts';
import { count } from '../facts/format.ts';

/** Why nothing can be said of places: answers print a zone that is not the zone of their address. Undefined where none does. */
export function contradiction(it: Case): string | undefined {
  const lies = it.listeners.lies.all();
  const [worst] = lies;
  if (worst === undefined) return undefined;
  const { hop, zones } = worst;
  const others = lies.length > 1 ? `, and ${lies.length - 1} other addresses likewise` : '';
  return `${count(worst.count, 'answer')} of ${hop.service} at ${hop.ip} say ${hop.zone}, but that address is in ${zones.join(' and ')}${others}`;
}
