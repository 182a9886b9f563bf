import { text } from '../schema/builders.ts';
import type { JsonSchema, Schema } from '../schema/schema.ts';
import { listed } from './printable.ts';

/** A name of an annotation, as Kubernetes writes them. */
export const ANNOTATION_NAME: JsonSchema = {
  pattern: '^[A-Za-z0-9][-._/A-Za-z0-9]{0,252}$',
  patternErrorMessage: 'must be letters, digits and -._/',
};

/** A name of a label of Kubernetes, with or without a prefix. */
export const LABEL_NAME: JsonSchema = {
  pattern: '^([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$',
  patternErrorMessage: 'must be the name of a label, such as istio or topology.kubernetes.io/zone',
};

const ENGINE_HEADERS = ['host', 'connection', 'content-length', 'transfer-encoding'];

/** A name of an HTTP header, in any case, that the load engine does not write itself. */
export const HEADER_NAME: JsonSchema = {
  pattern: `^(?!(${ENGINE_HEADERS.map(anyCase).join('|')})$)[-!#$%&'*+.^_\`|~0-9A-Za-z]{1,256}$`,
  patternErrorMessage: `must be a header name, and not ${listed(ENGINE_HEADERS, 'or')}`,
  'x-elsewhere': { host: 'write `host: NAME` in the request, beside `headers`' },
};

/** A name of a header of an answer. */
export function answerHeader(example: string): Schema<string> {
  return text('Name of the header.', {
    pattern: "^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,256}$",
    patternErrorMessage: 'must be a header name',
    examples: [example],
  });
}

/** A place in a body of JSON. */
export function jsonPointer(example: string): Schema<string> {
  return text('JSON pointer (RFC 6901) of the value.', {
    pattern: '^(/([^~]|~[01])*)+$',
    patternErrorMessage: `must be a JSON pointer such as ${example}`,
    examples: [example],
  });
}

function anyCase(name: string): string {
  return name.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

const API_VERSION = 'faultline/v1alpha1';

/** `apiVersion` and `kind`, the first two fields of every file. */
export function header<const K extends string>(
  kind: K,
): {
  readonly apiVersion: Schema<string>;
  readonly kind: Schema<K>;
} {
  return {
    apiVersion: {
      type: 'string',
      description: 'The version of the format.',
      enum: [API_VERSION],
      'x-code': 'KIND_UNKNOWN',
    },
    kind: { type: 'string', description: 'What the file describes.', enum: [kind], 'x-code': 'KIND_UNKNOWN' },
  };
}
