import type { Permission } from '../../model/fault.ts';
import { resourceOf } from '../../sandbox/api/resources.ts';
import type { Role } from '../../sandbox/testing/users.ts';

/** The Role of one printed permission, and nothing more. */
export function roleOf({ apiVersion, kind, verb, subresource, name, namespace }: Permission): Role {
  const { group, plural } = resourceOf({ apiVersion, kind });
  const rule = {
    verbs: [verb],
    apiGroups: [group],
    resources: [subresource === undefined ? plural : `${plural}/${subresource}`],
    ...(name === undefined ? {} : { resourceNames: [name] }),
  };
  return namespace === '' ? { rules: [rule] } : { namespace, rules: [rule] };
}
