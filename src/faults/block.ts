import { quantity, text, withDefault } from '../schema/builders.ts';
import type { Schema } from '../schema/schema.ts';

/** The cluster of a fault; every kind has this field. */
export const cluster = text('Logical name of the cluster in the targets file.');

/** Labels that objects must carry, all of them. */
export function labels(description: string): Schema<Readonly<Record<string, string>>> {
  return { type: 'object', description, additionalProperties: { type: 'string', minLength: 1 }, minProperties: 1 };
}

/** After what time the cluster ends a fault that a Job owns. */
export const expiry = withDefault(
  quantity('duration', 'The cluster removes the fault by itself after this time, runner or not.', { example: '15m' }),
  '15m',
);
