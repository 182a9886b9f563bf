import { FaultlineError } from '../model/errors.ts';
import type { FaultContext, FaultKind, FaultPlan, Permission } from '../model/fault.ts';
import { KINDS } from '../model/kubernetes.ts';
import type { FaultSpec } from '../model/scenario.ts';
import type { Target, Topology } from '../model/target.ts';
import { meshVersion } from '../observe/mesh-version.ts';
import { guard } from './guards.ts';
import { resolveTopology } from './topology.ts';
import type { OpenCluster, PlanInputs } from './wiring.ts';

/** One fault, ready to be injected. */
export type PlannedFault = {
  readonly spec: FaultSpec;
  readonly kind: FaultKind;
  readonly plan: FaultPlan;
  readonly open: OpenCluster;
};

/** A run that has passed every check before the first write. */
export type PlannedRun = PlanInputs & {
  readonly topology: Topology;
  readonly faults: readonly PlannedFault[];
  readonly permissions: readonly PermissionCheck[];
  /** Version of Istio, where it is known. */
  readonly mesh: string | undefined;
};

export type PermissionCheck = Permission & { readonly cluster: string; readonly allowed: boolean };

/**
 * Decides, read only, what every fault would touch. Rejects with a FaultlineError when the run must be refused; a
 * permission that is missing is in `permissions`, so that `plan` can show all of them at once.
 */
export async function planRun(inputs: PlanInputs): Promise<PlannedRun> {
  const topology = await resolveTopology(inputs.scenario, inputs.target, inputs.clusters);
  const faults: PlannedFault[] = [];
  for (const spec of inputs.scenario.faults) faults.push(await planFault(inputs, spec));
  guard(inputs, topology, faults);
  const clusters = [...inputs.clusters.values()].map(({ cluster }) => cluster);
  const mesh = await meshVersion(clusters, inputs.target.observe);
  return { ...inputs, topology, faults, permissions: await checkPermissions(inputs.target, faults), mesh };
}

async function planFault(inputs: PlanInputs, spec: FaultSpec): Promise<PlannedFault> {
  const kind = inputs.faultKind(spec.kind);
  const wanted = String(spec.spec.cluster);
  const open = inputs.clusters.get(wanted);
  if (open === undefined) {
    const hint = `It has: ${[...inputs.clusters.keys()].join(', ')}`;
    throw new FaultlineError(
      'NAME_UNKNOWN',
      `fault ${spec.name}: target ${inputs.target.name} has no cluster ${wanted}`,
      { hint },
    );
  }
  const context: FaultContext = {
    runId: inputs.runId,
    cluster: open.cluster,
    clock: inputs.clock,
    now: () => inputs.clock.now(),
    signal: new AbortController().signal,
    onAffected: () => {},
  };
  return { spec, kind, open, plan: await kind.plan(spec, context) };
}

/** Namespace that holds the in-cluster copy of the journal: the target's first, the same for every run against it. */
export function journalNamespace(target: Target): string {
  return target.namespaces[0] ?? 'default';
}

async function checkPermissions(target: Target, faults: readonly PlannedFault[]): Promise<PermissionCheck[]> {
  const namespace = journalNamespace(target);
  const wanted = new Map<string, { open: OpenCluster; permission: Permission }>();
  for (const { open, plan } of faults) {
    const journal = (['get', 'list', 'create', 'patch', 'delete'] as const).map((verb) => ({
      ...KINDS.configMap,
      verb,
      namespace,
    }));
    for (const permission of [...plan.permissions, ...journal]) {
      wanted.set(`${plan.cluster} ${permission.verb} ${permission.kind} ${permission.namespace}`, { open, permission });
    }
  }
  return Promise.all(
    [...wanted.values()].map(async ({ open, permission }) => ({
      ...permission,
      cluster: open.cluster.name,
      allowed: await open.cluster.can(permission.verb, permission, permission.namespace),
    })),
  );
}

/** Throws PERMISSION_DENIED with everything that is missing. */
export function requirePermissions(run: PlannedRun): void {
  const missing = run.permissions.filter((check) => !check.allowed);
  if (missing.length === 0) return;
  const list = missing.map((check) => `${check.verb} ${check.kind} in ${check.cluster}/${check.namespace}`);
  throw new FaultlineError('PERMISSION_DENIED', `the API does not allow: ${list.join('; ')}`, {
    hint: 'Grant these verbs before the run: an undo that is not allowed would leave the fault behind.',
  });
}
