import { QUANTITIES, type QuantityName } from './quantities.ts';
import type { Decoded, JsonSchema, Schema } from './schema.ts';

type Fields = { readonly [name: string]: Schema<unknown> };
type Defaulted<F extends Fields> = { [K in keyof F]: F[K] extends { readonly default: unknown } ? K : never }[keyof F];
type Present<F extends Fields> = { readonly [K in keyof F]: Decoded<F[K]> };
type Optional<F extends Fields> = { readonly [K in Defaulted<F>]: Decoded<F[K]> } & {
  readonly [K in Exclude<keyof F, Defaulted<F>>]?: Decoded<F[K]>;
};

/** A mapping with these fields and no others. Optional fields with a default are always there after reading. */
export function mapping<R extends Fields, O extends Fields = Record<never, never>>(
  description: string,
  fields: { readonly required?: R; readonly optional?: O },
  more: JsonSchema = {},
): Schema<Present<R> & Optional<O>> {
  const required = Object.keys(fields.required ?? {});
  return {
    type: 'object',
    description,
    properties: { ...fields.required, ...fields.optional },
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    ...more,
  };
}

/** A mapping of free names to values. */
export function record<T>(description: string, values: Schema<T>, names: JsonSchema): Schema<Record<string, T>> {
  return { type: 'object', description, additionalProperties: values, propertyNames: names };
}

export function list<T>(description: string, items: Schema<T>, more: JsonSchema = {}): Schema<readonly T[]> {
  return { type: 'array', description, items, ...more };
}

/** One value, or a list of at least one. */
export function oneOrMore<T>(description: string, item: Schema<T>): Schema<T | readonly T[]> {
  return { description, anyOf: [item, { type: 'array', items: item, minItems: 1 }] };
}

export function text(description: string, more: JsonSchema = {}): Schema<string> {
  return { type: 'string', description, minLength: 1, ...more };
}

export function integer(description: string, minimum: number, maximum: number, example: number): Schema<number> {
  return { type: 'integer', description, minimum, maximum, examples: [example] };
}

/** Any finite number. */
export function decimal(description: string, example: number): Schema<number> {
  const most = Number.MAX_VALUE;
  return { type: 'number', description, minimum: -most, maximum: most, examples: [example] };
}

/** `true` or `false`. */
export function yesNo(description: string): Schema<boolean> {
  return { type: 'boolean', description };
}

/** One of a closed set of words. */
export function word<const W extends string>(description: string, words: readonly W[]): Schema<W> {
  return { type: 'string', description, enum: words };
}

/** Text with a unit, within limits that are quantities themselves. */
export function quantity(
  unit: QuantityName,
  description: string,
  limits: { readonly min?: string; readonly max?: string; readonly example: string },
): Schema<number> {
  const { min, max, example } = limits;
  const range = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`].filter(Boolean);
  return {
    type: 'string',
    description: range.length === 0 ? description : `${description} ${capitalized(range.join(', '))}.`,
    pattern: QUANTITIES[unit].pattern,
    'x-unit': unit,
    ...(min === undefined ? {} : { 'x-minimum': min }),
    ...(max === undefined ? {} : { 'x-maximum': max }),
    examples: [example],
  };
}

/** The value that stands where the field is left out, as it would be written. */
export function withDefault<T, D extends string | number | readonly string[] | Record<string, never>>(
  schema: Schema<T>,
  value: D,
): Schema<T> & { readonly default: D } {
  return { ...schema, default: value } as Schema<T> & { readonly default: D };
}

/** Exactly one of the named fields. */
export function exactlyOne(...names: readonly string[]): JsonSchema {
  return { oneOf: names.map((name) => ({ required: [name] })) };
}

/** At least one of the named fields. */
export function atLeastOne(...names: readonly string[]): JsonSchema {
  return { anyOf: names.map((name) => ({ required: [name] })) };
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
