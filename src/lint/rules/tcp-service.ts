import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { portOf } from '../service-object.ts';
import { severityOf } from '../severity.ts';

/** Istio: protocol selection by port name and appProtocol; Envoy: tcp_proxy reports connections to outlier detection, not answers. */
export const tcpService: LintRule = {
  id: 'tcp-service',
  severity: 'warning',
  title: 'a called port is one of TCP',
  why: 'Envoy passes bytes on: whom a connection reaches is settled when it opens, only failed connections count for outlier detection, and open ones stay where they are (Envoy tcp_proxy; Istio protocol selection by port name).',
  change: 'Name the port http or grpc (or set appProtocol), if it speaks that.',
  check: ({ calls }) =>
    grouped(calls.filter((call) => portOf(call)?.tcp)).map((group) => {
      const [{ caller, service, portName }] = group;
      const [namespace = '', name = ''] = service.split('/');
      return {
        object: { cluster: caller.live.name, kind: 'Service', namespace, name },
        field: `spec.ports[${portName}]`,
        what: `Port ${portName} of ${service} is one of bytes: calls of ${whoText(group)} on open connections do not fail over.`,
        change: 'Name the port by its protocol, or let clients close and reopen their connections.',
        severity: severityOf(group) === 'info' ? 'info' : 'warning',
      };
    }),
};
