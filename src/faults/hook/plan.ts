import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, isAlive, listPods, zonesOfNodes } from '../../workload/pods.ts';
import { admittedNew } from '../admission.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { idleJob, objectName } from '../owned/objects.ts';
import { createdObjects } from '../owned/plan.ts';
import { actionsOf, type HookData, isOn, outsideOf, typed } from './actions.ts';
import type { HookBlock } from './block.ts';

/** Seals the actions, asks the probe that the fault is not on yet, and names the pods. */
export async function plan(
  { name, block }: FaultRequest<HookBlock>,
  context: FaultContext,
): Promise<PlanDraft<HookData>> {
  const { cluster, runId } = context;
  const { namespace, hits, effect, limit } = block;
  const actions = await actionsOf(block, context);
  const seal = await outsideOf(context).seal(JSON.stringify(actions));
  const data: HookData = { namespace, hits, limitMs: limit, actions, seal };
  if (await isOn(data, context)) {
    throw new FaultlineError('FAULT_CONFLICT', `fault ${name}: its probe says that it is on already`, {
      hint: `What was on before could not be told from the fault: ${typed(actions.probe)}`,
    });
  }
  const zones = await zonesOfNodes(cluster);
  const pods = (await listPods(cluster, namespace, selectorText(hits), zones)).filter(isAlive);
  if (pods.length === 0) {
    const hint = `kubectl -n ${namespace} get pods -l ${selectorText(hits)}`;
    throw new FaultlineError('FAULT_NO_TARGET', `cluster ${cluster.name}: hook ${name} hits no pod`, { hint });
  }
  const anchor = { ...KINDS.job, namespace, name: objectName({ runId, fault: name }) };
  await admittedNew(cluster, idleJob({ runId, fault: name }, namespace), {
    what: `cluster ${cluster.name}: the Job that is to tell of fault ${name} is not admitted in ${namespace}`,
    hint: 'The policy that is named there has to allow it.',
  });
  return {
    summary: `run ${typed(actions.inject)}; it is said to hit ${pods.length} pod${pods.length === 1 ? '' : 's'} (${selectorText(hits)})`,
    signature: effect,
    affected: affectedBy(cluster, pods),
    tolls: effect === 'degrades' ? [] : ALL_AFFECTED,
    namespaces: [namespace],
    cutsOff: [],
    objects: createdObjects(cluster.name, [anchor]),
    warnings: [
      `It is undone by ${typed(actions.undo)}, and looked at by ${typed(actions.probe)}, which ran for this plan.`,
      'What it does is not known to faultline: whom it hits is what the scenario says, and no guard looks further.',
    ],
    deadMan:
      'Nothing ends it by itself: it stays until `faultline recover` by this user on this machine, or until somebody runs ' +
      `${typed(actions.undo)}. Elsewhere recover names that command and runs nothing, because it came out of the cluster.`,
    data,
  };
}
