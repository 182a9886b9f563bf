import { KINDS } from '../../model/kubernetes.ts';
import { defineFault, type PlanOf } from '../define.ts';
import { haveRoute } from '../owned/proxies.ts';
import {
  injectProxyFault,
  PROXY_FAULT_PERMISSIONS,
  type ProxyFault,
  proveProxyFault,
  undoProxyFault,
  whyEndlessProxyFault,
} from '../owned/proxy-fault.ts';
import { schema } from './block.ts';
import { plan } from './plan.ts';
import { type ClientFaultData, isClientFaultData, routeName, routesSpec } from './routes.ts';

function proxyFault(plan: PlanOf<ClientFaultData>): ProxyFault {
  const { namespace, callers, expirySeconds } = plan.data;
  return {
    kind: KINDS.virtualService,
    spec: routesSpec(plan),
    expirySeconds,
    chosen: { namespace, selector: callers },
    mark: routeName(plan),
    ask: (cluster, pods) => haveRoute(cluster, pods, routeName(plan)),
  };
}

/** Lets the sidecars of callers fail or delay their own calls of a host. */
export const clientFault = defineFault({
  kind: 'clientFault',
  doc:
    "Creates a VirtualService with a fault for the calls of some pods to a host: the callers' own sidecars answer with an error " +
    'or let calls wait. No host is chosen for such a call, so it **never ejects and never fails over**, and no retry hides ' +
    'it: it shows what an application makes of errors and slow answers, and nothing of outlier detection; `meshFault` is the ' +
    'one that does. Where a VirtualService of the namespace routes the host already, the plan is refused: of two for one ' +
    'host only the older one counts. The proof is what the proxies of the callers say of their own routes.',
  row: {
    does: "fails or delays callers' calls of a host in their own sidecars: never ejects; by share and headers",
    undo: 'deletes the VirtualService',
    deadMan: 'Kubernetes deletes the VirtualService by itself after `expiry` (15m)',
  },
  schema,
  move: ({ cluster, namespace, callers, host, status, delay: delayMs, percent, headers = {} }) => {
    const isOfSome = Object.keys(headers).length > 0;
    return { kind: 'caller-fault', cluster, namespace, callers, host, status, delayMs, percent, isOfSome };
  },
  example: { cluster: 'tokyo', namespace: 'default', callers: { app: 'mocka' }, host: 'mockb', status: 503 },
  permissions: [
    {
      kind: KINDS.virtualService,
      verbs: ['list', 'get', 'create', 'delete'],
      undo: ['get', 'delete'],
      scope: 'namespace',
    },
    ...PROXY_FAULT_PERMISSIONS,
  ],
  marks: [
    { kind: KINDS.virtualService, resource: 'virtualservice', ours: true },
    { kind: KINDS.job, resource: 'job', ours: true },
  ],
  isData: isClientFaultData,
  plan,
  inject: (plan, context) => injectProxyFault(plan, proxyFault(plan), context),
  prove: (plan, context) => proveProxyFault(plan, proxyFault(plan), context),
  whyEndless: (plan, context) => whyEndlessProxyFault(plan, proxyFault(plan), context),
  undo: (plan, context) => undoProxyFault(plan, proxyFault(plan), context),
});
