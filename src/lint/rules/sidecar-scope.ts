import { object, text } from '../../mesh/config-read.ts';
import { ROOT_NAMESPACE } from '../../mesh/istiod/configuration.ts';
import { sidecarScope } from '../../mesh/sidecar-scope.ts';
import type { Found, LintRule } from '../finding.ts';
import { hiddenCalls } from '../hidden.ts';
import type { Call } from '../system.ts';

/** Istio: push_context.go getSidecarScope; measured on the lab: BlackHoleCluster, or kube-proxy's choice with ALLOW_ANY. */
export const outsideSidecarScope: LintRule = {
  id: 'outside-sidecar-scope',
  severity: 'error',
  title: 'a Sidecar hides a called Service from its callers',
  why: 'What egress.hosts of the Sidecar in force does not name is no Service of the mesh for the caller: with REGISTRY_ONLY the call is lost, with ALLOW_ANY kube-proxy chooses, and there is neither locality nor ejection (Istio `sidecar.go`, `push_context.go` getSidecarScope).',
  change: 'Name the Service in egress.hosts of the Sidecar.',
  check: ({ calls }) =>
    hiddenCalls(calls, (call) => call.caller.gateway || scopeOf(call).isSeen).map(({ call, text, severity }) => ({
      ...finding(call, text),
      severity,
    })),
};

/** What the Sidecar in force for a caller lets it see of a call. */
function scopeOf({ caller: { live, namespace, labels }, host, port, service }: Call) {
  const mode = text(object(live.mesh.outboundTrafficPolicy).mode);
  const { sidecars } = live;
  const scope = sidecarScope({ sidecars, rootNamespace: ROOT_NAMESPACE, caller: { namespace, labels }, mode });
  const [ofService = ''] = service.split('/');
  return { isSeen: scope.sees({ host, namespace: ofService, port }), passesStrangers: scope.passesStrangers };
}

function finding(call: Call, who: string): Found {
  const { live } = call.caller;
  const [ofService = ''] = call.service.split('/');
  const names = live.sidecars.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(' or ');
  const [first] = live.sidecars;
  const consequence = scopeOf(call).passesStrangers ? 'kube-proxy chooses who answers' : 'the calls are lost';
  return {
    object: {
      cluster: live.configuredBy,
      kind: 'Sidecar',
      namespace: first?.metadata.namespace ?? '',
      name: first?.metadata.name ?? '',
    },
    field: 'spec.egress',
    what: `${who}, by Sidecar ${names}: ${consequence}.`,
    change: `Add ${ofService}/${call.host} to egress.hosts.`,
  };
}
