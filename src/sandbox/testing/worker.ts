/** A Deployment that calls mocka five times a second and is called by nobody: it has no Service. */
export function workerManifest(zone: string): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: worker, namespace: default}
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata:
      labels: {app: worker}
      annotations: {sidecar.istio.io/statsInclusionRegexps: ".*outlier_detection.*"}
    spec:
      nodeSelector: {topology.kubernetes.io/zone: ${zone}}
      containers:
        - name: default
          image: registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2
          command: [sh, -c, "while true; do curl -s -o /dev/null http://mocka:8000/mock; sleep 0.2; done"]
`;
}
