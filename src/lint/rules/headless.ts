import { object } from '../../mesh/config-read.ts';
import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { serviceOf } from '../service-object.ts';
import { severityOf } from '../severity.ts';

/** Istio: headless Services become ORIGINAL_DST clusters; measured on the lab: one zone for each client, by its DNS answer. */
export const headless: LintRule = {
  id: 'headless-service',
  severity: 'error',
  title: 'a called Service is headless',
  why: 'Istio makes an ORIGINAL_DST cluster of a Service with clusterIP None: the client’s DNS answer chooses the pod, and neither locality nor outlier detection has a say (Istio `conversion.go` convertResolution, Envoy original_dst).',
  change: 'Call a Service with a cluster IP.',
  check: ({ calls }) =>
    grouped(calls.filter((call) => object(serviceOf(call)?.spec).clusterIP === 'None')).map((group) => {
      const [{ caller, service }] = group;
      const [namespace = '', name = ''] = service.split('/');
      return {
        object: { cluster: caller.live.name, kind: 'Service', namespace, name },
        field: 'spec.clusterIP',
        what: `${service} is headless: DNS chooses whom ${whoText(group)} call, and no proxy moves a call away.`,
        change: 'Give the Service a cluster IP, or callers a second Service that has one.',
        severity: severityOf(group),
      };
    }),
};
