import { object, strings, text } from '../config-read.ts';
import { sidecarScope } from '../sidecar-scope.ts';
import { reaches } from '../visibility.ts';
import type { MeshProxy } from './clusters.ts';
import type { Configuration } from './configuration.ts';
import type { ServicePort } from './service-port.ts';

/**
 * What a port of a Service is to a proxy: one of the mesh; a stranger, calls to which it lets pass, so that kube-proxy chooses;
 * or lost, where it does not.
 */
type Acquaintance = 'service' | 'stranger' | 'lost';

/** What each port of a Service is to a proxy, by the Sidecar that holds for it and by what Services are exported to. */
export function scopeOf(
  {
    namespace,
    kind,
    client,
  }: Pick<MeshProxy, 'namespace' | 'kind'> & {
    readonly client: Pick<MeshProxy['client'], 'labels'>;
  },
  { sidecars, rootNamespace, mesh }: Pick<Configuration, 'sidecars' | 'rootNamespace' | 'mesh'>,
): (port: ServicePort) => Acquaintance {
  const scope = sidecarScope({
    sidecars: kind === 'gateway' ? [] : sidecars,
    rootNamespace,
    caller: { namespace, labels: client.labels },
    mode: text(object(mesh.outboundTrafficPolicy).mode) || undefined,
  });
  const fallback = strings(mesh.defaultServiceExportTo);
  return (port) => {
    const to = port.exportTo.length > 0 ? port.exportTo : fallback;
    if (reaches(to, port.namespace, namespace) && scope.sees(port)) return 'service';
    return scope.passesStrangers ? 'stranger' : 'lost';
  };
}
