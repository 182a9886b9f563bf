import type { KubeObject } from '../model/kubernetes.ts';

/** What an Event of a cluster says. */
type CoreEvent = {
  readonly warning: boolean;
  readonly reason: string;
  readonly message: string;
  /** How often it was told. */
  readonly count: number;
  readonly object: { readonly kind: string; readonly name: string; readonly namespace?: string };
};

/** Reads an Event. One that is made of something else than it should says less, and keeps no other from being read. */
export function coreEventOf(event: KubeObject): CoreEvent {
  const { kind, namespace, name } = fieldsOf(event.involvedObject);
  return {
    warning: event.type === 'Warning',
    reason: textOf(event.reason),
    message: textOf(event.message),
    count: countOf(fieldsOf(event.series).count) ?? countOf(event.count) ?? 1,
    object: { kind: textOf(kind), name: textOf(name), ...(typeof namespace === 'string' && { namespace }) },
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const countOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
