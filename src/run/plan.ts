import { narrowTo } from '../faults/index.ts';
import { FaultlineError } from '../model/errors.ts';
import type { FaultContext } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import type { FaultSpec } from '../model/scenario.ts';
import { meshVersions } from '../observe/mesh-version.ts';
import { predict } from '../predict/predict.ts';
import { checkGuards, checkLiveGuards, requireGuards } from './guards/index.ts';
import { guardReach } from './guards/reach.ts';
import { leaseStates } from './lease-state.ts';
import { checkPermissions } from './permissions.ts';
import type { PlannedFault, PlannedRun } from './planned-run.ts';
import { servedBy } from './served.ts';
import { warnedPlan } from './shown.ts';
import { checkStatedServices } from './stated-services.ts';
import { resolveTopology } from './topology.ts';
import type { OpenCluster, PlanInputs } from './wiring.ts';

/**
 * Decides, read only, what every fault would touch. Rejects with a FaultlineError when the run must be refused; a
 * permission that is missing is in `permissions`, and what a guard refuses in `guards`, so that `plan` can show all of them at
 * once.
 */
export async function planRun(inputs: PlanInputs): Promise<PlannedRun> {
  const { topology, faults, guards } = await planGuarded(inputs);
  const clusters = [...inputs.clusters.values()].map(({ cluster }) => cluster);
  const mesh = await meshVersions(clusters, inputs.target.observe);
  const permissions = await checkPermissions({ inputs, topology, faults });
  const leases = await leaseStates(inputs, topology);
  const { scenario, target } = inputs;
  const prediction = await predict({ scenario, target, clusters, paths: topology.paths, faults, mesh });
  return { ...inputs, topology, faults, guards, permissions, leases, mesh, prediction };
}

/** What the faults would touch, and what the guards say of it: as much of a plan as a guard needs. Rejects as `planRun` does. */
export async function planGuarded(inputs: PlanInputs): Promise<Pick<PlannedRun, 'topology' | 'faults' | 'guards'>> {
  const topology = await resolveTopology(inputs.scenario, inputs.target, inputs.clusters);
  await checkStatedServices(inputs);
  const faults: PlannedFault[] = [];
  for (const spec of inputs.scenario.faults) faults.push(await planFault(inputs, spec));
  guardReach(inputs, faults);
  return { topology, faults, guards: await checkGuards({ inputs, topology, faults }) };
}

/**
 * Asks the guards again that look at what may have changed since the plan: of its own faults, and of what they would be if
 * they were planned now, since a fault of a workload or a zone hits whatever is there. Rejects where one of them refuses, or
 * where a fault cannot be planned any more.
 */
export async function requireUnchanged(run: PlannedRun): Promise<void> {
  const { topology, faults } = run;
  const now: PlannedFault[] = [];
  for (const fault of faults) now.push(await planAs(run, fault));
  const whom = (planned: readonly PlannedFault[]) =>
    JSON.stringify(planned.map(({ plan }) => [plan.affected, plan.tolls, plan.cutsOff]));
  const asked = whom(now) === whom(faults) ? [faults] : [faults, now];
  const checks = await Promise.all(asked.map((one) => checkLiveGuards({ inputs: run, topology, faults: one })));
  requireGuards({ guards: checks.flat() });
}

async function planFault(inputs: PlanInputs, spec: FaultSpec): Promise<PlannedFault> {
  const kind = narrowTo(inputs.faultKind(spec.kind), spec.spec);
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
  return planAs(inputs, { spec, kind, open });
}

async function planAs(inputs: PlanInputs, fault: Omit<PlannedFault, 'plan'>): Promise<PlannedFault> {
  const { spec, kind, open } = fault;
  const context: FaultContext = {
    runId: inputs.runId,
    cluster: open.cluster,
    clock: inputs.clock,
    now: () => inputs.clock.now(),
    signal: new AbortController().signal,
    onAffected: () => {},
    served: servedBy(open.cluster, inputs.clusters),
    gateways: { pods: inputs.target.observe.gateways ?? [], zones: open.gateways.map(({ zone }) => zone) },
  };
  const plan = await kind.plan(spec, context).catch(inItsContext(open));
  return { spec, kind, open, plan: warnedPlan(plan, inputs.target.lockNamespace) };
}

/** What an error tells people to do is done in the cluster that it is about. */
function inItsContext({ cluster }: OpenCluster): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof FaultlineError) || error.hint === undefined) throw error;
    throw new FaultlineError(error.code, error.message, { hint: inContext(error.hint, cluster), cause: error });
  };
}
