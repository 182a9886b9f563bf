import type { Json } from '../../../model/scenario.ts';
import type { StatusCause } from '../errors.ts';
import { isMap, type JsonMap, sameJson } from '../json.ts';
import { goDuration, RULES } from './custom-rules.ts';
import { customSchema, type Schema } from './schemas.ts';

/** What is wrong with the values of a custom resource (apiextensions-apiserver pkg/apiserver/validation, kube-openapi validate). */
export function customProblems(object: JsonMap, resource: { kind: string; group: string }): StatusCause[] {
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = object;
  const schema = customSchema(resource);
  const found = problems(rest, schema, '');
  if (found.some(({ reason }) => FORM.includes(reason))) return [...found, UNCHECKED];
  return [...found, ...brokenRules(rest, schema, '')];
}

/** What is wrong with the form keeps rules from being evaluated. */
const FORM = ['FieldValueTypeInvalid', 'FieldValueNotSupported', 'FieldValueRequired'];
const UNCHECKED: StatusCause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; ' +
    'correct the existing errors to complete validation',
  field: '<nil>',
};

function wrong(field: string, value: Json, why: string): StatusCause {
  const shown = isMap(value) || Array.isArray(value) ? `"${typeName(value)}"` : JSON.stringify(value);
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${why}`, field };
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function typeFits(value: Json, schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return typeName(value) === 'integer' || typeof value === 'string';
  if (schema.type === undefined || (value === null && schema.nullable === true)) return true;
  return typeName(value) === schema.type || (schema.type === 'number' && typeof value === 'number');
}

function problems(value: Json, schema: Schema, path: string): StatusCause[] {
  if (!typeFits(value, schema)) {
    const why = `${path} in body must be of type ${schema.type ?? 'string'}: "${typeName(value)}"`;
    return [{ reason: 'FieldValueTypeInvalid', message: `Invalid value: "${typeName(value)}": ${why}`, field: path }];
  }
  const own = [
    ...enumProblems(value, schema, path),
    ...(typeof value === 'string' ? textProblems(value, schema, path) : []),
    ...(typeof value === 'number' ? numberProblems(value, schema, path) : []),
    ...alternativeProblems(value, schema, path),
  ];
  const size = Array.isArray(value)
    ? listProblems(value, schema, path)
    : isMap(value)
      ? mapProblems(value, schema, path)
      : [];
  return [...own, ...size, ...inside(value, schema, path, problems)];
}

function enumProblems(value: Json, schema: Schema, path: string): StatusCause[] {
  if (schema.enum === undefined || schema.enum.some((one) => sameJson(one, value))) return [];
  const supported = schema.enum.map((one) => JSON.stringify(one)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return [{ reason: 'FieldValueNotSupported', message, field: path }];
}

function textProblems(value: string, schema: Schema, path: string): StatusCause[] {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const found: StatusCause[] = [];
  if (value.length < minLength) {
    found.push(wrong(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (value.length > maxLength) {
    found.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${maxLength} bytes`,
      field: path,
    });
  }
  if (pattern !== undefined && !new RegExp(pattern).test(value)) {
    found.push(wrong(path, value, `${path} in body should match '${pattern}'`));
  }
  return found;
}

const FORMATS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
};

function numberProblems(value: number, schema: Schema, path: string): StatusCause[] {
  const { minimum, maximum, format = '' } = schema;
  const [least, most] = FORMATS[format] ?? [undefined, undefined];
  const low = minimum ?? least;
  const high = maximum ?? most;
  if (low !== undefined && value < low) {
    return [wrong(path, value, `${path} in body should be greater than or equal to ${low}`)];
  }
  return high !== undefined && value > high
    ? [wrong(path, value, `${path} in body should be less than or equal to ${high}`)]
    : [];
}

function fits(value: Json, schema: Schema, path: string): boolean {
  return problems(value, schema, path).length === 0;
}

function alternativeProblems(value: Json, schema: Schema, path: string): StatusCause[] {
  const no = (why: string): StatusCause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: "": "${path}" must ${why}`,
    field: '<nil>',
  });
  const found: StatusCause[] = [];
  const { oneOf, anyOf, allOf = [], not } = schema;
  if (oneOf !== undefined) {
    const valid = oneOf.filter((one) => fits(value, one, path)).length;
    const some = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    if (valid !== 1) found.push(no(`validate one and only one schema (oneOf). ${some}`));
  }
  if (anyOf !== undefined && !anyOf.some((one) => fits(value, one, path))) {
    found.push(no('validate at least one schema (anyOf)'));
  }
  if (not !== undefined && fits(value, not, path)) found.push(no('not validate the schema (not)'));
  return [...found, ...allOf.flatMap((one) => problems(value, one, path))];
}

/** The CEL rules below a value that it breaks. */
function brokenRules(value: Json, schema: Schema, path: string): StatusCause[] {
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap(({ message = '', rule }) => {
    if (RULES[message]?.(value) !== false) return [];
    if (!rule.includes('duration(self)') || goDuration(String(value)) !== undefined)
      return [wrong(path, value, message)];
    const why = `type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: ${message}`;
    return [{ reason: 'FieldValueInvalid', message: `Invalid value: "string": ${why}`, field: path }];
  });
  return [...own, ...inside(value, schema, path, brokenRules)];
}

type Looking = (value: Json, schema: Schema, path: string) => StatusCause[];

/** Looks at every item and field of a value that its schema knows. */
function inside(
  value: Json,
  { items, properties = {}, additionalProperties }: Schema,
  path: string,
  look: Looking,
): StatusCause[] {
  if (Array.isArray(value)) {
    return items === undefined ? [] : value.flatMap((item, index) => look(item, items, `${path}[${index}]`));
  }
  if (!isMap(value)) return [];
  const free = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return Object.entries(value).flatMap(([field, item]) => {
    const found = (Object.hasOwn(properties, field) ? properties[field] : undefined) ?? free;
    return found === undefined ? [] : look(item, found, path === '' ? field : `${path}.${field}`);
  });
}

function listProblems(value: readonly Json[], schema: Schema, path: string): StatusCause[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  const found: StatusCause[] = [];
  if (value.length < minItems) {
    found.push(wrong(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (value.length > maxItems) {
    const message = `Too many: ${value.length}: must have at most ${maxItems} items`;
    found.push({ reason: 'FieldValueTooMany', message, field: path });
  }
  return found;
}

function mapProblems(value: JsonMap, schema: Schema, path: string): StatusCause[] {
  const { required = [], maxProperties = Number.POSITIVE_INFINITY } = schema;
  const inner = (field: string): string => (path === '' ? field : `${path}.${field}`);
  const missing = required
    .filter((field) => value[field] === undefined)
    .map((field): StatusCause => ({ reason: 'FieldValueRequired', message: 'Required value', field: inner(field) }));
  const count = Object.keys(value).length;
  const many: StatusCause[] =
    count > maxProperties
      ? [
          {
            reason: 'FieldValueTooMany',
            message: `Too many: ${count}: must have at most ${maxProperties} items`,
            field: path,
          },
        ]
      : [];
  return [...missing, ...many];
}
