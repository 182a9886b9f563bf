import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { mapping, text, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import { cluster } from '../block.ts';
import { defineFault, type FaultRequest, type PlanDraft } from '../define.ts';
import { inject } from '../scale/inject.ts';
import { planScaling } from '../scale/plan.ts';
import { prove } from '../scale/prove.ts';
import { ZERO_MARKS, ZERO_PERMISSIONS } from '../scale/several.ts';
import { undo } from '../scale/undo.ts';
import { isScaleData, type ScaleData } from '../scale/workload.ts';

const schema = mapping("Takes the mesh's control plane of a cluster away: istiod is scaled to zero.", {
  required: { cluster },
  optional: {
    namespace: withDefault(text('Namespace of istiod.'), 'istio-system'),
    deployment: withDefault(text('Name of its Deployment; with a revision it is `istiod-REVISION`.'), 'istiod'),
  },
});

type ControlPlaneBlock = Decoded<typeof schema>;

/** Scales istiod to zero, by the means of `scale`. */
export const controlPlaneDown = defineFault({
  kind: 'controlPlaneDown',
  doc:
    'Scales istiod to zero. Proxies keep what they have: routes, endpoints and ejections go on, and so does failover by ' +
    'ejection. What stops is everything new: no endpoint comes or goes for them, new pods get no configuration and stay not ' +
    'ready, sidecars are not injected, and certificates are not renewed (24 h). So requests are to show nothing, and no request ' +
    'passes istiod: that the fault is on is what the cluster shows. Together with another fault it says whether failover ' +
    'needs the control plane. A managed control plane has no such Deployment, and the plan is refused; so it is on the sandbox but for its topology `remote-control-plane`.',
  row: {
    does: 'scales istiod to zero: proxies go on with what they have, and hear of nothing new',
    undo: 'puts the recorded count back if it still holds what faultline wrote',
    deadMan: 'the dead-man of the targets file puts it back; without one it stays until `faultline recover`',
  },
  schema,
  example: { cluster: 'tokyo', namespace: 'istio-system', deployment: 'istiod' },
  permissions: ZERO_PERMISSIONS,
  marks: ZERO_MARKS,
  move: ({ cluster }) => ({ kind: 'deaf', cluster }),
  isData: isScaleData,
  plan,
  inject,
  prove,
  undo,
});

async function plan({ block }: FaultRequest<ControlPlaneBlock>, context: FaultContext): Promise<PlanDraft<ScaleData>> {
  const { namespace, deployment: name } = block;
  const { cluster, served = [] } = context;
  if (cluster.configuredBy !== undefined) {
    const what = `cluster ${cluster.name} has no istiod of its own: its proxies are served by that of ${cluster.configuredBy}`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint: `Write cluster: ${cluster.configuredBy}.` });
  }
  const others = served.map(({ name: one }) => one).join(' and ');
  const draft = await planScaling({ workload: 'Deployment', namespace, name }, 0, context);
  return {
    ...draft,
    signature: 'aside',
    // No request passes istiod.
    tolls: [],
    warnings: [
      ...draft.warnings,
      ...(served.length === 0
        ? []
        : [`This istiod also serves the proxies of ${others}: what is said here holds there, too.`]),
      'While it is on, a pod that starts gets no sidecar or no configuration: rollouts and restarts anywhere in the cluster stand still.',
      'Proxies hear of no change: a pod that goes is called until it is ejected, and other faults on endpoints show that.',
    ],
  };
}
