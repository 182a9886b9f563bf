import type { KubeObject } from '../../model/kubernetes.ts';
import type { JsonMap } from './json.ts';
import type { Resource } from './resource.ts';
import { ARGO_RESOURCES } from './resources-argo.ts';
import { ISTIO_RESOURCES } from './resources-istio.ts';
import { K6_RESOURCES } from './resources-k6.ts';
import { customSchema } from './schema/schemas.ts';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** What else is installed in a cluster of the sandbox. */
export type Installed = {
  /** Argo Rollouts. @default false */
  readonly argoRollouts?: boolean | undefined;
};

/** What an API server creates in an empty cluster, and the CustomResourceDefinitions of the mesh, of the k6 operator and of what is installed. */
export function bootstrapObjects({ argoRollouts = false }: Installed): KubeObject[] {
  return [
    ...SYSTEM_NAMESPACES.map((name): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...ISTIO_RESOURCES.map((resource) => definitionOf(resource, { app: 'istio-pilot', release: 'istio' })),
    ...[...K6_RESOURCES, ...(argoRollouts ? ARGO_RESOURCES : [])].map((resource) => definitionOf(resource, {})),
  ];
}

function definitionOf(resource: Resource, labels: Record<string, string>): KubeObject {
  const { group, kind, plural, singular, shortNames, categories } = resource;
  const names = { plural, singular, kind, listKind: `${kind}List`, shortNames: [...shortNames] };
  const versions = resource.versions.map((name, index) => ({
    name,
    served: true,
    storage: index === 0,
    schema: { openAPIV3Schema: customSchema(resource) as unknown as JsonMap },
    subresources: { status: {} },
  }));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      names: { ...names, categories: [...categories] },
      scope: 'Namespaced',
      versions,
      conversion: { strategy: 'None' },
    },
    status: {
      acceptedNames: { ...names, categories: [...categories] },
      storedVersions: [resource.versions[0]],
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
    },
  };
}
