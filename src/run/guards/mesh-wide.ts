import { isConfiguration } from '../../faults/owned/configuration.ts';
import { messageOf } from '../../model/errors.ts';
import { ownersOf, routeText } from '../../model/host-route.ts';
import { rootNamespaces } from '../../observe/root-namespace.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { Guard, Guarded, Ruling } from './guard.ts';

/**
 * Configuration of the mesh may hold far beyond the namespace that it is written to: there no guard counts whom it hits, and nobody has
 * asked the owners.
 */
export const meshWide: Guard = {
  name: 'mesh wide',
  isLive: true,
  check: async ({ inputs, faults }) => {
    const checks = faults.map(async (fault) => [...(await inRoot(fault)), ...routedBeyond(fault, inputs)]);
    return (await Promise.all(checks)).flat();
  },
};

async function inRoot({ plan, open }: PlannedFault): Promise<readonly Ruling[]> {
  if (plan.meshWide === undefined) return [];
  const checks = plan.namespaces.map(async (namespace): Promise<readonly Ruling[]> => {
    const where = `fault ${plan.fault}: cluster ${plan.cluster}: namespace ${namespace}`;
    try {
      const { names, unread } = await rootNamespaces(open.cluster, namespace);
      if (!names.has(namespace) && unread.length === 0) return [];
      const untold = `${where}: whether it is Istio's root namespace cannot be told; not read: ${unread.join('; ')}`;
      if (!names.has(namespace)) return [{ refused: false, detail: untold }];
    } catch (error) {
      return [{ refused: true, detail: `${where} may be Istio's root namespace: ${messageOf(error)}` }];
    }
    const kind = plan.permissions.find((one) => one.verb === 'create' && isConfiguration(one))?.kind;
    const detail = `${where} is, or may be, Istio's root namespace: ${kind} holds for pods of all namespaces there, which no guard counts, and whose owners nobody has asked`;
    return [{ refused: true, detail, hint: ELSEWHERE }];
  });
  return (await Promise.all(checks)).flat();
}

const ELSEWHERE =
  'Hit pods by a fault in their own namespace. The object of a manifest may stay where it says that it holds there alone: by exportTo: ["."], or targetRefs.';

/** Routes are for callers of all namespaces, unless they say for which: of a host that is nobody's who was asked, each of these loses it. */
function routedBeyond({ plan }: PlannedFault, { target }: Guarded['inputs']): Ruling[] {
  const beyond = plan.reaches?.find((route) => !ownersOf(route).some((one) => target.namespaces.includes(one)));
  if (beyond === undefined) return [];
  const detail = `fault ${plan.fault}: cluster ${plan.cluster}: it brings ${routeText(beyond)}: the targets file lists neither the host's namespace nor theirs`;
  return [{ refused: true, detail, hint: OWN_CALLERS }];
}

const OWN_CALLERS =
  'Write exportTo: ["."] in a VirtualService or ServiceEntry, so that it is for callers of its own namespace; or list the namespace of the host, or of the gateway, under spec.namespaces of the targets file, if its owner agrees.';
