import { FaultlineError } from '../model/errors.ts';
import type { FaultPlan, Permission } from '../model/fault.ts';
import type { Target } from '../model/target.ts';
import { observeNeeds } from '../observe/needs.ts';
import { JOURNAL_READ, JOURNAL_WRITE } from './cluster-journal.ts';
import { leftoverNeeds } from './leftovers.ts';
import type { PermissionCheck, PlannedFault, PlannedRun, Purpose } from './planned-run.ts';
import { topologyNeeds } from './topology.ts';
import type { OpenCluster, PlanInputs } from './wiring.ts';

/**
 * Asks every cluster of a run for everything that the run, its undo and the recovery of its journal need. Beside these only discovery,
 * the version and the access reviews are asked for, which every authenticated user has (roles system:discovery and
 * system:basic-user).
 */
export async function checkPermissions(
  { target, clusters }: PlanInputs,
  faults: readonly PlannedFault[],
): Promise<PermissionCheck[]> {
  const checks = [...clusters].map(([name, open]) => {
    const plans = faults.map(({ plan }) => plan).filter((plan) => plan.cluster === name);
    const touching = [...faultNeeds(plans), ...JOURNAL_WRITE, ...leftoverNeeds(target.namespaces)];
    return checkCluster(open, target, plans.length === 0 ? [] : touching);
  });
  return (await Promise.all(checks)).flat();
}

/** As checkPermissions for one cluster: what every run against the target needs, and more. */
export function checkCluster(
  open: OpenCluster,
  target: Target,
  more: readonly Permission[],
): Promise<PermissionCheck[]> {
  const wanted = new Map<string, Permission & { purpose: Purpose }>();
  const add = (purpose: Purpose, needs: readonly Permission[]) => {
    for (const need of needs) if (!wanted.has(keyOf(need))) wanted.set(keyOf(need), { ...need, purpose });
  };
  add('run', [...topologyNeeds(open), ...JOURNAL_READ, ...more]);
  add('observe', observeNeeds(target.observe));
  return Promise.all(
    [...wanted.values()].map(async (need) => ({
      ...need,
      cluster: open.cluster.name,
      allowed: await open.cluster.can(need.verb, need, need.namespace),
    })),
  );
}

function faultNeeds(plans: readonly FaultPlan[]): Permission[] {
  return plans.flatMap((plan) => plan.permissions);
}

function keyOf({ verb, apiVersion, kind, subresource, namespace, name }: Permission): string {
  return [verb, apiVersion, kind, subresource, namespace, name].join(' ');
}

/** A permission as people read it: `get Pod/proxy in tokyo/default`. */
export function permissionText(check: PermissionCheck): string {
  return `${check.verb} ${resourceText(check)} in ${placeText(check)}`;
}

/** `Pod/proxy`, or with its name where only one object is meant. */
export function resourceText({ kind, subresource, name }: PermissionCheck): string {
  return `${kind}${subresource === undefined ? '' : `/${subresource}`}${name === undefined ? '' : ` ${name}`}`;
}

/** Cluster and namespace; what is in no namespace has the cluster only. */
export function placeText({ cluster, namespace }: PermissionCheck): string {
  return namespace === '' ? cluster : `${cluster}/${namespace}`;
}

/** What a run is refused without. */
export function missingPermissions(checks: readonly PermissionCheck[]): PermissionCheck[] {
  return checks.filter(({ allowed, purpose }) => !allowed && purpose === 'run');
}

/** Throws PERMISSION_DENIED with everything that is missing. */
export function requirePermissions(run: PlannedRun): void {
  const missing = missingPermissions(run.permissions);
  if (missing.length === 0) return;
  throw new FaultlineError('PERMISSION_DENIED', `the API does not allow: ${missing.map(permissionText).join('; ')}`, {
    hint: 'Grant these verbs before the run: an undo that is not allowed would leave the fault behind.',
  });
}
