import { dirname, resolve } from 'node:path';
import { faultKind } from '../../faults/index.ts';
import type { Scenario } from '../../model/scenario.ts';
import { DEFAULT_TOPOLOGY, type NamedTopology, topologyNamed } from '../../topologies/index.ts';

/**
 * Annotation that names manifests which a scenario wants in the sandbox or the lab while it runs, separated by spaces: a
 * path beside the scenario, or `cluster=path` for one cluster only. Elsewhere it says nothing: real clusters are as they are.
 */
const APPLY = 'sandbox.faultline.dev/apply';

/** Annotation that names the topology which a scenario wants in the sandbox or the lab. */
const TOPOLOGY = 'sandbox.faultline.dev/topology';

/** The topology that a scenario is for. Throws a FaultlineError when there is none of that name. */
export function topologyOf({ annotations }: Pick<Scenario, 'annotations'>): NamedTopology {
  const name = annotations[TOPOLOGY];
  return name === undefined ? DEFAULT_TOPOLOGY : topologyNamed(name.trim());
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
