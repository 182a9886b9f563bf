import { FAULT_KINDS, narrowTo, permissionsIn } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultKind, FaultPlan, Permission } from '../model/fault.ts';
import { GRANT } from '../model/grant-words.ts';
import { KINDS } from '../model/kubernetes.ts';
import { askedBeyondZone } from '../model/place.ts';
import type { Cluster } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { observeNeeds } from '../observe/needs.ts';
import { predictNeeds } from '../predict/needs.ts';
import { armNeeds } from './dead-man/needs.ts';
import { faultsIn, faultsReaching, type Guarded } from './guards/guard.ts';
import { guardNeeds } from './guards/index.ts';
import { entryNeeds } from './guards/whole-service/serving.ts';
import { leftoverPermissions } from './leftovers.ts';
import { leasePermissions, plansPermissions } from './lock-objects.ts';
import type { PermissionCheck, PlannedRun, Purpose } from './planned-run.ts';
import { topologyNeeds } from './topology.ts';
import type { OpenCluster } from './wiring.ts';

/**
 * Asks every cluster of a run for everything that the run, its undo and `recover` need. Beside these only discovery,
 * the version and the access reviews are asked for, which every authenticated user has (roles system:discovery and
 * system:basic-user).
 */
export async function checkPermissions(guarded: Guarded): Promise<PermissionCheck[]> {
  const { scenario, target, clusters } = guarded.inputs;
  const bySubset = askedBeyondZone(scenario.expect).has('subset');
  const checks = [...clusters].map(([name, open]) => {
    const own = faultsIn(guarded, name);
    const needs = own.flatMap(({ plan, kind }) => [...plan.permissions, ...runPermissions(target, kind)]);
    const others = faultsReaching(guarded, name).filter((fault) => !own.includes(fault));
    needs.push(...others.flatMap(({ plan }) => lookPermissions(plan)));
    const needed = [...needs, ...guardNeeds(guarded, open), ...armNeeds(guarded.inputs, own)];
    const kinds = guarded.faults.map(({ kind }) => kind);
    return checkCluster(open, target, needed, { bySubset, kinds, seen: entryNeeds(guarded) });
  });
  return (await Promise.all(checks)).flat();
}

/** What a fault needs where it hits pods without writing anything: what it asks of pods and their places. */
function lookPermissions({ permissions }: FaultPlan): Permission[] {
  return permissions.filter(({ kind }) => kind === KINDS.pod.kind || kind === KINDS.node.kind);
}

/** What a run with a fault needs in its cluster besides the fault's own permissions: the plans there, the search for leftovers. */
function runPermissions(target: Target, kind: FaultKind): Permission[] {
  return [...plansPermissions(target.lockNamespace), ...leftoverPermissions(target.namespaces, [kind])];
}

/**
 * As checkPermissions for one cluster: what every run against the target needs, and more. `bySubset`: clauses speak of subsets; `kinds`: those of
 * its faults, in any cluster, with what only their blocks name; `seen`: what its guards see, and go on without.
 */
export async function checkCluster(
  open: OpenCluster,
  target: Target,
  more: readonly Permission[],
  {
    bySubset = false,
    kinds = [],
    seen = [],
  }: { readonly bySubset?: boolean; readonly kinds?: readonly FaultKind[]; readonly seen?: readonly Permission[] } = {},
): Promise<PermissionCheck[]> {
  const wanted = new Map<string, Permission & { purpose: Purpose }>();
  const add = (purpose: Purpose, needs: readonly Permission[]) => {
    for (const need of needs) if (!wanted.has(keyOf(need))) wanted.set(keyOf(need), { ...need, purpose });
  };
  add('run', [...topologyNeeds(open), ...leasePermissions(target.lockNamespace), ...more]);
  add('scan', leftoverPermissions(target.namespaces, [...FAULT_KINDS, ...kinds]));
  const configures = open.cluster.configuredBy === undefined;
  add('observe', [...observeNeeds(target.observe, bySubset && configures, configures), ...seen]);
  add('predict', predictNeeds(target.observe, open.cluster));
  const checks = await Promise.all([...wanted.values()].map((need) => checkOne(open.cluster, need)));
  return checks.flatMap((check) => check ?? []);
}

/** Undefined for a kind that the cluster does not know and that the run can do without: there is nothing to be allowed. */
async function checkOne(
  cluster: Cluster,
  need: Permission & { purpose: Purpose },
): Promise<PermissionCheck | undefined> {
  try {
    return { ...need, cluster: cluster.name, allowed: await cluster.can(need.verb, need, need.namespace) };
  } catch (error) {
    const isUnknown = error instanceof FaultlineError && error.code === 'KIND_NOT_SERVED';
    if (isUnknown && need.purpose !== 'run') return undefined;
    throw error;
  }
}

function keyOf({ verb, apiVersion, kind, subresource, namespace, name }: Permission): string {
  return [verb, apiVersion, kind, subresource, namespace, name].join(' ');
}

type Placed = Permission & { readonly cluster: string };

/** A permission as people read it: `get Pod/proxy in tokyo/default`. */
export function permissionText(check: Placed): string {
  return `${check.verb} ${resourceText(check)} in ${placeText(check)}`;
}

/** `Pod/proxy`, or with its name where only one object is meant. */
export function resourceText({ kind, subresource, name }: Permission): string {
  return `${kind}${subresource === undefined ? '' : `/${subresource}`}${name === undefined ? '' : ` ${name}`}`;
}

/** Cluster and namespace; what is in no namespace has the cluster only. */
export function placeText({ cluster, namespace }: Placed): string {
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
    hint: `An undo that is not allowed would leave the fault behind. ${GRANT}`,
  });
}

/** What the API does not allow of a kind of fault, as its example has it, in the namespaces of a target, before there is a plan. */
export async function deniedToKind(cluster: Cluster, target: Target, kind: FaultKind): Promise<string[]> {
  const own = narrowTo(kind, kind.example);
  const needs = [
    ...leasePermissions(target.lockNamespace),
    ...permissionsIn(own.permissions, target.namespaces),
    ...runPermissions(target, own),
  ];
  const answers = await Promise.all(
    needs.map(async (need) => ({ need, allowed: await cluster.can(need.verb, need, need.namespace) })),
  );
  const denied = answers.filter(({ allowed }) => !allowed);
  return denied.map(({ need }) => permissionText({ ...need, cluster: cluster.name }));
}
