import type { DefaultingContext } from './defaults-context.ts';
import { at, ensureMap, isMap, type JsonMap, mapOf, mapsOf, setDefault, stringOf } from './json.ts';

const FILE_MODE = 0o644;
const EVICTION_SECONDS = 300;

/** Defaults of a pod spec wherever it stands, in a pod or in a template (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go). */
export function defaultPodSpec(spec: JsonMap): void {
  setDefault(spec, 'restartPolicy', 'Always');
  setDefault(spec, 'terminationGracePeriodSeconds', 30);
  setDefault(spec, 'dnsPolicy', 'ClusterFirst');
  setDefault(spec, 'schedulerName', 'default-scheduler');
  ensureMap(spec, 'securityContext');
  for (const container of [...mapsOf(spec.containers), ...mapsOf(spec.initContainers)]) defaultContainer(container);
  for (const volume of mapsOf(spec.volumes)) defaultVolume(volume);
}

function defaultContainer(container: JsonMap): void {
  const image = stringOf(container.image);
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  const moving = !lastPart.includes('@') && (!lastPart.includes(':') || lastPart.endsWith(':latest'));
  setDefault(container, 'imagePullPolicy', moving ? 'Always' : 'IfNotPresent');
  setDefault(container, 'terminationMessagePath', '/dev/termination-log');
  setDefault(container, 'terminationMessagePolicy', 'File');
  ensureMap(container, 'resources');
  for (const port of mapsOf(container.ports)) setDefault(port, 'protocol', 'TCP');
  for (const variable of mapsOf(container.env)) {
    const fieldRef = at(variable, 'valueFrom', 'fieldRef');
    if (isMap(fieldRef)) setDefault(fieldRef, 'apiVersion', 'v1');
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isMap(container[name])) defaultProbe(container[name]);
  }
}

function defaultProbe(probe: JsonMap): void {
  setDefault(probe, 'timeoutSeconds', 1);
  setDefault(probe, 'periodSeconds', 10);
  setDefault(probe, 'successThreshold', 1);
  setDefault(probe, 'failureThreshold', 3);
  if (!isMap(probe.httpGet)) return;
  setDefault(probe.httpGet, 'path', '/');
  setDefault(probe.httpGet, 'scheme', 'HTTP');
}

function defaultVolume(volume: JsonMap): void {
  for (const source of ['configMap', 'secret', 'projected', 'downwardAPI']) {
    if (isMap(volume[source])) setDefault(volume[source], 'defaultMode', FILE_MODE);
  }
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
}

/** What defaulting and the admission plugins add to a pod itself (ServiceAccount, DefaultTolerationSeconds). */
export function defaultPod(pod: JsonMap, { proxyImage }: DefaultingContext): void {
  const spec = ensureMap(pod, 'spec');
  defaultPodSpec(spec);
  setDefault(spec, 'enableServiceLinks', true);
  setDefault(spec, 'serviceAccountName', 'default');
  setDefault(spec, 'serviceAccount', spec.serviceAccountName ?? 'default');
  setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority');
  setDefault(spec, 'priority', 0);
  defaultTolerations(spec);
  markInjected(ensureMap(pod, 'metadata'));
  if (proxyImage === undefined) return;
  for (const container of mapsOf(spec.containers)) if (container.image === 'auto') container.image = proxyImage;
}

/**
 * The mark of Istio's injector. The sandbox's sidecars are no containers of the pod object, so this is how a pod says
 * that it has one; the label is how one says that it wants none (istio.io/docs/setup/additional-setup/sidecar-injection).
 */
function markInjected(metadata: JsonMap): void {
  if (mapOf(metadata.labels)['sidecar.istio.io/inject'] === 'false') return;
  setDefault(ensureMap(metadata, 'annotations'), 'sidecar.istio.io/status', '{"containers":["istio-proxy"]}');
}

function defaultTolerations(spec: JsonMap): void {
  const tolerations = mapsOf(spec.tolerations);
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const present = tolerations.some((one) => one.key === key || (one.key === undefined && one.operator === 'Exists'));
    if (!present)
      tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: EVICTION_SECONDS });
  }
  spec.tolerations = tolerations;
}

/** The quality-of-service class as the kubelet and `kubectl describe` name it. */
export function qosClass(spec: JsonMap): string {
  const all = mapsOf(spec.containers).map((container) => mapOf(container.resources));
  const used = all.some((r) => Object.keys(mapOf(r.requests)).length + Object.keys(mapOf(r.limits)).length > 0);
  if (!used) return 'BestEffort';
  const guaranteed = all.every((r) => {
    const limits = mapOf(r.limits);
    const requests = mapOf(r.requests);
    return ['cpu', 'memory'].every((n) => limits[n] !== undefined && (requests[n] ?? limits[n]) === limits[n]);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
