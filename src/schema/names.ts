import { SERVICE_PATTERN } from '../model/service-ref.ts';
import { text } from './builders.ts';
import type { JsonSchema, Schema } from './schema.ts';

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** What a DNS label is made of. */
export const DNS_LABEL: JsonSchema = {
  pattern: `^${LABEL}$`,
  patternErrorMessage: 'must be 1 to 63 lower-case letters, digits and inner hyphens',
};

/** A DNS label, as Kubernetes names namespaces and services. */
export function dnsLabel(description: string, example: string): Schema<string> {
  return text(description, { ...DNS_LABEL, examples: [example] });
}

/** Namespace and name of a Kubernetes Service. */
export function serviceName(description: string, example: string): Schema<string> {
  return text(description, {
    pattern: `^${LABEL}/${LABEL}$`,
    patternErrorMessage: 'must be namespace and name of a Service, such as shop/shop-mockb',
    examples: [example],
  });
}

/** A service that a clause speaks of: by its name in answers, or by namespace and name of a Service, its port, its cluster. */
export function calledService(description: string): Schema<string> {
  return text(
    `${description} By its name in answers, or \`namespace/name\` of a Service, \`namespace/name:port\` of one port, \`cluster/namespace/name:port\` as callers of one cluster call it.`,
    {
      pattern: SERVICE_PATTERN,
      patternErrorMessage:
        'must be a name in answers such as mockb, or a Service such as shop/api, shop/api:8080 or tokyo/shop/api:8080',
      examples: ['mockb'],
    },
  );
}

/** A name that people choose or a cloud chose for them: also dots, underscores and capitals. */
export function plainName(description: string, example: string): Schema<string> {
  return text(description, {
    pattern: '^[A-Za-z0-9]([-._A-Za-z0-9]{0,251}[A-Za-z0-9])?$',
    patternErrorMessage: 'must be letters and digits, with hyphens, dots and underscores inside',
    examples: [example],
  });
}
