import type { Named } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';

/** What Services that a block names are read for: their selectors, or their endpoints as the other end. */
export function servicePermissions(asTarget: boolean, asPeer: boolean): Named {
  return {
    permissions: [
      ...(asTarget || asPeer ? [{ kind: KINDS.service, verbs: ['get'], scope: 'namespace' } as const] : []),
      ...(asPeer ? [{ kind: KINDS.endpointSlice, verbs: ['list'], scope: 'namespace' } as const] : []),
    ],
    marks: [],
  };
}
