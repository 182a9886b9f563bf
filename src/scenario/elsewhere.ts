import type { JsonSchema } from '../schema/schema.ts';
import { type Above, pathText } from './cursor.ts';
import { listed } from './printable.ts';

/** Where a field belongs that is written in the wrong mapping: around that one, or one level below. More says nothing. */
const MOST_PLACES = 3;

/** The nearest places of a field of this name around `here`; undefined when there are none, or too many to mean one. */
export function standsElsewhere(name: string, here: Above): string | undefined {
  for (let at: Above | undefined = here; at !== undefined; at = at.above) {
    const { schema, path } = at;
    // What must be there anyway, as `kind` in the file, is not what was meant.
    if (schema.required?.includes(name)) return undefined;
    const own = has(schema, name) ? [path] : [];
    const below = Object.entries(schema.properties ?? {}).filter(([, field]) =>
      mappingsOf(field).some((one) => has(one, name)),
    );
    const places = [...own, ...below.map(([field]) => [...path, field])];
    if (places.length > 0) return places.length > MOST_PLACES ? undefined : listed(places.map(pathText), 'or');
  }
  return undefined;
}

const has = ({ properties = {} }: JsonSchema, name: string): boolean => Object.hasOwn(properties, name);

/** The mappings that a field may be, by itself or as one of its forms. */
function mappingsOf(field: JsonSchema): readonly JsonSchema[] {
  return [field, ...(field.anyOf ?? []), ...(field.oneOf ?? [])];
}
