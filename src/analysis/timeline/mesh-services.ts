import { servicesOf } from '../../model/good.ts';
import type { Facts } from './history.ts';

/** Services that no answer tells of, and whose callers' proxies count their calls: what is said of places rests on those. */
export function meshServices({ header, namedCalls }: Pick<Facts, 'header' | 'namedCalls'>): ReadonlySet<string> {
  const told = new Set(servicesOf(header.scenario.load));
  return new Set(namedCalls.map(({ service }) => service).filter((service) => !told.has(service)));
}
