import { hasFields } from '../has-fields.ts';
import type { DataOf, InPodData } from '../in-pod/data.ts';

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

/** What the plan of a stress holds. */
export const STRESS_DATA: DataOf<StressData> = {
  isData: (data) => {
    const aim = { namespaces: 'list', owner: 'string?', selector: 'string?', zone: 'string?' } as const;
    return hasFields(data, { ...aim, amount: 'number', image: 'string', expirySeconds: 'number' });
  },
  bare: (namespace, image) => ({
    ...{ namespaces: [namespace], image },
    ...{ owner: null, selector: null, zone: null, amount: 0, expirySeconds: 0 },
  }),
};
