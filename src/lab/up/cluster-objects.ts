import type { KubeObject } from '../../model/kubernetes.ts';
import { IMAGES } from '../parts.ts';
import type { LabCluster } from '../topology.ts';
import { objectsOf } from './apply.ts';
import { KUBE_PROXY, KUBE_ROUTER } from './users.ts';

/**
 * What every cluster has before any mesh: the rights to read of kube-proxy (kubeadm binds it so, too)
 * and of what enforces NetworkPolicies, and CoreDNS on both nodes.
 */
export function clusterObjects(cluster: LabCluster): KubeObject[] {
  return objectsOf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: kube-proxy }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:node-proxier" }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: "${KUBE_PROXY.name}" }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: kube-router }
rules:
  - { apiGroups: [""], resources: [namespaces, pods, services, nodes, endpoints], verbs: [get, list, watch] }
  - { apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [list, watch] }
  - { apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: kube-router }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kube-router }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: "${KUBE_ROUTER.name}" }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: coredns, namespace: kube-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: coredns }
rules:
  - { apiGroups: [""], resources: [services, pods, namespaces], verbs: [list, watch] }
  - { apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: coredns }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: coredns }
subjects: [{ kind: ServiceAccount, name: coredns, namespace: kube-system }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: coredns, namespace: kube-system }
data:
  # A block's braces stand on lines of their own.
  Corefile: |
    .:53 {
      errors
      ready
      kubernetes cluster.local in-addr.arpa {
        pods insecure
      }
      cache 5
    }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: coredns, namespace: kube-system }
spec:
  replicas: 2
  selector: { matchLabels: { k8s-app: kube-dns } }
  template:
    metadata: { labels: { k8s-app: kube-dns } }
    spec:
      serviceAccountName: coredns
      dnsPolicy: Default
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: { k8s-app: kube-dns } }
      containers:
        - name: coredns
          image: ${IMAGES.coredns}
          args: [-conf, /etc/coredns/Corefile]
          ports: [{ name: dns, containerPort: 53, protocol: UDP }]
          readinessProbe: { httpGet: { path: /ready, port: 8181 }, periodSeconds: 1 }
          volumeMounts: [{ name: config, mountPath: /etc/coredns }]
      volumes: [{ name: config, configMap: { name: coredns } }]
---
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec:
  clusterIP: ${cluster.dnsService}
  selector: { k8s-app: kube-dns }
  ports:
    - { name: dns, port: 53, protocol: UDP }
    - { name: dns-tcp, port: 53, protocol: TCP }
`);
}
