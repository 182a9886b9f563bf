import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import type { InPodData } from '../in-pod/data.ts';

/** A stress's own part of its plan. */
export type StressData = InPodData & {
  /** The workload that the pods belong to, as `Kind/name`. */
  readonly owner: string | null;
  /** Label selector in its text form. */
  readonly selector: string | null;
  readonly zone: string | null;
  /** In each pod: cores that are kept busy, or bytes that are held. */
  readonly amount: number;
};

/** Whether the data of a plan is that of a stress. */
export function isStressData(data: Json): boolean {
  const aim = { namespaces: 'list', owner: 'string?', selector: 'string?', zone: 'string?' } as const;
  return hasFields(data, { ...aim, amount: 'number', image: 'string', expirySeconds: 'number' });
}

/** As much of a plan as its undo in one namespace needs. */
export function bareData(namespace: string, image: string): StressData {
  const aim = { owner: null, selector: null, zone: null };
  return { ...aim, namespaces: [namespace], image, amount: 0, expirySeconds: 0 };
}
