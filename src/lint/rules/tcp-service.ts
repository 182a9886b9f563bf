import { object, objects, text } from '../../mesh/config-read.ts';
import { isProtocolOfBytes } from '../../predict/istiod.ts';
import type { LintRule } from '../finding.ts';
import { grouped, whoText } from '../grouped.ts';
import { serviceOf } from '../service-object.ts';
import { severityOf } from '../severity.ts';
import type { Call } from '../system.ts';

/** Istio: protocol selection by port name and appProtocol; Envoy: tcp_proxy reports connections to outlier detection, not answers. */
export const tcpService: LintRule = {
  id: 'tcp-service',
  severity: 'warning',
  title: 'a called port is one of TCP',
  why: 'Envoy passes bytes on: whom a connection reaches is settled when it opens, only failed connections count for outlier detection, and open ones stay where they are (Envoy tcp_proxy; Istio protocol selection by port name).',
  change: 'Name the port http or grpc (or set appProtocol), if it speaks that.',
  check: ({ calls }) =>
    grouped(calls.filter(isOfBytes)).map((group) => {
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

function isOfBytes(call: Call): boolean {
  const ports = objects(object(serviceOf(call)?.spec).ports);
  const own = ports.find(({ port }) => port === call.port);
  return own !== undefined && isProtocolOfBytes(text(own.name), text(own.appProtocol));
}
