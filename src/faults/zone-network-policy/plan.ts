import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, RUN_LABEL } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, type Pod } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { requireExpiry } from '../owned/expiry.ts';
import { createdObjects, ownedDeadMan } from '../owned/plan.ts';
import type { PolicyBlock } from './block.ts';
import { objectName, type PolicyData } from './objects.ts';
import { askLabels, refuseOther, zonePods } from './pods.ts';

/** Looks which pods are in the zone, and names what will be created and labelled. */
export async function plan(
  { name, block }: FaultRequest<PolicyBlock>,
  context: FaultContext,
): Promise<PlanDraft<PolicyData>> {
  const { cluster, runId } = context;
  const { zone, namespaces, selector, expiry } = block;
  const data: PolicyData = {
    zone,
    namespaces,
    selector: selector === undefined ? null : selectorText(selector),
    expirySeconds: Math.ceil(expiry / 1000),
  };
  const pods = await zonePods(data, context);
  if (pods.length === 0) {
    const what = `cluster ${cluster.name}: zoneNetworkPolicy ${name} matches no pod in zone ${zone}`;
    const hint =
      'Zones come from the pod label istio-locality, else the node label topology.kubernetes.io/zone: kubectl get nodes -L topology.kubernetes.io/zone';
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  for (const pod of pods) refuseOther(cluster.name, pod, pod.labels[RUN_LABEL], runId);
  await askLabels(cluster, pods, { runId, fault: name });
  const { expirySeconds } = data;
  await Promise.all(
    namespaces.map((namespace) => requireExpiry(cluster, { runId, fault: name }, { namespace, expirySeconds })),
  );
  return {
    summary: `deny new connections of ${pods.length} pods in zone ${zone} (${namespaces.join(', ')})`,
    signature: 'stops-serving',
    affected: affectedBy(cluster, pods),
    tolls: ALL_AFFECTED,
    namespaces,
    cutsOff: [zone],
    objects: [
      ...createdObjects(
        cluster.name,
        namespaces.flatMap((namespace) => created(namespace, objectName({ runId, fault: name }))),
      ),
      ...pods.map((pod) => labelled(cluster.name, pod)),
    ],
    warnings: [
      'Open connections may go on, and new ones may be refused in place of dropped: Kubernetes leaves both to the plug-in.',
      'The network plug-in must enforce NetworkPolicy (Terway, Calico and Cilium do, Flannel does not).',
      'Kubelet probes usually still reach the pods, so they stay Ready: traffic moves by ejection, not by endpoint removal.',
    ],
    expiresMs: data.expirySeconds * 1000,
    deadMan: `${ownedDeadMan('NetworkPolicy', data.expirySeconds)} The label that then is left on the pods does nothing.`,
    data,
  };
}

function created(namespace: string, name: string) {
  return [KINDS.job, KINDS.networkPolicy].map((kind) => ({ ...kind, namespace, name }));
}

function labelled(cluster: string, pod: Pod): TouchedObject {
  const change = `label ${RUN_LABEL}`;
  const { namespace, name } = pod;
  return { cluster, kind: 'Pod', namespace, name, change, before: 'absent', during: 'present', state: 'unknown' };
}
