import type { Check } from '../../model/engine.ts';
import { messageOf } from '../../model/errors.ts';
import { KINDS } from '../../model/kubernetes.ts';
import type { Cluster } from '../../model/ports.ts';
import { CONTROL_PLANE, CONTROL_PLANE_NAMESPACE, CONTROLLED_BY } from '../../workload/control-plane.ts';

/**
 * Which cluster configures the proxies of one. It can only be hinted at: a managed control plane is nowhere to be seen. Only
 * runs with faults by an istiod hang on it, which a guard asks.
 */
export async function checkControlPlane(cluster: Cluster, clusters: number): Promise<Check> {
  const { name, configuredBy } = cluster;
  const what = `cluster ${name} control plane`;
  try {
    const pods = await cluster.list(KINDS.pod, CONTROL_PLANE);
    const seen = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
    if (configuredBy !== undefined)
      return seen === '' ? servedBy(configuredBy, what) : twofold(configuredBy, what, seen);
    if (seen !== '') return { what, ok: true, detail: `istiod of its own (${seen})` };
    const system = await cluster.get(CONTROL_PLANE_NAMESPACE);
    return unseen(what, clusters, system?.metadata.annotations?.[CONTROLLED_BY]);
  } catch (error) {
    return { what, ok: false, optional: true, detail: messageOf(error) };
  }
}

function servedBy(by: string, what: string): Check {
  return {
    what,
    ok: true,
    detail: `the istiod of ${by} serves its proxies: mesh configuration is read there, and not here`,
  };
}

function twofold(by: string, what: string, seen: string): Check {
  const detail = `configuredBy says that the istiod of ${by} serves its proxies, and there is one here (${seen})`;
  const fix = 'If it serves them: take configuredBy out of the targets file.';
  return { what, ok: false, optional: true, detail, fix };
}

/** One cluster alone has nobody else to be configured by. */
function unseen(what: string, clusters: number, allowed: string | undefined): Check {
  const detail = 'no istiod is seen, as of a managed control plane; mesh configuration is read here';
  if (clusters < 2) return { what, ok: true, detail };
  const fix =
    'If the istiod of another cluster of the target serves its proxies, write in the targets file which: configuredBy.';
  if (allowed === undefined) return { what, ok: true, detail, fix };
  const said = `namespace ${CONTROL_PLANE_NAMESPACE.name} is annotated ${CONTROLLED_BY}: ${allowed}`;
  return { what, ok: false, optional: true, detail: `${detail}, although ${said}`, fix };
}
