import type { Resource } from './resource.ts';

/** Rollouts of Argo, as their CRD declares them; a controller of the sandbox acts on a part of them. */
export const ARGO_RESOURCES: readonly Resource[] = [
  {
    group: 'argoproj.io',
    versions: ['v1alpha1'],
    kind: 'Rollout',
    plural: 'rollouts',
    singular: 'rollout',
    shortNames: ['ro'],
    categories: [],
    namespaced: true,
    subresources: ['status', 'scale'],
    generation: true,
    custom: true,
  },
];
