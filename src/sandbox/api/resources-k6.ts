import type { Resource } from './resource.ts';

/** The kind of the k6 operator that starts distributed runs, as its CRD declares it. Nobody acts on it in the sandbox. */
export const K6_RESOURCES: readonly Resource[] = [
  {
    group: 'k6.io',
    versions: ['v1alpha1'],
    kind: 'TestRun',
    plural: 'testruns',
    singular: 'testrun',
    shortNames: [],
    categories: [],
    namespaced: true,
    subresources: ['status'],
    generation: true,
    custom: true,
  },
];
