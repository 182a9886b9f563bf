import type { Json } from '../model/scenario.ts';

/** What a field of a plan's data holds; a question mark allows null. */
type FieldType = 'string' | 'number' | 'boolean' | 'list' | 'string?' | 'number?';

/**
 * Whether a plan's data has these fields. It may come from a journal of another machine, and nothing may be done on the
 * word of a damaged one.
 */
export function hasFields(data: Json | undefined, fields: Readonly<Record<string, FieldType>>): boolean {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return false;
  return Object.entries(fields).every(([name, type]) => holds(data[name], type));
}

function holds(value: Json | undefined, type: FieldType): boolean {
  if (value === null) return type.endsWith('?');
  return type === 'list' ? Array.isArray(value) : typeof value === type.replace('?', '');
}
