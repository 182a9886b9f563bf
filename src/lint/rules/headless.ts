import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { isChosenByDns } from '../service-object.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';

/** Label of every pod of a StatefulSet (Kubernetes, StatefulSet: pod name label). */
const STATEFUL_POD = 'statefulset.kubernetes.io/pod-name';

/** Istio: headless Services become ORIGINAL_DST clusters; measured on the lab: one zone for each client, by its DNS answer. */
export const headless: LintRule = {
  id: 'headless-service',
  severity: 'error',
  title: 'a called Service is headless',
  why: 'Istio makes an ORIGINAL_DST cluster of a Service with clusterIP None: the client’s DNS answer chooses the pod, and neither locality nor outlier detection has a say (Istio `conversion.go` convertResolution, Envoy original_dst).',
  change: 'Call a Service with a cluster IP.',
  check: ({ calls }) =>
    grouped(calls.filter((call) => isChosenByDns(call) && !hasOtherWay(call))).map((group) => {
      const [{ caller, service, endpoints }] = group;
      const governs = endpoints.some(({ labels }) => labels[STATEFUL_POD] !== undefined);
      const [namespace = '', name = ''] = service.split('/');
      return {
        object: { cluster: caller.live.name, kind: 'Service', namespace, name },
        field: 'spec.clusterIP',
        what: `${service} is headless: DNS chooses whom ${whoText(group)} call, and no proxy moves a call away.`,
        change: governs
          ? 'Leave it to the StatefulSet, whose serviceName it may be, and give callers a second Service of the same selector with a cluster IP.'
          : 'Give the Service a cluster IP, or callers a second Service that has one.',
        severity: severityOf(group),
      };
    }),
};

/** Whether a call that may be made need not be: another Service has the same pods, and the headless one gives them names. */
function hasOtherWay({ sureness, caller, service, endpoints }: Call): boolean {
  if (sureness !== 'possible' || endpoints.length === 0) return false;
  return caller.live.services.some(({ metadata: { namespace, name } }) => {
    const other = `${namespace}/${name}`;
    if (other === service || isChosenByDns({ caller, service: other })) return false;
    return endpoints.every(({ services }) => services.some((one) => one.service === other));
  });
}
