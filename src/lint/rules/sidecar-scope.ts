import { object, text } from '../../mesh/config-read.ts';
import { ROOT_NAMESPACE } from '../../mesh/istiod/configuration.ts';
import { sidecarScope } from '../../mesh/sidecar-scope.ts';
import { callersText } from '../callers.ts';
import type { Found, LintRule } from '../finding.ts';
import type { Call } from '../system.ts';

/** Istio: push_context.go getSidecarScope; measured on the lab: BlackHoleCluster, or kube-proxy's choice with ALLOW_ANY. */
export const outsideSidecarScope: LintRule = {
  id: 'outside-sidecar-scope',
  severity: 'error',
  title: 'a Sidecar hides a called Service from its callers',
  why: 'What egress.hosts of the Sidecar in force does not name is no Service of the mesh for the caller: with REGISTRY_ONLY the call is lost, with ALLOW_ANY kube-proxy chooses, and there is neither locality nor ejection (Istio `sidecar.go`, `push_context.go` getSidecarScope).',
  change: 'Name the Service in egress.hosts of the Sidecar.',
  check: ({ calls }) =>
    calls.filter(({ sureness, caller }) => sureness === 'known' && !caller.gateway).flatMap(foundIn),
};

function foundIn({ caller, host, port, service }: Call): Found[] {
  const { live, namespace, labels } = caller;
  const mode = text(object(live.mesh.outboundTrafficPolicy).mode);
  const scope = sidecarScope({
    sidecars: live.sidecars,
    rootNamespace: ROOT_NAMESPACE,
    caller: { namespace, labels },
    mode,
  });
  const [ofService = ''] = service.split('/');
  if (scope.sees({ host, namespace: ofService, port })) return [];
  const names = live.sidecars.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(' or ');
  const [first] = live.sidecars;
  const consequence = scope.passesStrangers ? 'kube-proxy chooses who answers' : 'the calls are lost';
  return [
    {
      object: {
        cluster: live.configuredBy,
        kind: 'Sidecar',
        namespace: first?.metadata.namespace ?? '',
        name: first?.metadata.name ?? '',
      },
      field: 'spec.egress',
      what: `${callersText(caller)} do not see ${service}, by Sidecar ${names}: ${consequence}.`,
      change: `Add ${ofService}/${host} to egress.hosts.`,
    },
  ];
}
