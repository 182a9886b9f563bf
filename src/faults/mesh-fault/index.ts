import { KINDS } from '../../model/kubernetes.ts';
import { defineFault, type PlanOf } from '../define.ts';
import { haveFilter } from '../owned/proxies.ts';
import {
  injectProxyFault,
  PROXY_FAULT_PERMISSIONS,
  type ProxyFault,
  proveProxyFault,
  undoProxyFault,
  whyEndlessProxyFault,
} from '../owned/proxy-fault.ts';
import { schema } from './block.ts';
import { filterName, filterSpec, isMeshFaultData, type MeshFaultData } from './filter.ts';
import { plan } from './plan.ts';

function proxyFault(plan: PlanOf<MeshFaultData>): ProxyFault {
  return {
    kind: KINDS.envoyFilter,
    spec: filterSpec(plan),
    expirySeconds: plan.data.expirySeconds,
    chosen: plan.data,
    mark: filterName(plan),
    ask: (cluster, pods) => haveFilter(cluster, pods, filterName(plan)),
  };
}

/** Lets the sidecars of a workload answer with errors or late, on their inbound side. */
export const meshFault = defineFault({
  kind: 'meshFault',
  doc:
    "Creates an EnvoyFilter that puts Envoy's fault filter on the inbound side of the pods' sidecars: they answer with a " +
    '5xx in place of the application, or let requests wait. Callers see a failing upstream, so that outlier detection ejects ' +
    'it: the failure of a workload without a change of the workload. It may be narrowed to a share, to requests ' +
    'with some headers, and to a port; then the pods go on answering, and the report says so. It needs sidecars, no image ' +
    "and no restart. In Istio's root namespace it is refused: there the filter would hold for pods of all namespaces. The proof is " +
    'what the proxies of the pods say of their own configuration: those that have let go of ' +
    'every connection from before, which Istio gives 45 s.',
  row: {
    does: 'lets the sidecars of pods answer 5xx or late on their inbound side; by share, headers, port',
    undo: 'deletes the EnvoyFilter',
    deadMan: 'Kubernetes deletes the EnvoyFilter by itself after `expiry` (15m)',
  },
  schema,
  move: ({ status, delay: delayMs, percent, headers = {}, port }) => {
    const isOfSome = Object.keys(headers).length > 0 || port !== undefined;
    return { kind: 'inbound-fault', status, delayMs, percent, isOfSome };
  },
  example: {
    cluster: 'tokyo',
    namespace: 'default',
    selector: { app: 'mockb', version: 'ap-northeast-1a' },
    status: 503,
  },
  permissions: [
    { kind: KINDS.envoyFilter, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' },
    ...PROXY_FAULT_PERMISSIONS,
  ],
  marks: [
    { kind: KINDS.envoyFilter, resource: 'envoyfilter', ours: true },
    { kind: KINDS.job, resource: 'job', ours: true },
  ],
  isData: isMeshFaultData,
  plan,
  inject: (plan, context) => injectProxyFault(plan, proxyFault(plan), context),
  prove: (plan, context) => proveProxyFault(plan, proxyFault(plan), context),
  whyEndless: (plan, context) => whyEndlessProxyFault(plan, proxyFault(plan), context),
  undo: (plan, context) => undoProxyFault(plan, proxyFault(plan), context),
});
