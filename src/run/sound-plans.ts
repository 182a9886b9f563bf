import { isPlan } from '../faults/plan-shape.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultKind, FaultPlan, UndoOutcome } from '../model/fault.ts';
import { inContext } from '../model/kubectl.ts';
import type { Cluster } from '../model/ports.ts';
import { SCAN_COMMAND } from '../model/recover-command.ts';
import { plansRef } from './lock-objects.ts';

/** A plan on which nobody may act, with what it still says of itself. */
type DamagedPlan = { readonly runId: string; readonly fault: string; readonly why: string };

type Sorted = { readonly sound: readonly FaultPlan[]; readonly damaged: readonly DamagedPlan[] };

/** Plans as they were read, wherever that was: anybody may have written them, and none of them may hide another one. */
export function sortPlans(read: readonly unknown[], faultKind: (kind: string) => FaultKind): Sorted {
  const sound: FaultPlan[] = [];
  const damaged: DamagedPlan[] = [];
  for (const plan of read) {
    const why = whyDamaged(plan, faultKind);
    if (why === undefined) sound.push(plan as FaultPlan);
    else damaged.push({ runId: said(plan, 'runId'), fault: said(plan, 'fault'), why });
  }
  return { sound, damaged };
}

function whyDamaged(plan: unknown, faultKind: (kind: string) => FaultKind): string | undefined {
  if (!isPlan(plan)) return 'it lacks what every plan has';
  try {
    return faultKind(plan.kind).isData(plan.data) ? undefined : `its data is none of ${plan.kind}`;
  } catch (error) {
    return messageOf(error);
  }
}

function said(plan: unknown, field: 'runId' | 'fault'): string {
  const value = (plan as Partial<Record<string, unknown>> | null | undefined)?.[field];
  return typeof value === 'string' ? value : 'unknown';
}

/** A fault that was not undone by its plan, as a recovery tells it. */
type Damaged = { readonly runId: string; readonly fault: string; readonly outcome: UndoOutcome };

/** Of a plan among those in a cluster. */
export function damagedInCluster({ runId, fault, why }: DamagedPlan, cluster: Cluster, namespace: string): Damaged {
  const { name } = plansRef(namespace);
  const at = `cluster ${cluster.name}, ConfigMap ${namespace}/${name}`;
  const command = inContext(`kubectl -n ${namespace} get configmap/${name} -o yaml`, cluster);
  return { runId, fault, outcome: damagedOutcome(`${at}: ${why}`, 'take the plans away', [command]) };
}

/** Of a plan in a local journal. */
export function damagedInJournal({ runId, fault, why }: DamagedPlan): Damaged {
  return {
    runId,
    fault,
    outcome: damagedOutcome(`the local journal: ${why}`, 'delete the run folder', [SCAN_COMMAND]),
  };
}

function damagedOutcome(where: string, end: string, commands: readonly string[]): UndoOutcome {
  const detail =
    `its plan is damaged: ${where}. What objects tell of the fault themselves was undone without it, and what still carries ` +
    `a mark is named; when nothing of it is left, ${end}`;
  return { state: 'failed', detail, objects: [], commands };
}
