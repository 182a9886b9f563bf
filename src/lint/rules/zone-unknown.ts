import { REGION_LABEL, ZONE_LABEL } from '../../model/kubernetes.ts';
import type { LivePod } from '../../predict/live-system.ts';
import type { Found, LintRule } from '../finding.ts';
import type { LintSystem } from '../system.ts';

/** Istio: controller.go getPodLocality, ads.go setTopologyLabels; empty equals empty in util.LbPriority. */
export const zoneUnknown: LintRule = {
  id: 'zone-unknown',
  severity: 'error',
  title: 'a caller or an endpoint without region or zone',
  why: 'Istio takes a locality from the pod (topology.istio.io/locality, istio-locality) or from its node (topology.kubernetes.io/region and /zone). What is missing is empty, and empty equals only empty: a caller without a zone has no zone of its own to stay in or to leave (Istio `controller.go` getPodLocality, `util.go` LbPriority).',
  change:
    'Label the nodes with topology.kubernetes.io/region and topology.kubernetes.io/zone, or the pods with istio-locality.',
  ofChoice: true,
  check: (system) => {
    const lost = concerned(system).filter(({ locality }) => locality.region === '' || locality.zone === '');
    return [...Map.groupBy(lost, ({ cluster }) => cluster)].map(([cluster, pods]) => foundIn(cluster, pods));
  },
};

/** Pods that call or are called, as far as that is more than possible. */
function concerned({ calls }: LintSystem): LivePod[] {
  const sure = calls.filter(({ sureness }) => sureness !== 'possible');
  return [...new Set(sure.flatMap(({ caller, endpoints }) => [...caller.pods, ...endpoints]))];
}

function foundIn(cluster: string, pods: readonly LivePod[]): Found {
  const [first] = pods;
  const names = pods.map(({ namespace, name }) => `${namespace}/${name}`).sort();
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const zoneless = pods.some(({ locality }) => locality.zone === '');
  return {
    object: { cluster, kind: 'Pod', namespace: first?.namespace ?? '', name: first?.name ?? '' },
    field: `metadata.labels, and ${zoneless ? ZONE_LABEL : REGION_LABEL} of its Node`,
    what: `No ${zoneless ? 'zone' : 'region'} is known of ${names.slice(0, 3).join(', ')}${more}: neither pod nor node says it.`,
    change: `kubectl label node <node> ${REGION_LABEL}=<region> ${ZONE_LABEL}=<zone>, and restart the pods: proxies learn it when they connect.`,
  };
}
