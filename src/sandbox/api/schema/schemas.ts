import { readFileSync } from 'node:fs';
import type { JsonMap } from '../json.ts';

/**
 * Fields of a built-in type. A type is `string`, `boolean`, `int32`, `int64`, `integer`, `number`, `quantity`,
 * `int-or-string`, `any`, `[]T` for a list, `{}T` for a map, or the name of another definition.
 */
type Fields = Readonly<Record<string, string>>;

type Builtin = {
  /** The definition of a kind, by `apiVersion kind`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, Fields>>;
};

/** An OpenAPI v3 schema as CustomResourceDefinitions carry it. */
export type Schema = {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly nullable?: boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[];
};

function read(file: string): JsonMap {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as JsonMap;
}

/** Made by .ci/schemas.mjs from the OpenAPI document of Kubernetes. */
export const BUILTIN = read('./kubernetes.schema.json') as unknown as Builtin;

const ISTIO = read('./istio.schema.json') as unknown as { readonly definitions: Readonly<Record<string, Schema>> };
const OPEN: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The schema of a custom resource, the same in all its versions; one that takes everything where no definition is known. */
export function customSchema({ kind, group }: { kind: string; group: string }): Schema {
  return ISTIO.definitions[`${kind}.${group}`] ?? OPEN;
}
