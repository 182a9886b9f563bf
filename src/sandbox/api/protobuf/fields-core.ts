/**
 * Field numbers of k8s.io/api/core/v1, from the protobuf tags of its types.go: of what `kubectl create` fills in, and of the
 * scalars that Go writes although they are empty. The notation is explained in messages.ts.
 */
export const CORE_FIELDS = `
Namespace
  metadata 1 ObjectMeta, spec 2 NamespaceSpec, status 3 skip
NamespaceSpec
  finalizers 1 [s]
ConfigMap
  metadata 1 ObjectMeta, immutable 4 ?b, data 2 {s}, binaryData 3 {bytes}
Secret
  metadata 1 ObjectMeta, immutable 5 ?b, data 2 {bytes}, stringData 4 {s}, type 3 s
Service
  metadata 1 ObjectMeta, spec 2 ServiceSpec, status 3 skip
ServiceSpec
  ports 1 [ServicePort], selector 2 {s}, clusterIP 3 s, type 4 s, sessionAffinity 7 s, loadBalancerIP 8 s,
  externalName 10 s, externalTrafficPolicy 11 s, healthCheckNodePort 12 i, publishNotReadyAddresses 13 b
ServicePort
  name 1 s, protocol 2 s, appProtocol 6 ?s, port 3 i, targetPort 4 IntOrString, nodePort 5 i
ServiceAccount
  metadata 1 ObjectMeta
PodSpec
  containers 2 [Container], restartPolicy 3 s, dnsPolicy 6 s, nodeSelector 7 {s}, serviceAccountName 8 s,
  serviceAccount 9 s, nodeName 10 s, hostNetwork 11 b, hostPID 12 b, hostIPC 13 b, hostname 16 s, subdomain 17 s,
  schedulerName 19 s, priorityClassName 24 s
Container
  name 1 s, image 2 s, command 3 [s], args 4 [s], workingDir 5 s, ports 6 [ContainerPort], env 7 [EnvVar], resources 8
  ResourceRequirements, terminationMessagePath 13 s, terminationMessagePolicy 20 s, imagePullPolicy 14 s, stdin 16 b,
  stdinOnce 17 b, tty 18 b
ContainerPort
  name 1 s, hostPort 2 i, containerPort 3 i, protocol 4 s, hostIP 5 s
EnvVar
  name 1 s, value 2 s
ResourceRequirements
  limits 1 {Quantity}, requests 2 {Quantity}
PodTemplateSpec
  metadata 1 ObjectMeta, spec 2 PodSpec
`;
