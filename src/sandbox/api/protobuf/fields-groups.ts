/** Field numbers of the other API groups in k8s.io/api; the notation is explained in messages.ts. */
export const GROUP_FIELDS = `
Deployment
  metadata 1 ObjectMeta, spec 2 DeploymentSpec, status 3 skip
DeploymentSpec
  replicas 1 ?i, selector 2 LabelSelector, template 3 PodTemplateSpec, strategy 4 DeploymentStrategy,
  minReadySeconds 5 i, revisionHistoryLimit 6 ?i, paused 7 b, progressDeadlineSeconds 9 ?i
DeploymentStrategy
  type 1 s, rollingUpdate 2 RollingUpdateDeployment
RollingUpdateDeployment
  maxUnavailable 1 IntOrString, maxSurge 2 IntOrString
ReplicaSet
  metadata 1 ObjectMeta, spec 2 ReplicaSetSpec, status 3 skip
ReplicaSetSpec
  replicas 1 ?i, minReadySeconds 4 i, selector 2 LabelSelector, template 3 PodTemplateSpec
StatefulSet
  metadata 1 ObjectMeta, spec 2 StatefulSetSpec, status 3 skip
StatefulSetSpec
  replicas 1 ?i, selector 2 LabelSelector, template 3 PodTemplateSpec, volumeClaimTemplates 4
  [PersistentVolumeClaim], serviceName 5 s, podManagementPolicy 6 s, updateStrategy 7 StatefulSetUpdateStrategy,
  revisionHistoryLimit 8 ?i, minReadySeconds 9 i, persistentVolumeClaimRetentionPolicy 10
  StatefulSetPersistentVolumeClaimRetentionPolicy, ordinals 11 StatefulSetOrdinals
StatefulSetUpdateStrategy
  type 1 s, rollingUpdate 2 RollingUpdateStatefulSetStrategy
RollingUpdateStatefulSetStrategy
  partition 1 ?i, maxUnavailable 2 IntOrString
StatefulSetPersistentVolumeClaimRetentionPolicy
  whenDeleted 1 s, whenScaled 2 s
StatefulSetOrdinals
  start 1 i
DaemonSet
  metadata 1 ObjectMeta, spec 2 DaemonSetSpec, status 3 skip
DaemonSetSpec
  selector 1 LabelSelector, template 2 PodTemplateSpec, updateStrategy 3 DaemonSetUpdateStrategy, minReadySeconds
  4 i, revisionHistoryLimit 6 ?i
DaemonSetUpdateStrategy
  type 1 s, rollingUpdate 2 RollingUpdateDaemonSet
RollingUpdateDaemonSet
  maxUnavailable 1 IntOrString, maxSurge 2 IntOrString
Job
  metadata 1 ObjectMeta, spec 2 JobSpec, status 3 skip
JobSpec
  parallelism 1 ?i, completions 2 ?i, activeDeadlineSeconds 3 ?i, podFailurePolicy 11 PodFailurePolicy,
  successPolicy 16 SuccessPolicy, backoffLimit 7 ?i, backoffLimitPerIndex 12 ?i, maxFailedIndexes 13 ?i, selector
  4 LabelSelector, manualSelector 5 ?b, template 6 PodTemplateSpec, ttlSecondsAfterFinished 8 ?i, completionMode 9
  ?s, suspend 10 ?b, podReplacementPolicy 14 ?s, managedBy 15 ?s, scheduling 17 JobSchedulingConfiguration
PodFailurePolicy
  rules 1 [PodFailurePolicyRule]
PodFailurePolicyRule
  action 1 s, onExitCodes 2 PodFailurePolicyOnExitCodesRequirement, onPodConditions 3
  [PodFailurePolicyOnPodConditionsPattern]
PodFailurePolicyOnExitCodesRequirement
  containerName 1 ?s, operator 2 s, values 3 [i]
PodFailurePolicyOnPodConditionsPattern
  type 1 s, status 2 skip
SuccessPolicy
  rules 1 [SuccessPolicyRule]
SuccessPolicyRule
  succeededIndexes 1 ?s, succeededCount 2 ?i
JobSchedulingConfiguration
  schedulingPolicy 1 skip, schedulingConstraints 2 skip, disruptionMode 3 skip, resourceClaims 4 [skip]
PodDisruptionBudget
  metadata 1 ObjectMeta, spec 2 PodDisruptionBudgetSpec, status 3 skip
PodDisruptionBudgetSpec
  minAvailable 1 IntOrString, selector 2 LabelSelector, maxUnavailable 3 IntOrString, unhealthyPodEvictionPolicy 4
  ?s
Eviction
  metadata 1 ObjectMeta, deleteOptions 2 DeleteOptions
HorizontalPodAutoscaler
  metadata 1 ObjectMeta, spec 2 HorizontalPodAutoscalerSpec, status 3 skip
HorizontalPodAutoscalerSpec
  scaleTargetRef 1 CrossVersionObjectReference, minReplicas 2 ?i, maxReplicas 3 i, metrics 4 [MetricSpec],
  behavior 5 HorizontalPodAutoscalerBehavior
CrossVersionObjectReference
  kind 1 s, name 2 s, apiVersion 3 s
MetricSpec
  type 1 s, object 2 ObjectMetricSource, pods 3 PodsMetricSource, resource 4 ResourceMetricSource,
  containerResource 7 ContainerResourceMetricSource, external 5 ExternalMetricSource
ObjectMetricSource
  describedObject 1 CrossVersionObjectReference, target 2 MetricTarget, metric 3 MetricIdentifier
MetricTarget
  type 1 s, value 2 Quantity, averageValue 3 Quantity, averageUtilization 4 ?i
MetricIdentifier
  name 1 s, selector 2 LabelSelector
PodsMetricSource
  metric 1 MetricIdentifier, target 2 MetricTarget
ResourceMetricSource
  name 1 s, target 2 MetricTarget
ContainerResourceMetricSource
  name 1 s, target 2 MetricTarget, container 3 s
ExternalMetricSource
  metric 1 MetricIdentifier, target 2 MetricTarget
HorizontalPodAutoscalerBehavior
  scaleUp 1 HPAScalingRules, scaleDown 2 HPAScalingRules
HPAScalingRules
  stabilizationWindowSeconds 3 ?i, selectPolicy 1 ?s, policies 2 [HPAScalingPolicy], tolerance 4 Quantity
HPAScalingPolicy
  type 1 s, value 2 i, periodSeconds 3 i
Scale
  metadata 1 ObjectMeta, spec 2 ScaleSpec, status 3 skip
ScaleSpec
  replicas 1 i
Lease
  metadata 1 ObjectMeta, spec 2 LeaseSpec
LeaseSpec
  holderIdentity 1 ?s, leaseDurationSeconds 2 ?i, acquireTime 3 Time, renewTime 4 Time, leaseTransitions 5 ?i,
  strategy 6 ?s, preferredHolder 7 ?s
EndpointSlice
  metadata 1 ObjectMeta, addressType 4 s, endpoints 2 [Endpoint], ports 3 [EndpointPort]
Endpoint
  addresses 1 [s], conditions 2 EndpointConditions, hostname 3 ?s, targetRef 4 ObjectReference, deprecatedTopology
  5 {s}, nodeName 6 ?s, zone 7 ?s, hints 8 EndpointHints
EndpointConditions
  ready 1 ?b, serving 2 ?b, terminating 3 ?b
EndpointHints
  forZones 1 [ForZone], forNodes 2 [ForNode]
ForZone
  name 1 s
ForNode
  name 1 s
EndpointPort
  name 1 ?s, protocol 2 ?s, port 3 ?i, appProtocol 4 ?s
NetworkPolicy
  metadata 1 ObjectMeta, spec 2 NetworkPolicySpec
NetworkPolicySpec
  podSelector 1 LabelSelector, ingress 2 [NetworkPolicyIngressRule], egress 3 [NetworkPolicyEgressRule],
  policyTypes 4 [s]
NetworkPolicyIngressRule
  ports 1 [NetworkPolicyPort], from 2 [NetworkPolicyPeer]
NetworkPolicyPort
  protocol 1 ?s, port 2 IntOrString, endPort 3 ?i
NetworkPolicyPeer
  podSelector 1 LabelSelector, namespaceSelector 2 LabelSelector, ipBlock 3 IPBlock
IPBlock
  cidr 1 s, except 2 [s]
NetworkPolicyEgressRule
  ports 1 [NetworkPolicyPort], to 2 [NetworkPolicyPeer]
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
