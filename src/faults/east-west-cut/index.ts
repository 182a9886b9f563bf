import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { hasLabels, selectorText } from '../../model/labels.ts';
import { mapping, text, withDefault } from '../../schema/builders.ts';
import type { Decoded } from '../../schema/schema.ts';
import type { Pod } from '../../workload/pods.ts';
import { cluster, labels } from '../block.ts';
import { defineFault, type FaultRequest, type PlanDraft } from '../define.ts';
import { deploymentsOf, gatewayPods } from '../gateway-down/doors.ts';
import {
  injectZero,
  isSeveralData,
  planZero,
  proveZero,
  type SeveralData,
  undoZero,
  ZERO_MARKS,
  ZERO_PERMISSIONS,
} from '../scale/several.ts';

/** As Istio's own gen-eastwest-gateway.sh labels them. */
const LABELS: Readonly<Record<string, string>> = { istio: 'eastwestgateway' };

const schema = mapping('Takes the east-west gateway of a cluster away: the way into its network is cut.', {
  required: { cluster },
  optional: {
    namespace: withDefault(text('Namespace of the gateway.'), 'istio-system'),
    selector: labels('Labels of its pods; default: `istio: eastwestgateway`.'),
  },
});

type EastWestBlock = Decoded<typeof schema>;

/** Scales the Deployments of an east-west gateway to zero, by the means of `scale`. */
export const eastWestCut = defineFault({
  kind: 'eastWestCut',
  doc:
    'Scales the east-west gateway of a cluster to zero. In a mesh of two networks the proxies of the other network know all pods of this ' +
    'one by that address alone, so that calls INTO this cluster end: failover from the other clusters to it has nowhere to ' +
    'go, and what was there already fails. Calls out of this cluster use the gateway of the other one and go on; cut both for a ' +
    'split in both directions. What stays inside a network does not notice. When the last endpoint of the gateway is gone, ' +
    'proxies still call its address: calls are refused or time out, and the address is ejected for all pods behind it at ' +
    'once. No answer tells that it passed the gateway, so the cluster is what shows that the fault is on. A mesh of one network, ' +
    'as the sandbox is unless it has the topology `two-networks`, has no such gateway, and the plan is refused.',
  row: {
    does: 'scales the east-west gateway of a cluster to zero: other networks cannot call into it',
    undo: 'puts the recorded counts back where they still are what faultline wrote',
    deadMan: 'the dead-man of the targets file puts them back; without one they stay until `faultline recover`',
  },
  schema,
  example: { cluster: 'tokyo' },
  permissions: ZERO_PERMISSIONS,
  marks: ZERO_MARKS,
  move: () => ({
    kind: 'crossings',
    why: 'pods of the way into the network go: who answers from it then hangs on what stands behind its address, which no cluster tells',
  }),
  isData: isSeveralData,
  plan,
  inject: injectZero,
  prove: proveZero,
  undo: undoZero,
});

async function plan({ block }: FaultRequest<EastWestBlock>, context: FaultContext): Promise<PlanDraft<SeveralData>> {
  const { namespace, selector = LABELS } = block;
  const pods = await gatewayPods([{ namespace, selector }], context);
  if (pods.length === 0) {
    const labelled = selectorText(selector);
    const what = `cluster ${context.cluster.name} has no east-west gateway: no pod in ${namespace} carries ${labelled}`;
    const hint =
      'A mesh whose clusters share one network has none, and zoneBlackhole cuts a zone off there. If it has one with other labels: set namespace and selector.';
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const draft = await planZero(deploymentsOf(pods, context), context);
  return {
    ...draft,
    summary: `cut the way into cluster ${context.cluster.name} from other networks: ${draft.summary}`,
    signature: 'aside',
    tolls: [...draft.tolls, { to: { kind: 'inside' }, by: { kind: 'outside' }, share: 1 }],
    warnings: [
      'Other networks cannot call into this cluster while it is on; calls out of it go on by the gateways of the others.',
      ...sharedText(pods, context),
      ...draft.warnings,
    ],
  };
}

/** One Deployment may be the way for clients and for other clusters. */
function sharedText(pods: readonly Pod[], { cluster, gateways }: FaultContext): string[] {
  const isDoor = (pod: Pod): boolean =>
    (gateways?.pods ?? []).some(
      ({ namespace, selector }) => namespace === pod.namespace && hasLabels(pod.labels, selector),
    );
  if (!pods.some(isDoor)) return [];
  return [`It is the ingress gateway of cluster ${cluster.name}, too: requests through it are lost as well.`];
}
