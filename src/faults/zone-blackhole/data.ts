import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import type { InPodData } from '../in-pod/data.ts';

/** What scenarios call this kind. */
export const KIND = 'zoneBlackhole';

/** A zone blackhole's own part of its plan. */
export type BlackholeData = InPodData & { readonly zone: string; readonly selector: string | null };

/** Whether the data of a plan is that of a zone blackhole. */
export function isBlackholeData(data: Json): boolean {
  const image = 'string';
  return hasFields(data, { zone: 'string', namespaces: 'list', selector: 'string?', image, expirySeconds: 'number' });
}

/** As much of a plan as its undo in one namespace needs. */
export function bareData(namespace: string, image: string): BlackholeData {
  return { zone: '', namespaces: [namespace], selector: null, image, expirySeconds: 0 };
}
