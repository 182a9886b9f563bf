import type { Check } from '../../model/engine.ts';
import { messageOf } from '../../model/errors.ts';
import { GRANT } from '../../model/grant-words.ts';
import { inContext } from '../../model/kubectl.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import type { Cluster } from '../../model/ports.ts';
import { SCAN_COMMAND } from '../../model/recover-command.ts';
import type { GatewayPods, ObservedScope, Target } from '../../model/target.ts';
import { callersIn } from '../../observe/callers.ts';
import { findLeftovers } from '../../run/leftovers.ts';
import { checkCluster, permissionText } from '../../run/permissions.ts';
import type { Purpose } from '../../run/planned-run.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import { listPods, zonesOfNodes } from '../../workload/pods.ts';

const FIX: Readonly<Record<Purpose, string>> = {
  run: `A run would be refused. ${GRANT}`,
  scan: `recover --scan could not say that nothing is left. ${GRANT}`,
  observe: `A run would see less. ${GRANT}`,
  predict: `What a run will meet could not be predicted. ${GRANT}`,
};

/** Whether a cluster allows what every run needs, with or without a fault in it, what `recover --scan` and what the observers need. */
export async function checkPermissions(open: OpenCluster, target: Target): Promise<Check[]> {
  const name = `cluster ${open.cluster.name}`;
  const checks = await checkCluster(open, target, []);
  const check = (purpose: Purpose, what: string, granted: string, fix: string): Check => {
    const missing = checks.filter((one) => one.purpose === purpose && !one.allowed);
    if (missing.length === 0) return { what, ok: true, detail: granted };
    return { what, ok: false, detail: `not allowed: ${missing.map(permissionText).join('; ')}`, fix };
  };
  return [
    check('run', `${name} permissions`, 'every run may do what it needs beside its faults', FIX.run),
    check('scan', `${name} recovery`, 'recover --scan may look for all that a run may leave', FIX.scan),
    check('observe', `${name} observing`, 'all that is observed may be read', FIX.observe),
    check('predict', `${name} predicting`, 'all that a prediction reads may be read', FIX.predict),
  ];
}

/**
 * Whether an earlier run has left something in a cluster, a swapped template that somebody has brought back from its history
 * included. Where it cannot be looked for, the permissions say so.
 */
export async function checkLeft(cluster: Cluster, target: Target): Promise<Check[]> {
  const what = `cluster ${cluster.name} left by runs`;
  const left = await findLeftovers(cluster, target).catch(() => undefined);
  if (left === undefined) return [];
  if (left.length === 0) return [{ what, ok: true, detail: 'nothing carries a mark of a run' }];
  const marked = left.filter(({ isHistory }) => isHistory !== true);
  const named = marked.map(({ ref, runId }) => `${ref} (run ${runId})`).join(', ');
  const fix = `Unless that run is going on: ${SCAN_COMMAND}`;
  const history = left.filter(({ isHistory }) => isHistory === true);
  return [
    ...(marked.length === 0 ? [] : [{ what, ok: false, detail: named, fix }]),
    ...history.map(({ ref, runId, command }) => {
      const detail = `${ref} carries what run ${runId} has left behind, and nothing of that run is on`;
      return { what, ok: false, detail, fix: command };
    }),
  ];
}

/** The zones of a cluster's nodes, and of the pods that are observed: they may say another themselves. */
export async function zonesIn(cluster: Cluster, { namespaces, gateways = [] }: ObservedScope): Promise<Set<string>> {
  const ofNodes = await zonesOfNodes(cluster);
  const places = [
    ...namespaces.map((namespace) => ({ namespace, labels: undefined })),
    ...gateways.map(({ namespace, selector }) => ({ namespace, labels: selectorText(selector) })),
  ];
  const pods = await Promise.all(places.map(({ namespace, labels }) => listPods(cluster, namespace, labels, ofNodes)));
  return new Set([...ofNodes.values(), ...pods.flat().map(({ zone }) => zone)]);
}

/** Whether `spec.observe` of the targets file finds something to observe in a cluster. */
export async function checkObserved(cluster: Cluster, scope: ObservedScope): Promise<Check[]> {
  const what = `cluster ${cluster.name} observe`;
  try {
    const namespaces = scope.namespaces.map((namespace) => checkNamespace(cluster, namespace, what));
    const gateways = (scope.gateways ?? []).map((gateway) => checkGatewayPods(cluster, gateway, what));
    const found = await Promise.all([...namespaces, ...gateways]);
    return scope.gateways === undefined ? [...found, undeclared(what)] : found;
  } catch (error) {
    return [{ what, ok: false, detail: messageOf(error) }];
  }
}

async function checkNamespace(cluster: Cluster, namespace: string, what: string): Promise<Check> {
  const slices = await cluster.list(KINDS.endpointSlice, { namespace });
  if (slices.length > 0) return { what, ok: true, detail: `${slices.length} EndpointSlices in ${namespace}` };
  const look = inContext(`kubectl get namespace ${namespace}`, cluster);
  const fix = `${look}, and spec.observe.namespaces (or spec.namespaces) of the targets file`;
  return { what, ok: false, detail: `no EndpointSlice in ${namespace}: there is nothing to observe`, fix };
}

async function checkGatewayPods(cluster: Cluster, { namespace, selector }: GatewayPods, what: string): Promise<Check> {
  const labelSelector = selectorText(selector);
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector });
  const { known } = callersIn([{ what: '', pods, gateway: true }], () => '');
  const where = `gateway pods with ${labelSelector} in ${namespace}`;
  if (known.length > 0) return { what, ok: true, detail: `${known.length} ready ${where}` };
  const look = inContext(`kubectl -n ${namespace} get pods -l ${labelSelector}`, cluster);
  const fix = `${look}, and spec.observe.gateways of the targets file`;
  return { what, ok: false, detail: `no ready ${where}`, fix };
}

function undeclared(what: string): Check {
  const detail = 'the gateways are not declared: some callers are not known, and `ejections.atMost` is never proven';
  return { what, ok: false, optional: true, detail, fix: 'Name them under spec.observe.gateways of the targets file.' };
}
