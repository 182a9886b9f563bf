import type { DefaultingContext } from './defaults-context.ts';
import { defaultPod, defaultPodSpec, qosClass } from './defaults-pod.ts';
import { defaultService } from './defaults-service.ts';
import { ensureMap, isMap, type JsonMap, listOf, mapOf, mapsOf, setDefault, stringOf } from './json.ts';

type Defaulter = (object: JsonMap, context: DefaultingContext) => void;

function defaultTemplate(spec: JsonMap): void {
  const template = ensureMap(spec, 'template');
  ensureMap(template, 'metadata');
  defaultPodSpec(ensureMap(template, 'spec'));
}

function defaultDeployment(object: JsonMap): void {
  const spec = ensureMap(object, 'spec');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'progressDeadlineSeconds', 600);
  const strategy = ensureMap(spec, 'strategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') {
    const rolling = ensureMap(strategy, 'rollingUpdate');
    setDefault(rolling, 'maxUnavailable', '25%');
    setDefault(rolling, 'maxSurge', '25%');
  }
  defaultTemplate(spec);
}

function defaultReplicaSet(object: JsonMap): void {
  const spec = ensureMap(object, 'spec');
  setDefault(spec, 'replicas', 1);
  defaultTemplate(spec);
}

function defaultStatefulSet(object: JsonMap): void {
  const spec = ensureMap(object, 'spec');
  setDefault(spec, 'replicas', 1);
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(spec, 'podManagementPolicy', 'OrderedReady');
  const strategy = ensureMap(spec, 'updateStrategy');
  setDefault(strategy, 'type', 'RollingUpdate');
  if (strategy.type === 'RollingUpdate') setDefault(ensureMap(strategy, 'rollingUpdate'), 'partition', 0);
  defaultTemplate(spec);
}

function defaultDaemonSet(object: JsonMap): void {
  const spec = ensureMap(object, 'spec');
  setDefault(spec, 'revisionHistoryLimit', 10);
  setDefault(ensureMap(spec, 'updateStrategy'), 'type', 'RollingUpdate');
  defaultTemplate(spec);
}

/** registry/batch/job/strategy.go adds the controller's labels and selector unless `manualSelector` is set. */
function defaultJob(object: JsonMap): void {
  const spec = ensureMap(object, 'spec');
  for (const [field, value] of Object.entries({ parallelism: 1, completions: 1, backoffLimit: 6 })) {
    setDefault(spec, field, value);
  }
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'manualSelector', false);
  setDefault(spec, 'podReplacementPolicy', 'TerminatingOrFailed');
  defaultTemplate(spec);
  const metadata = mapOf(object.metadata);
  if (spec.manualSelector !== false || isMap(spec.selector)) return;
  const labels = ensureMap(ensureMap(mapOf(spec.template), 'metadata'), 'labels');
  const uid = stringOf(metadata.uid);
  const name = stringOf(metadata.name);
  labels['batch.kubernetes.io/controller-uid'] = uid;
  labels['batch.kubernetes.io/job-name'] = name;
  labels['controller-uid'] = uid;
  labels['job-name'] = name;
  spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

function defaultNamespace(object: JsonMap): void {
  const metadata = ensureMap(object, 'metadata');
  ensureMap(metadata, 'labels')['kubernetes.io/metadata.name'] = metadata.name ?? '';
  setDefault(ensureMap(object, 'spec'), 'finalizers', ['kubernetes']);
}

/** `stringData` is write only: it ends up in `data`. */
function defaultSecret(object: JsonMap): void {
  setDefault(object, 'type', 'Opaque');
  if (!isMap(object.stringData)) return;
  const data = ensureMap(object, 'data');
  for (const [key, value] of Object.entries(object.stringData)) {
    data[key] = Buffer.from(stringOf(value)).toString('base64');
  }
  delete object.stringData;
}

function defaultNetworkPolicy(object: JsonMap): void {
  const spec = ensureMap(object, 'spec');
  ensureMap(spec, 'podSelector');
  setDefault(spec, 'policyTypes', listOf(spec.egress).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
  for (const rule of [...mapsOf(spec.ingress), ...mapsOf(spec.egress)]) {
    for (const port of mapsOf(rule.ports)) setDefault(port, 'protocol', 'TCP');
  }
}

const DEFAULTERS: Readonly<Record<string, Defaulter>> = {
  Pod: defaultPod,
  Deployment: defaultDeployment,
  ReplicaSet: defaultReplicaSet,
  StatefulSet: defaultStatefulSet,
  DaemonSet: defaultDaemonSet,
  Job: defaultJob,
  Namespace: defaultNamespace,
  Secret: defaultSecret,
  Service: defaultService,
  NetworkPolicy: defaultNetworkPolicy,
  HorizontalPodAutoscaler: (object) => setDefault(ensureMap(object, 'spec'), 'minReplicas', 1),
  EndpointSlice: (object) => {
    setDefault(object, 'endpoints', []);
    for (const port of mapsOf(object.ports)) setDefault(port, 'protocol', 'TCP');
  },
};

/** Fills in, in place, what the API server would. */
export function applyDefaults(object: JsonMap, context: DefaultingContext): void {
  DEFAULTERS[stringOf(object.kind)]?.(object, context);
}

/** The status an object starts its life with. */
export function initialStatus(object: JsonMap): JsonMap | undefined {
  switch (object.kind) {
    case 'Pod':
      return { phase: 'Pending', qosClass: qosClass(mapOf(object.spec)) };
    case 'Namespace':
      return { phase: 'Active' };
    case 'Service':
      return { loadBalancer: {} };
    case 'Deployment':
    case 'Job':
    case 'NetworkPolicy':
      return {};
    case 'ReplicaSet':
    case 'StatefulSet':
      return { replicas: 0 };
    case 'Node':
    case 'CustomResourceDefinition':
      return mapOf(object.status);
    default:
      return undefined;
  }
}
