import type { Resource } from './resource.ts';

const GROUP = 'networking.istio.io';
/** Istio serves its networking kinds in three versions; EnvoyFilter never left v1alpha3. */
const ALL_VERSIONS = ['v1', 'v1beta1', 'v1alpha3'] as const;

function istio(kind: string, plural: string, shortNames: readonly string[], versions: Resource['versions']): Resource {
  return {
    group: GROUP,
    versions,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames,
    categories: ['istio-io', 'networking-istio-io'],
    namespaced: true,
    subresources: ['status'],
    generation: true,
    custom: true,
  };
}

/** The Istio networking kinds, as the CRDs of istio/istio manifests/charts/base declare them. */
export const ISTIO_RESOURCES: readonly Resource[] = [
  istio('DestinationRule', 'destinationrules', ['dr'], ALL_VERSIONS),
  istio('VirtualService', 'virtualservices', ['vs'], ALL_VERSIONS),
  istio('Gateway', 'gateways', ['gw'], ALL_VERSIONS),
  istio('ServiceEntry', 'serviceentries', ['se'], ALL_VERSIONS),
  istio('Sidecar', 'sidecars', [], ALL_VERSIONS),
  istio('EnvoyFilter', 'envoyfilters', [], ['v1alpha3']),
];
