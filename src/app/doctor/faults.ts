import type { Check } from '../../model/engine.ts';
import type { FaultKind } from '../../model/fault.ts';
import type { Cluster } from '../../model/ports.ts';
import type { Target } from '../../model/target.ts';
import { deniedToKind } from '../../run/permissions.ts';
import { counted } from './words.ts';

/** Which kinds of faults the API allows wherever the target does, and what each of the others lacks. */
export async function checkFaults(cluster: Cluster, target: Target, kinds: readonly FaultKind[]): Promise<Check[]> {
  const all = await Promise.all(kinds.map((kind) => checkFault(cluster, target, kind)));
  const missing = all.flatMap((check) => check ?? []);
  const granted = all.length - missing.length;
  if (granted === 0) return missing;
  const detail = `${missing.length === 0 ? 'all ' : ''}${counted(granted, 'kind')} allowed in ${target.namespaces.join(', ')}`;
  return [{ what: `faults in ${cluster.name}`, ok: true, detail }, ...missing];
}

/** What a kind of fault lacks; undefined where the API allows it. */
async function checkFault(cluster: Cluster, target: Target, kind: FaultKind): Promise<Check | undefined> {
  const what = `fault ${kind.kind} in ${cluster.name}`;
  const missing = await deniedToKind(cluster, target, kind);
  if (missing.length === 0) return undefined;
  const fix = 'Only for scenarios with this fault, whose Roles `faultline plan … --rbac` prints.';
  return { what, ok: false, optional: true, detail: `not allowed: ${missing.join('; ')}`, fix };
}
