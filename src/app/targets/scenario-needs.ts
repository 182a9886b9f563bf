import { dirname, resolve } from 'node:path';
import { faultKind } from '../../faults/index.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Target } from '../../model/target.ts';
import { DEFAULT_TOPOLOGY, type NamedTopology, TOPOLOGY_ANNOTATION, topologyNamed } from '../../topologies/index.ts';

/**
 * Annotation that names manifests which a scenario wants in the sandbox or the lab while it runs, separated by spaces: a
 * path beside the scenario, or `cluster=path` for one cluster only. Elsewhere it says nothing: real clusters are as they are.
 */
const APPLY = 'sandbox.faultline.dev/apply';

/** The topology that a scenario is for. Throws a FaultlineError when there is none of that name. */
export function topologyOf({ annotations }: Pick<Scenario, 'annotations'>): NamedTopology {
  const name = annotations[TOPOLOGY_ANNOTATION];
  return name === undefined ? DEFAULT_TOPOLOGY : topologyNamed(name.trim());
}

/**
 * Throws TARGET_MISMATCH where a scenario is for one topology, and its targets file is of a sandbox with another: what it shows is
 * not of the one that it is for. A file that says nothing is of clusters of somebody's own, which are as they are.
 */
export function checkTopology(
  scenario: Pick<Scenario, 'annotations'>,
  { annotations = {} }: Pick<Target, 'annotations'>,
): void {
  const [asked, there] = [scenario.annotations, annotations].map((all) => all[TOPOLOGY_ANNOTATION]?.trim());
  if (asked === undefined || there === undefined || asked === there) return;
  const what = `the scenario is for the topology ${asked}; the sandbox of the targets file has ${there}`;
  throw new FaultlineError('TARGET_MISMATCH', what, { hint: `faultline sandbox up --topology ${asked}` });
}

/** The manifests of a scenario, with absolute paths. */
export function manifestsOf(scenario: Scenario): { path: string; cluster?: string }[] {
  const entries = (scenario.annotations[APPLY] ?? '').split(/\s+/).filter((entry) => entry !== '');
  return entries.map((entry) => {
    const at = entry.indexOf('=');
    const path = resolve(dirname(scenario.source.file), entry.slice(at + 1));
    return at < 0 ? { path } : { path, cluster: entry.slice(0, at) };
  });
}

/** Where a target that is faultline's own has its gateways. */
const GATEWAYS = 'istio-system';

/** The namespaces that its faults name, or mean by the gateways: a target that is faultline's own allows them. */
export function namespacesOf({ faults }: Scenario): string[] {
  const named = faults.flatMap(({ spec, kind }) => [
    ...[spec.namespace, spec.namespaces].flat(),
    ...(faultKind(kind).isAtGateways ? [GATEWAYS] : []),
  ]);
  return [...new Set(named.filter((name) => typeof name === 'string'))];
}
