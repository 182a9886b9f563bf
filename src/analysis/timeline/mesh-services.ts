import { servicesOf } from '../../model/good.ts';
import type { Facts } from './history.ts';

/** Services that no answer tells of, and whose callers' proxies count their calls: what is said of places rests on those. */
export function meshServices({ header, calls }: Pick<Facts, 'header' | 'calls'>): ReadonlySet<string> {
  const told = new Set(servicesOf(header.scenario.load));
  return new Set(calls.map(({ service }) => service).filter((service) => !told.has(service)));
}
