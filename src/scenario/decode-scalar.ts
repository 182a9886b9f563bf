import type { Json } from '../model/scenario.ts';
import { matches } from '../schema/pattern.ts';
import { bareNumber, QUANTITIES, type QuantityName } from '../schema/quantities.ts';
import type { JsonSchema } from '../schema/schema.ts';
import { type Cursor, pathText, valueSpan } from './cursor.ts';
import { listed, quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import { nearest } from './suggest.ts';
import type { ScalarNode } from './yaml-tree.ts';

const LONGEST_MATCHED = 4096;

const TYPES = {
  object: 'a mapping',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: '`true` or `false`',
  string: 'text',
} as const;

/** What a value must be, for `must be …`. */
export function wanted(schema: JsonSchema): string {
  if (schema['x-unit'] !== undefined) return QUANTITIES[schema['x-unit']].what;
  const words = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (words !== undefined) return listed(words.map(String), 'or');
  if (schema.type !== undefined) return TYPES[schema.type];
  const branches = new Set((schema.anyOf ?? schema.oneOf ?? []).map(wanted));
  return branches.size === 0 ? 'a value' : [...branches].join(' or ');
}

/** Reads a scalar; reports and returns undefined when the schema does not accept it. */
export function decodeScalar(schema: JsonSchema, node: ScalarNode, cursor: Cursor, problems: Problems): unknown {
  const { value } = node;
  if (schema['x-unit'] !== undefined) return decodeQuantity(schema, schema['x-unit'], node, cursor, problems);
  if (schema.enum !== undefined || schema.const !== undefined) return decodeWord(schema, node, cursor, problems);
  if (schema.type === 'integer' || schema.type === 'number') return decodeNumber(schema, node, cursor, problems);
  const isRight = value !== null && (schema.type === undefined || typeof value === schema.type);
  if (!isRight) return wrongType(schema, node, cursor, problems);
  return typeof value === 'string' ? decodeText(schema, value, cursor, problems) : value;
}

export function wrongType(schema: JsonSchema, node: ScalarNode, cursor: Cursor, problems: Problems): undefined {
  const isEmpty = node.value === null && node.source === '';
  const found = isEmpty ? '; it is empty' : instead(schema, node.source);
  const message = `${pathText(cursor.path)} must be ${wanted(schema)}${found}`;
  error(problems, schema['x-code'] ?? 'FIELD_TYPE', valueSpan(cursor), message, typeHint(schema, node));
  return undefined;
}

/** What stands there instead, in words; nothing where it may be a secret. */
function instead(schema: JsonSchema, found: string): string {
  return schema['x-unquoted'] ? '' : `, not ${quoted(found)}`;
}

function typeHint(schema: JsonSchema, { value, source }: ScalarNode): string | undefined {
  if (schema.type === 'string' && source !== '' && typeof value !== 'string')
    return schema['x-unquoted'] ? 'put it in quotes' : `quote it: ${quoted(`"${source}"`)}`;
  if (schema.type === 'boolean' && /^(yes|no|on|off|y|n)$/i.test(source)) {
    return `write ${/^(yes|on|y)$/i.test(source) ? '`true`' : '`false`'}; the words of YAML 1.1 are plain text`;
  }
  return schema.type === 'object' && source !== '' && !schema['x-unquoted'] ? mappingHint(schema, source) : undefined;
}

/** A value that stands for a whole mapping is mostly that of its one field. */
function mappingHint({ properties = {}, required = [] }: JsonSchema, source: string): string | undefined {
  const [only, ...others] = required;
  const names = Object.keys(properties);
  const isPlain = !['object', 'array', undefined].includes(properties[only ?? '']?.type);
  if (isPlain && others.length === 0) return `write ${quoted(`{${only}: ${source}}`)}`;
  return names.length === 0 ? undefined : `write it as ${quoted('{FIELD: value}')}, with ${listed(names, 'or')}`;
}

function wrongValue(schema: JsonSchema, cursor: Cursor, problems: Problems, message: string, hint?: string): undefined {
  const text = `${pathText(cursor.path)} ${message}`;
  error(problems, schema['x-code'] ?? 'FIELD_VALUE', valueSpan(cursor), text, hint);
  return undefined;
}

function decodeQuantity(schema: JsonSchema, unit: QuantityName, node: ScalarNode, cursor: Cursor, problems: Problems) {
  const { parse, what, complete } = QUANTITIES[unit];
  const text = typeof node.value === 'string' ? node.value : node.source;
  const parsed = typeof node.value === 'string' ? parse(text) : undefined;
  if (parsed !== undefined) return withinLimits(schema, parsed, text, parse, cursor, problems);
  const bare = bareNumber(text);
  if (bare !== undefined) {
    const message = `${pathText(cursor.path)} needs a unit: it must be ${what}`;
    error(problems, 'UNIT_MISSING', valueSpan(cursor), message, `write ${quoted(asYaml(complete(bare)))}`);
    return undefined;
  }
  if (typeof node.value !== 'string') return wrongType(schema, node, cursor, problems);
  return wrongValue(schema, cursor, problems, `must be ${what}, not ${quoted(text)}`, operatorHint(unit, text));
}

/** A plain scalar cannot start with `>`. */
function asYaml(text: string): string {
  return text.startsWith('>') ? `"${text}"` : text;
}

function operatorHint(unit: QuantityName, text: string): string | undefined {
  const number = /^[<>]=?\s*(-?\d{1,3}(?:\.\d{1,6})?%)$/.exec(text)?.[1];
  if (number === undefined) return undefined;
  if (Number.parseFloat(number) > 100) return 'a share is at most 100%';
  if (number.startsWith('-')) return 'a share is at least 0%';
  if (unit === 'atLeast') return `this is a lower bound: write ${quoted(`">= ${number}"`)}`;
  return unit === 'atMost' ? `this is an upper bound: write ${quoted(`<= ${number}`)}` : undefined;
}

function withinLimits(
  schema: JsonSchema,
  value: number,
  text: string,
  parse: (text: string) => number | undefined,
  cursor: Cursor,
  problems: Problems,
): number | undefined {
  const { 'x-minimum': min, 'x-maximum': max } = schema;
  if (min !== undefined && value < (parse(min) ?? 0)) {
    return wrongValue(schema, cursor, problems, `must be at least ${min}, not ${quoted(text)}`);
  }
  if (max !== undefined && value > (parse(max) ?? 0)) {
    return wrongValue(schema, cursor, problems, `must be at most ${max}, not ${quoted(text)}`);
  }
  return value;
}

function decodeWord(schema: JsonSchema, node: ScalarNode, cursor: Cursor, problems: Problems): Json | undefined {
  const words = schema.enum ?? [schema.const ?? null];
  if (words.some((word) => word === node.value)) return node.value;
  if (node.value === null) return wrongType(schema, node, cursor, problems);
  const suggestion = nearest(node.source, words.map(String));
  const hint = suggestion === undefined ? undefined : `did you mean ${quoted(suggestion)}?`;
  return wrongValue(schema, cursor, problems, `must be ${wanted(schema)}, not ${quoted(node.source)}`, hint);
}

function decodeNumber(schema: JsonSchema, node: ScalarNode, cursor: Cursor, problems: Problems): number | undefined {
  const { value } = node;
  const isRight = typeof value === 'number' && (schema.type === 'number' || Number.isSafeInteger(value));
  if (!isRight) return wrongType(schema, node, cursor, problems);
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) {
    return wrongValue(schema, cursor, problems, `must be at least ${minimum}, not ${quoted(node.source)}`);
  }
  if (maximum !== undefined && value > maximum) {
    return wrongValue(schema, cursor, problems, `must be at most ${maximum}, not ${quoted(node.source)}`);
  }
  return value;
}

function decodeText(schema: JsonSchema, value: string, cursor: Cursor, problems: Problems): string | undefined {
  const longest = schema.maxLength ?? LONGEST_MATCHED;
  if (value.trim() === '' && (schema.minLength ?? 0) > 0)
    return wrongValue(schema, cursor, problems, 'must not be empty');
  if (Array.from(value).length < (schema.minLength ?? 0)) {
    return wrongValue(schema, cursor, problems, `must have at least ${schema.minLength} characters`);
  }
  if (value.length > longest) return wrongValue(schema, cursor, problems, `must have at most ${longest} characters`);
  if (schema.pattern === undefined || matches(schema.pattern, value)) return value;
  const reason = schema.patternErrorMessage ?? `must match the pattern ${quoted(schema.pattern)}`;
  return wrongValue(schema, cursor, problems, `${reason}${instead(schema, value)}`);
}
