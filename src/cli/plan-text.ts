import { OBJECTIVES } from '../analysis/objectives/index.ts';
import { ENGINE_KINDS } from '../load/engines.ts';
import { abortText, requirementText } from '../model/abort.ts';
import { abortConditions } from '../model/abort-defaults.ts';
import { AUTO } from '../model/engine.ts';
import type { AffectedPod } from '../model/history.ts';
import { placeText } from '../model/place.ts';
import { rateText } from '../model/rates.ts';
import { spokenText, uncheckedText } from '../model/target.ts';
import { formatDuration } from '../model/units.ts';
import { visibleLine } from '../model/visible.ts';
import { deadManOf, isForDeadMan } from '../run/dead-man/needs.ts';
import { freezeCommand, thawCommand } from '../run/lock-objects.ts';
import type { PlannedFault, PlannedRun } from '../run/planned-run.ts';
import { needText, type Paths, pathsOf, type SampleNeed, sampleNeeds } from '../scenario/index.ts';
import { describeDeadMen } from './dead-man-text.ts';
import { describePermissions } from './permission-text.ts';
import { describePrediction } from './prediction-text.ts';
import { describeRequests } from './request-text.ts';

/** A plan as people read it before they say yes; `lint` are the lines about the mesh, where it was looked at. */
export function describePlan(run: PlannedRun, lint: readonly string[] = []): string {
  const { scenario, topology } = run;
  const { baselineMs, holdMs, recoverMs } = scenario.phases;
  const clusters = topology.clusters.map(
    (cluster) =>
      `  ${cluster.name}  ${cluster.server}  ${cluster.region}  ${versionsText(run, cluster)}  kube-system ${cluster.uid}`,
  );
  const paths = topology.paths.map(
    (path) => `  ${path.id}  ${path.protocol}://${path.host}:${path.port}${spokenText(path)}`,
  );
  const unchecked = uncheckedText(topology.paths);
  const phases = `baseline ${formatDuration(baselineMs)}, hold ${formatDuration(holdMs)}, recover ${formatDuration(recoverMs)}`;
  const lines = [
    '',
    'Clusters',
    ...clusters,
    `Load: ${rateText(scenario.load)} on each of ${paths.length} paths; ${phases}`,
    ...describeRequests(scenario.load),
    ...paths,
    ...(unchecked === undefined ? [] : [`  WARNING ${unchecked}`]),
    ...describeSender(run),
    ...describeSamples(sampleNeeds(scenario, OBJECTIVES, plannedPaths(run)), ''),
    '',
    'Faults, in this order',
    ...run.faults.flatMap((fault) => describeFault(fault, run)),
    ...describeOrder(run),
    '',
    ...describePrediction(run.prediction),
    ...lint,
    '',
    ...describeAbort(run),
    ...describeGuards(run.guards),
    ...describeLeases(run),
    ...describeDeadMen(run),
    ...describePermissions(run.permissions),
    'Nothing was changed.',
  ];
  // What the clusters say stands in these, and is no line of its own.
  return [
    `Scenario ${scenario.name} on target ${run.target.name}`,
    `  ${scenario.hypothesis}`,
    ...lines.map(visibleLine),
  ].join('\n');
}

function versionsText({ mesh }: PlannedRun, { name, version }: PlannedRun['topology']['clusters'][number]): string {
  const istio = mesh.get(name);
  return istio === undefined ? version : `${version} with Istio ${istio}`;
}

/** The paths of a run whose target is known. */
export function plannedPaths({ topology }: PlannedRun): Paths {
  return pathsOf(topology.paths);
}

/** What must hold before, and what ends the run early, with its values; two of them always hold. */
function describeAbort({ scenario }: PlannedRun): string[] {
  const lines = abortConditions(scenario).map((one) => `  ${abortText(one)}`);
  const required = (scenario.require ?? []).map((one) => `  ${requirementText(one)}`);
  return [
    ...(required.length === 0 ? [] : ['Required before the first fault, of Prometheus', ...required, '']),
    'Abort conditions: the run ends, and is undone, when',
    ...lines,
    '',
  ];
}

/** What every guard says, and what to do where it refuses. */
function describeGuards(guards: PlannedRun['guards']): string[] {
  const lines = guards.flatMap(({ guard, holds, detail, hint }) => [
    `  ${guard}: ${holds ? detail : `REFUSED, ${detail}`}`,
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ]);
  return ['Guards', ...lines, ''];
}

/** Whether the load can show each share that the scenario asks for. */
export function describeSamples(needs: readonly SampleNeed[], where: string): string[] {
  const lines = needs.map((need) => `  ${needText(need)}${need.available < need.needed ? ': TOO FEW' : ''}`);
  return [`Samples${where}`, ...lines];
}

/** Which leases the run takes before anything else, and what stands in its way. */
function describeLeases({ leases, clusters }: PlannedRun): string[] {
  const lines = leases.flatMap(({ cluster, namespace, name, held, frozen }) => {
    const where = clusters.get(cluster)?.cluster ?? {};
    const thaw = frozen === undefined ? '' : `FROZEN, a run is refused: ${frozen} (${thawCommand(namespace, where)})`;
    return [
      `  ${cluster}: Lease ${namespace}/${name}: ${held ?? 'free'}`,
      ...(thaw === '' ? [] : [`  ${cluster}: ${thaw}`]),
      `    to stop drills there: ${freezeCommand(namespace, where)}`,
    ];
  });
  return ['Leases, held to the end of the run', ...lines, ''];
}

/** What sends, where that is not faultline itself. */
function describeSender({ scenario, target }: PlannedRun): readonly string[] {
  const { engine } = scenario.load;
  if (engine !== AUTO) return ENGINE_KINDS.find(({ name }) => name === engine)?.describe(scenario.load, target) ?? [];
  const candidates = ENGINE_KINDS.filter(({ carries }) => carries !== undefined).map(({ name }) => name);
  return [`  sent by ${candidates.join(' or ')}`];
}

const BY_DEAD_MAN = 'The dead-man in the cluster puts it back when the lease was silent for a minute. Without it: ';

function describeFault(fault: PlannedFault, run: PlannedRun): string[] {
  const { plan, spec } = fault;
  const hasDeadMan = deadManOf(run) !== undefined && isForDeadMan(fault);
  const after = spec.afterMs > 0 ? ` after ${formatDuration(spec.afterMs)}` : '';
  return [
    `  ${plan.fault} (${plan.kind}, cluster ${plan.cluster}${after}): ${plan.summary}`,
    ...plan.objects.map(
      (object) =>
        `    touches ${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}: ${object.change}`,
    ),
    ...plan.affected.map(
      (pod) => `    hits pod ${pod.namespace}/${pod.pod}  ${pod.ip}  ${pod.zone}${elsewhereText(pod, plan)}`,
    ),
    ...plan.warnings.map((warning) => `    note: ${warning}`),
    `    if the runner dies: ${hasDeadMan ? BY_DEAD_MAN : ''}${plan.deadMan}`,
  ];
}

function elsewhereText({ cluster }: AffectedPod, plan: PlannedFault['plan']): string {
  return cluster === plan.cluster ? '' : `  cluster ${cluster}`;
}

function describeOrder({ scenario }: PlannedRun): string[] {
  return scenario.expect.failoverOrder.map(({ service, from, order }) => {
    const steps = order.map((step) => placeText(step.place)).join(', then ');
    return `Expected order: callers of ${service} in ${placeText(from)} move to ${steps}`;
  });
}
