/** Field numbers of the other API groups in k8s.io/api; the notation is explained in messages.ts. */
export const GROUP_FIELDS = `
Deployment
  metadata 1 ObjectMeta, spec 2 DeploymentSpec, status 3 skip
DeploymentSpec
  replicas 1 ?i, selector 2 LabelSelector, template 3 PodTemplateSpec, strategy 4 DeploymentStrategy,
  minReadySeconds 5 i, revisionHistoryLimit 6 ?i, paused 7 b, progressDeadlineSeconds 9 ?i
DeploymentStrategy
  type 1 s
Job
  metadata 1 ObjectMeta, spec 2 JobSpec, status 3 skip
JobSpec
  parallelism 1 ?i, completions 2 ?i, template 6 PodTemplateSpec
PodDisruptionBudget
  metadata 1 ObjectMeta, spec 2 PodDisruptionBudgetSpec, status 3 skip
PodDisruptionBudgetSpec
  minAvailable 1 IntOrString, selector 2 LabelSelector, maxUnavailable 3 IntOrString
Eviction
  metadata 1 ObjectMeta, deleteOptions 2 DeleteOptions
SelfSubjectAccessReview
  metadata 1 ObjectMeta, spec 2 SelfSubjectAccessReviewSpec, status 3 skip
SelfSubjectAccessReviewSpec
  resourceAttributes 1 ResourceAttributes, nonResourceAttributes 2 NonResourceAttributes
ResourceAttributes
  namespace 1 s, verb 2 s, group 3 s, version 4 s, resource 5 s, subresource 6 s, name 7 s, fieldSelector 8
  FieldSelectorAttributes, labelSelector 9 LabelSelectorAttributes
FieldSelectorAttributes
  rawSelector 1 s, requirements 2 [skip]
LabelSelectorAttributes
  rawSelector 1 s, requirements 2 [LabelSelectorRequirement]
NonResourceAttributes
  path 1 s, verb 2 s
SubjectAccessReview
  metadata 1 ObjectMeta, spec 2 SubjectAccessReviewSpec, status 3 skip
SubjectAccessReviewSpec
  resourceAttributes 1 ResourceAttributes, nonResourceAttributes 2 NonResourceAttributes, user 3 s, groups 4 [s],
  extra 5 {[s]}, uid 6 s
LocalSubjectAccessReview
  metadata 1 ObjectMeta, spec 2 SubjectAccessReviewSpec, status 3 skip
SelfSubjectRulesReview
  metadata 1 ObjectMeta, spec 2 SelfSubjectRulesReviewSpec, status 3 skip
SelfSubjectRulesReviewSpec
  namespace 1 s
SelfSubjectReview
  metadata 1 ObjectMeta, status 2 skip
`;
