import { hideTold } from '../model/credentials.ts';
import type { FaultPlan, UndoOutcome } from '../model/fault.ts';
import type { TouchedObject } from '../model/history.ts';
import { type Redact, redactor } from '../model/redact.ts';
import { credentialsOf, hideFields, tracesOfPlans } from '../model/told.ts';
import { plansRef } from './lock-objects.ts';

/** Stands behind what looks the same without its credentials, and is not. */
const DIFFERS = ' (another credential)';

/** A touched object as people are told of it: without what looks like a credential in what its fields hold. */
export function shownObject(object: TouchedObject, redact: Redact = (text) => text): TouchedObject {
  const { before, during, after } = object;
  const hide = (text: string) => redact(hideFields(text));
  const beside = (text: string) => {
    const isOther = before !== undefined && text !== before && hide(text) === hide(before);
    return `${hide(text)}${isOther ? DIFFERS : ''}`;
  };
  return {
    ...object,
    ...(before === undefined ? {} : { before: hide(before) }),
    ...(during === undefined ? {} : { during: beside(during) }),
    ...(after === undefined ? {} : { after: beside(after) }),
  };
}

/** Commands for people: in place of one that holds a credential stands `instead`, which leads on without one. */
export function shownCommands(commands: readonly string[], redact: Redact, instead: string): readonly string[] {
  return [...new Set(commands.map((command) => (redact(command) === command ? command : instead)))];
}

/**
 * An outcome as people are told it, and as it is recorded: without what looks like a credential. A command that would hold one does
 * not work without it, and gives way to the one that recovers the run.
 */
export function shownOutcome(plan: FaultPlan, outcome: UndoOutcome, recover: string): UndoOutcome {
  const now = { ...plan, objects: [...plan.objects, ...outcome.objects] };
  if (credentialsOf(now).length === 0) return outcome;
  const known = redactor(tracesOfPlans([now]));
  const redact: Redact = (text) => known(hideTold(text));
  const { detail, first, objects, commands, keep } = outcome;
  const isLeft = commands.some((command) => redact(command) !== command);
  return {
    ...outcome,
    detail: `${redact(detail)}${isLeft ? '; a command that holds a credential is not printed' : ''}`,
    ...(first === undefined ? {} : { first: redact(first) }),
    objects: objects.map((object) => shownObject(object, known)),
    commands: shownCommands(commands, redact, recover),
    ...(keep === undefined ? {} : { keep: shownCommands(keep, redact, recover) }),
  };
}

/**
 * A plan with its words for people without what looks like a credential, and with a warning where it keeps one: while the fault is on, it
 * stands in the plans of the run in the cluster. What the undo works from is left as it is.
 */
export function warnedPlan(plan: FaultPlan, lockNamespace: string): FaultPlan {
  if (credentialsOf(plan).length === 0) return plan;
  const known = redactor(tracesOfPlans([plan]));
  const redact: Redact = (text) => known(hideTold(text));
  const { namespace, name } = plansRef(lockNamespace);
  const holders = plan.objects.filter((one) => credentialsOf({ data: null, objects: [one] }).length > 0);
  const where = holders.map((one) => `${one.kind} ${one.namespace}/${one.name} (${one.change})`);
  const warning =
    `${where.length === 0 ? 'What the scenario tells it' : `What stands in ${where.join(' and ')}`} holds what looks like a credential: while the fault ` +
    `is on, that stands in ConfigMap ${namespace}/${name} of cluster ${plan.cluster} and in annotations of what the fault touches, which the history of a workload keeps, for whoever may read them there, ` +
    'and in the journal in the run folder. Move it to a Secret.';
  return {
    ...plan,
    summary: redact(plan.summary),
    warnings: [...plan.warnings.map(redact), warning],
    deadMan: redact(plan.deadMan),
  };
}
