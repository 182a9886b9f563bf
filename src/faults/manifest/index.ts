import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { inject, prove, undo, whyEndlessManifest } from './apply.ts';
import { schema } from './block.ts';
import { isManifestData, readObject } from './data.ts';
import { plan } from './plan.ts';

/** Applies an object of any kind and takes it away again. */
export const manifest = defineFault({
  kind: 'manifest',
  doc:
    'Creates one object of any kind in a namespace, waits until its controller says in its status that the fault is on, and ' +
    'deletes it by UID: the door for Chaos Mesh, Litmus, and the resources of operators. The plan asks the API server by a dry ' +
    'run whether it would take the object, and is refused where an object of the name is there already. The undo waits until ' +
    'finalizers have let go, because that is when such controllers have taken their fault back, and until what the object owns is gone (a deletion in the foreground): ' +
    'pods get the time that they may take to end. Whom it hits, and what ' +
    'becomes of them, is what the scenario says: faultline knows nothing of the object, but that guards look whose calls are changed by routes of Istio and the Gateway API. Without `until` only requests can ' +
    'show the effect, and of pods that may go on answering nothing can: such a fault is never established. Besides the ' +
    "permissions below it needs get, create and delete of the object's own kind. Secrets are refused: plans stand in journals. So are claims of volumes, and a StatefulSet that deletes its own; and configuration of Istio in its root namespace, unless it says itself that it holds there alone.",
  row: {
    does: 'applies an object of any kind and waits for a condition of it (Chaos Mesh, Litmus, operators)',
    undo: 'deletes the object and waits for its finalizers and for what it owns, such as pods',
    deadMan: 'Kubernetes deletes the object by itself after `expiry` (15m)',
  },
  schema,
  move: () => ({
    kind: 'untold',
    why: `what becomes of its object is the matter of that object's own controller`,
  }),
  example: {
    cluster: 'tokyo',
    object: {
      apiVersion: KINDS.networkPolicy.apiVersion,
      kind: KINDS.networkPolicy.kind,
      metadata: { name: 'nobody-to-mockb', namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: 'mockb', version: 'ap-northeast-1a' } }, policyTypes: ['Ingress'] },
    },
    hits: { app: 'mockb', version: 'ap-northeast-1a' },
    effect: 'stops-serving',
  },
  permissions: [
    { kind: KINDS.job, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['list'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [{ kind: KINDS.job, resource: 'job', ours: true }],
  file: { from: 'file', to: 'object' },
  named: ({ object = null }) => {
    const { apiVersion, kind } = readObject(object);
    const own = { apiVersion, kind };
    return {
      permissions: [{ kind: own, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' }],
      marks: [{ kind: own, resource: kind.toLowerCase(), ours: true }],
    };
  },
  isData: isManifestData,
  plan,
  inject,
  prove,
  whyEndless: whyEndlessManifest,
  undo,
});
