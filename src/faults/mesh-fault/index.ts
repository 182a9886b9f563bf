import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { createOwned } from '../owned/create.ts';
import { schema } from './block.ts';
import { filterSpec, isMeshFaultData } from './filter.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { undo } from './undo.ts';

/** Lets the sidecars of a workload answer with errors or late, on their inbound side. */
export const meshFault = defineFault({
  kind: 'meshFault',
  doc:
    "Creates an EnvoyFilter that puts Envoy's fault filter on the inbound side of the pods' sidecars: they answer with a " +
    '5xx in place of the application, or let requests wait. Callers see a failing upstream, so that outlier detection ejects ' +
    'it: the failure of a workload without a change of the workload. It may be narrowed to a share, to requests ' +
    'with some headers, and to a port; then the pods go on answering, and the report says so. It needs sidecars, no image ' +
    'and no restart. The proof is what the proxies of the pods say of their own configuration: those that have let go of ' +
    'every connection from before, which Istio gives 45 s.',
  row: {
    does: 'lets the sidecars of pods answer 5xx or late on their inbound side; by share, headers, port',
    undo: 'deletes the EnvoyFilter',
    deadMan: 'Kubernetes deletes the EnvoyFilter by itself after `expiry` (15m)',
  },
  schema,
  example: {
    cluster: 'tokyo',
    namespace: 'default',
    selector: { app: 'mockb', version: 'ap-northeast-1a' },
    status: 503,
  },
  permissions: [
    { kind: KINDS.envoyFilter, verbs: ['get', 'create', 'delete'], scope: 'namespace' },
    { kind: KINDS.job, verbs: ['get', 'create', 'delete'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['list'], scope: 'namespace' },
    { kind: KINDS.pod, subresource: 'portforward', verbs: ['get', 'create'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [
    { kind: KINDS.envoyFilter, resource: 'envoyfilter', ours: true },
    { kind: KINDS.job, resource: 'job', ours: true },
  ],
  isData: isMeshFaultData,
  plan,
  inject: (plan, { cluster }) => {
    const { namespace, expirySeconds } = plan.data;
    return createOwned(cluster, plan, { kind: KINDS.envoyFilter, namespace, spec: filterSpec(plan), expirySeconds });
  },
  prove,
  undo,
});
