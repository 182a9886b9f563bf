import { hasFields } from '../has-fields.ts';
import type { DataOf, InPodData } from '../in-pod/data.ts';

/** What scenarios call this kind. */
export const KIND = 'zoneBlackhole';

/** A zone blackhole's own part of its plan. */
export type BlackholeData = InPodData & { readonly zone: string; readonly selector: string | null };

/** What the plan of a zone blackhole holds. */
export const BLACKHOLE_DATA: DataOf<BlackholeData> = {
  isData: (data) => {
    const image = 'string';
    return hasFields(data, { zone: 'string', namespaces: 'list', selector: 'string?', image, expirySeconds: 'number' });
  },
  bare: (namespace, image) => ({ namespaces: [namespace], image, zone: '', selector: null, expirySeconds: 0 }),
};
