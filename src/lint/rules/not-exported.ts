import { object, strings, text } from '../../mesh/config-read.ts';
import { MESH_CONFIG } from '../../mesh/istiod/configuration.ts';
import { EXPORT_TO } from '../../mesh/istiod/service-port.ts';
import { reaches } from '../../mesh/visibility.ts';
import type { Found, LintRule } from '../finding.ts';
import { hiddenCalls } from '../hidden.ts';
import { portOf } from '../service-object.ts';
import type { Call } from '../system.ts';

/** Istio: push_context.go IsServiceVisible; gateways have no way past the mesh, sidecars pass on what they do not know (ALLOW_ANY). */
export const notExported: LintRule = {
  id: 'service-not-exported',
  severity: 'error',
  title: 'a called Service is not exported to the namespace of its callers',
  why: 'What the annotation networking.istio.io/exportTo of a Service, or defaultServiceExportTo of MeshConfig, does not name is no Service of the mesh for callers of that namespace: a gateway has no cluster for its route and answers 503, a sidecar passes the call on to kube-proxy (ALLOW_ANY) or loses it (REGISTRY_ONLY), and there is neither locality nor ejection (Istio `push_context.go` IsServiceVisible).',
  change: 'Export the Service to the namespaces that call it.',
  check: ({ calls }) =>
    hiddenCalls(calls, isExported).map(({ call, text, severity }) => ({ ...finding(call, text), severity })),
};

function isExported(call: Call): boolean {
  const [namespace = ''] = call.service.split('/');
  return reaches(exportOf(call).to, namespace, call.caller.namespace);
}

/** To whom the called Service is exported, and whether its own annotation says so. */
function exportOf(call: Call): { readonly to: readonly string[]; readonly isOwn: boolean } {
  const own = portOf(call)?.exportTo ?? [];
  return own.length > 0
    ? { to: own, isOwn: true }
    : { to: strings(call.caller.live.mesh.defaultServiceExportTo), isOwn: false };
}

function finding(call: Call, who: string): Found {
  const { to, isOwn } = exportOf(call);
  const { live, namespace: from } = call.caller;
  const [namespace = '', name = ''] = call.service.split('/');
  const by = isOwn ? 'its annotation exports it' : 'MeshConfig exports Services';
  const wanted = from === namespace ? '.' : from;
  return {
    object: isOwn
      ? { cluster: live.name, kind: 'Service', namespace, name }
      : { cluster: live.configuredBy, kind: 'ConfigMap', namespace: MESH_CONFIG.namespace, name: MESH_CONFIG.name },
    field: isOwn ? `metadata.annotations["${EXPORT_TO}"]` : 'data.mesh.defaultServiceExportTo',
    what: `${who}, since ${by} to ${to.map((one) => JSON.stringify(one)).join(', ')} only: ${consequence(call)}.`,
    change: isOwn
      ? `Add ${wanted} to ${EXPORT_TO}, or take the annotation away.`
      : `Add ${wanted} here, or export the Service by its annotation ${EXPORT_TO}.`,
  };
}

function consequence({ caller: { gateway, live } }: Call): string {
  if (gateway) return 'their route leads to no cluster, and every request is answered with 503';
  const isClosed = text(object(live.mesh.outboundTrafficPolicy).mode) === 'REGISTRY_ONLY';
  return isClosed ? 'the calls are lost' : 'kube-proxy chooses who answers, and nobody is ejected';
}
