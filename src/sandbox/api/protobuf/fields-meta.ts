/** Field numbers of k8s.io/apimachinery's meta/v1 and runtime; the notation is explained in messages.ts. */
export const META_FIELDS = `
Unknown
  typeMeta 1 TypeMeta, raw 2 raw, contentEncoding 3 s, contentType 4 s
TypeMeta
  apiVersion 1 s, kind 2 s
ObjectMeta
  name 1 s, generateName 2 s, namespace 3 s, selfLink 4 s, uid 5 s, resourceVersion 6 s, generation 7 i,
  creationTimestamp 8 Time, deletionTimestamp 9 Time, deletionGracePeriodSeconds 10 ?i, labels 11 {s},
  annotations 12 {s}, ownerReferences 13 [OwnerReference], finalizers 14 [s], managedFields 17 [skip]
OwnerReference
  kind 1 s, name 3 s, uid 4 s, apiVersion 5 s, controller 6 ?b, blockOwnerDeletion 7 ?b
LabelSelector
  matchLabels 1 {s}, matchExpressions 2 [LabelSelectorRequirement]
LabelSelectorRequirement
  key 1 s, operator 2 s, values 3 [s]
DeleteOptions
  gracePeriodSeconds 1 ?i, preconditions 2 Preconditions, orphanDependents 3 ?b, propagationPolicy 4 ?s, dryRun 5 [s],
  ignoreStoreReadErrorWithClusterBreakingPotential 6 ?b
Preconditions
  uid 1 ?s, resourceVersion 2 ?s
`;
