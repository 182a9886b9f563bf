import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { planZero, type SeveralData } from '../scale/several.ts';
import type { GatewayBlock } from './block.ts';
import { deploymentsOf, gatewayPods, refuseOtherZones } from './doors.ts';

/** Looks which Deployments are the ingress gateway, and which addresses of the load are lost without them. */
export async function plan(
  { block: { zone } }: FaultRequest<GatewayBlock>,
  context: FaultContext,
): Promise<PlanDraft<SeveralData>> {
  const { cluster, gateways } = context;
  const declared = gateways?.pods ?? [];
  const where = zone === undefined ? '' : ` in zone ${zone}`;
  if (declared.length === 0) {
    const what = `cluster ${cluster.name}: nobody has said which pods are the ingress gateway`;
    const hint =
      'Declare them in the targets file: spec.observe.gateways: [{ namespace: istio-system, selector: { istio: ingressgateway } }]';
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const all = await gatewayPods(declared, context);
  const pods = all.filter((pod) => zone === undefined || pod.zone === zone);
  if (pods.length === 0) {
    const what = `cluster ${cluster.name}: no pod of an ingress gateway runs${where}`;
    const has = [...new Set(all.map((pod) => pod.zone))].join(', ');
    const hint = `spec.observe.gateways of the targets file says which pods they are; they run in: ${has || 'no zone'}`;
    throw new FaultlineError('FAULT_NO_TARGET', what, { hint });
  }
  const draft = await planZero(deploymentsOf(pods, context), context);
  refuseOtherZones(draft.affected, zone, context);
  const lost = (gateways?.zones ?? []).filter((one) => zone === undefined || one === zone);
  return {
    ...draft,
    summary: `take the ingress gateway${where} away: ${draft.summary}`,
    warnings: [...lostText(cluster.name, lost), ...draft.warnings],
  };
}

function lostText(cluster: string, zones: readonly string[]): string[] {
  if (zones.length === 0) return [];
  const addresses = zones.map((zone) => `${cluster}/${zone}`).join(', ');
  return [
    `Requests to ${addresses} have nobody to answer them while it is on, and are counted as they are: failed. ` +
      'Name these zones in expect.unaffected.except, and let errorBudget have room for their share.',
  ];
}
