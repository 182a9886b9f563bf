import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { isSameRoute } from '../../model/host-route.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { resolveHost, serviceOfHost } from '../../model/service-host.ts';
import type { Toll } from '../../model/toll.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { injectionOf, injectionText, tollOf } from '../http-injection.ts';
import { reachText, requireRead } from '../owned/configuration.ts';
import { requireExpiry } from '../owned/expiry.ts';
import { ownedRefs } from '../owned/objects.ts';
import { createdObjects, ownedDeadMan } from '../owned/plan.ts';
import { countText, proxiedPods } from '../owned/pods.ts';
import { routesOf } from '../owned/routing.ts';
import type { ClientFaultBlock } from './block.ts';
import type { ClientFaultData } from './routes.ts';

/** Looks who calls, whether the host has routes already, and names what will be created. */
export async function plan(
  { name, block }: FaultRequest<ClientFaultBlock>,
  context: FaultContext,
): Promise<PlanDraft<ClientFaultData>> {
  const { cluster, runId } = context;
  const { namespace, callers, expiry } = block;
  const host = resolveHost(block.host, namespace);
  const route = { host, namespace };
  const data = { ...injectionOf(block), namespace, callers, host, expirySeconds: Math.ceil(expiry / 1000) };
  requireRead(`clientFault ${name}`, KINDS.virtualService, context);
  const pods = await proxiedPods(`clientFault ${name}`, { namespace, selector: callers }, context);
  const others = await cluster.list(KINDS.virtualService, { namespace });
  const taken = others.find((other) => routesOf(other).some((one) => isSameRoute(one, route)));
  if (taken !== undefined) {
    const what = `cluster ${cluster.name}: VirtualService ${namespace}/${taken.metadata.name} routes ${host} already: of two for one host only the older one counts, so that a fault in a second one would do nothing`;
    throw new FaultlineError('FAULT_NO_TARGET', what, {
      hint: 'Use meshFault on the pods behind the host, or put the fault into your own route.',
    });
  }
  await requireExpiry(cluster, { runId, fault: name }, data);
  return {
    summary: `let calls of ${host} by ${countText(pods)} in ${namespace} (${selectorText(callers)}) ${injectionText(data)}`,
    signature: 'degrades',
    affected: pods,
    tolls: tollsOf(data),
    routes: [route],
    namespaces: [namespace],
    cutsOff: [],
    objects: createdObjects(cluster.name, ownedRefs(KINDS.virtualService, namespace, { runId, fault: name })),
    warnings: [
      ...reachText(context),
      "It is made in the callers' own sidecars before a host is chosen: nothing is ejected, nothing is retried, and nobody fails over. It shows what an application makes of errors; use meshFault for failover.",
      'A VirtualService of another namespace for this host may be older and count in its place: then the fault is not proven.',
    ],
    expiresMs: data.expirySeconds * 1000,
    deadMan: ownedDeadMan('VirtualService', data.expirySeconds),
    data,
  };
}

/** Of the calls of a Service, in whatever clusters it has pods; a host that is none of Kubernetes has no toll. */
function tollsOf(data: ClientFaultData): Toll[] {
  const toll = tollOf(data);
  const service = serviceOfHost(data.host);
  if (toll === undefined || service === undefined) return [];
  return [{ to: { kind: 'service', service }, by: { kind: 'affected' }, named: true, ...toll }];
}
