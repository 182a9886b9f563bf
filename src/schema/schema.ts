import type { ErrorCode } from '../model/errors.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Json } from '../model/scenario.ts';
import { matches } from './pattern.ts';
import { QUANTITIES, type QuantityName } from './quantities.ts';

/**
 * The part of JSON Schema (draft-07) that scenarios and faults are described with, and a few keywords of our own. The
 * same value checks files, fills in defaults and is printed for editors.
 */
export type JsonSchema = {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json | readonly Json[];
  readonly examples?: readonly Json[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly minProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly pattern?: string;
  /** What to say when the pattern does not match; editors show it too. */
  readonly patternErrorMessage?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  /** In a group of `oneOf`: fields that do not stand beside it. */
  readonly not?: JsonSchema;
  /** The string is a quantity; its unit parser decides. */
  readonly 'x-unit'?: QuantityName;
  /** Limits of a quantity, written as a quantity. */
  readonly 'x-minimum'?: string;
  readonly 'x-maximum'?: string;
  /** The code of a wrong or missing value, where it is not the usual one. */
  readonly 'x-code'?: ErrorCode;
  /** Any JSON. */
  readonly 'x-json'?: true;
  /** The value may be a secret: no message quotes it. */
  readonly 'x-unquoted'?: boolean;
  /** Where a name belongs that is not accepted here, by the name in small letters. */
  readonly 'x-elsewhere'?: { readonly [name: string]: string };
  /** What the groups of `oneOf` choose between, in words. */
  readonly 'x-choice'?: string;
};

declare const decoded: unique symbol;

/**
 * A schema that knows the type of what it accepts, after units are resolved and defaults are filled in. An interface, so that
 * declarations of the package name it and not its members.
 */
export interface Schema<T> extends JsonSchema {
  readonly [decoded]?: T;
}

/** The type of a schema's accepted values. */
export type Decoded<S> = S extends { readonly [decoded]?: infer T } ? Exclude<T, undefined> : never;

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['type', 'title', 'description', 'default', 'examples', 'properties', 'required', 'additionalProperties'],
  ...['propertyNames', 'minProperties', 'items', 'minItems', 'maxItems', 'enum', 'const', 'pattern'],
  ...['patternErrorMessage', 'minLength', 'maxLength', 'minimum', 'maximum', 'anyOf', 'oneOf', 'not'],
  ...['x-unit', 'x-minimum', 'x-maximum', 'x-code', 'x-choice', 'x-json'],
]);

/**
 * Takes the schema that a fault kind brings. A keyword that the checks would silently ignore, or a pattern that does not
 * compile, is a bug of that kind.
 */
export function adoptSchema(schema: Json, owner: string): JsonSchema {
  walk(schema as JsonSchema, (part) => {
    if (part.pattern !== undefined) matches(part.pattern, '');
    for (const keyword of Object.keys(part)) {
      if (!KEYWORDS.has(keyword)) {
        throw new FaultlineError(
          'INTERNAL',
          `the schema of ${owner} uses the keyword ${keyword}, which is not supported`,
        );
      }
    }
  });
  return schema as JsonSchema;
}

/** The schema as editors read it: without our own keywords, quantities as patterns. */
export function forEditors(schema: JsonSchema): Json {
  const entries = Object.entries(schema).filter(([keyword]) => !keyword.startsWith('x-'));
  const printed = Object.fromEntries(entries.map(([keyword, value]) => [keyword, mapParts(keyword, value)]));
  const unit = schema['x-unit'];
  if (unit === undefined) return printed;
  const { pattern, what } = QUANTITIES[unit];
  // A number without its unit is no text: `errorMessage` is what editors say of that, and the other one where the text is wrong.
  return { ...printed, pattern, patternErrorMessage: `must be ${what}`, errorMessage: `must be ${what}` };
}

function mapParts(keyword: string, value: unknown): Json {
  if (keyword === 'properties') {
    const properties = Object.entries(value as { [name: string]: JsonSchema });
    return Object.fromEntries(properties.map(([name, part]) => [name, forEditors(part)]));
  }
  if (keyword === 'anyOf' || keyword === 'oneOf') return (value as JsonSchema[]).map(forEditors);
  const isSchema = ['items', 'propertyNames', 'additionalProperties'].includes(keyword) && typeof value === 'object';
  return isSchema ? forEditors(value as JsonSchema) : (value as Json);
}

function walk(schema: JsonSchema, visit: (part: JsonSchema) => void): void {
  visit(schema);
  const { properties = {}, items, propertyNames, additionalProperties: rest, anyOf = [], oneOf = [] } = schema;
  const parts = [...Object.values(properties), ...anyOf, ...oneOf, items, propertyNames, rest];
  for (const part of parts) if (typeof part === 'object') walk(part, visit);
}
