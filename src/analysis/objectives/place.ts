import type { Place } from '../../model/scenario.ts';
import { exactlyOne, mapping } from '../../schema/builders.ts';
import { plainName } from '../../schema/names.ts';
import type { Decoded } from '../../schema/schema.ts';

/** The fields that name a place in a clause; exactly one of them is there. */
export const placeFields = {
  zone: plainName('A zone.', 'ap-northeast-1b'),
  region: plainName('A region: any of its zones.', 'cn-hangzhou'),
};

/** A place in a clause. */
export const placeSchema = mapping('A zone or a region.', { optional: placeFields }, exactlyOne('zone', 'region'));

type PlaceDocument = Decoded<typeof placeSchema>;

/** A place as it was written. */
export function placeOf({ zone, region }: PlaceDocument): Place {
  return zone === undefined ? { region: region ?? '' } : { zone };
}

type PlaceDraft = { readonly zone?: string | undefined; readonly region?: string | undefined } | undefined;

/** What tells a place from others, and the field that names it. */
export function placeKey(place: PlaceDraft): { readonly key: string | undefined; readonly field: 'zone' | 'region' } {
  if (place?.zone !== undefined) return { key: `zone ${place.zone}`, field: 'zone' };
  return { key: place?.region === undefined ? undefined : `region ${place.region}`, field: 'region' };
}
