import type { FaultContext } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import type { Toll } from '../../model/toll.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { injectionOf, injectionText, tollOf } from '../http-injection.ts';
import { reachText, requireRead } from '../owned/configuration.ts';
import { requireExpiry } from '../owned/expiry.ts';
import { ownedRefs } from '../owned/objects.ts';
import { createdObjects, ownedDeadMan } from '../owned/plan.ts';
import { countText, proxiedPods } from '../owned/pods.ts';
import type { MeshFaultBlock } from './block.ts';
import type { MeshFaultData } from './filter.ts';

/** Looks which pods the filter will be for, and names what will be created. */
export async function plan(
  { name, block }: FaultRequest<MeshFaultBlock>,
  context: FaultContext,
): Promise<PlanDraft<MeshFaultData>> {
  const { cluster, runId } = context;
  const data = dataOf(block);
  const { namespace, expirySeconds } = data;
  requireRead(`meshFault ${name}`, KINDS.envoyFilter, context);
  const pods = await proxiedPods(`meshFault ${name}`, data, context);
  await requireExpiry(cluster, { runId, fault: name }, data);
  return {
    summary: `let the sidecars of ${countText(pods)} in ${namespace} (${selectorText(data.selector)}) ${injectionText(data)}${data.port === null ? '' : ` to port ${data.port}`}`,
    signature: stopsAll(data) ? 'stops-serving' : 'degrades',
    affected: pods,
    tolls: tollsOf(data),
    meshWide: true,
    namespaces: [namespace],
    cutsOff: [],
    objects: createdObjects(cluster.name, ownedRefs(KINDS.envoyFilter, namespace, { runId, fault: name })),
    warnings: [...reachText(context), ...warningsOf(data)],
    expiresMs: expirySeconds * 1000,
    deadMan: ownedDeadMan('EnvoyFilter', expirySeconds),
    data,
  };
}

function dataOf(block: MeshFaultBlock): MeshFaultData {
  const { namespace, selector, port, expiry } = block;
  return { ...injectionOf(block), namespace, selector, port: port ?? null, expirySeconds: Math.ceil(expiry / 1000) };
}

/** Whether nothing of the application gets through any more. */
function stopsAll({ status, percent, headers, port }: MeshFaultData): boolean {
  return status !== null && percent === 1 && headers.length === 0 && port === null;
}

function tollsOf(data: MeshFaultData): Toll[] {
  const { port, status, percent } = data;
  const where = { to: { kind: 'affected' } as const, ...(port === null ? {} : { port }) };
  const toll = tollOf(data);
  // A caller may have no other requests than those with the headers.
  if (toll === undefined) return status === null ? [] : [{ ...where, share: 0, ejects: percent }];
  return [{ ...where, ...toll, ...(status === null || percent === 1 ? {} : { ejects: percent }) }];
}

function warningsOf(data: MeshFaultData): string[] {
  const { status, headers } = data;
  const told = [
    'It acts on HTTP ports: what is declared as TCP goes on.',
    'Kubelet probes go past it, so the pods stay Ready: traffic moves by ejection, not by endpoint removal.',
    'The pods are not replaced: callers come home when their ejection ends (baseEjectionTime, counted from the ejection).',
    'An open connection is answered by the application once more; until the proxies have let go of all of them, the fault is not proven.',
    status === null &&
      'A delay alone ejects nobody: callers must have a timeout, which counts as a local origin failure.',
    headers.length > 0 && 'Only the requests with these headers fail, but an ejection is for all calls of a proxy.',
  ];
  return told.filter((one) => typeof one === 'string');
}
