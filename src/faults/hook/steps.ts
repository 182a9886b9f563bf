import { FaultlineError } from '../../model/errors.ts';
import type { ByHand, EffectProof, FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS } from '../../model/kubernetes.ts';
import { shellCommand } from '../../model/shell.ts';
import { otherMark } from '../marks.ts';
import { createIfAbsent } from '../owned/create.ts';
import { idleJob, objectName } from '../owned/objects.ts';
import { removeOwned } from '../owned/undo.ts';
import { poll, pollUndone, unproven } from '../poll.ts';
import { act, type HookPlan, isOn, isSealed, outsideOf, typed } from './actions.ts';

/** How long what was asked for may take to be on, or off again. */
const LIMIT_MS = 90_000;

const anchorOf = (plan: HookPlan) => ({ ...KINDS.job, namespace: plan.data.namespace, name: objectName(plan) });

/** Leaves a Job that says that the fault may be on, and only then does it. */
export async function inject(plan: HookPlan, context: FaultContext): Promise<void> {
  await insistOnSeal(plan, context);
  await createIfAbsent(context.cluster, idleJob(plan, plan.data.namespace));
  await act('inject', plan.data, context);
}

/** The probe says that it is on. */
export async function prove(plan: HookPlan, context: FaultContext): Promise<EffectProof> {
  await insistOnSeal(plan, context);
  // Whoever wants one look and no wait says so by a signal that was there before.
  const stop = context.signal.aborted ? undefined : context.signal;
  const look = async (): Promise<EffectProof | undefined> => {
    const before = context.now();
    if (!(await isOn(plan.data, context, stop))) return undefined;
    return { proven: true, observed: true, detail: 'the probe says that it is on', effective: before };
  };
  return (await poll(context, LIMIT_MS, look)) ?? unproven('the probe says that it is off');
}

/**
 * Takes the fault back where it may be on: where its Job is there, or was and the probe says so. What is on without
 * a Job may be somebody else's doing, and what this user has not planned is not run: both are told. Where its cluster is gone, its Job says
 * nothing, and it may be on; so it may where nobody here may ask the probe, whoever has taken the Job away.
 */
export async function undo(plan: HookPlan, context: FaultContext): Promise<UndoOutcome> {
  const anchor = await context.cluster.get(anchorOf(plan));
  const isThere = anchor !== undefined && otherMark(anchor, plan.runId) === undefined;
  const mayBeOn = isThere || context.clusterGone === true;
  const own = await isSealed(plan.data, context);
  if (!own) return unvouched(plan, { mayBeOn, context });
  const obstacles = await obstaclesOf(plan, context);
  if (obstacles.length > 0) return unasked(plan, obstacles, { mayBeOn, context });
  if (!mayBeOn) {
    const text = 'it is on, but its Job is not there: somebody has taken that away, or this is their doing';
    return (await isOn(plan.data, context))
      ? left(plan, text, context)
      : gone(plan, context, 'the probe says that it is off');
  }
  const besides = await act('undo', plan.data, context);
  const isOff = await pollUndone(context, LIMIT_MS, async () => ((await isOn(plan.data, context)) ? undefined : true));
  if (!isOff) return unable(plan, 'it was undone, and the probe still says that it is on', context);
  return gone(plan, context, `it was undone, and the probe says that it is off${besides}${placeText(plan)}`);
}

function gone(plan: HookPlan, context: FaultContext, detail: string): Promise<UndoOutcome> {
  return removeOwned(plan, [anchorOf(plan)], context, async () => detail);
}

/** It may be on, and a person has to decide: its Job is what `recover` names for that, whether it is there or not. */
function left(plan: HookPlan, why: string, { clusterGone }: FaultContext): UndoOutcome {
  const { namespace, name } = anchorOf(plan);
  const deletion = shellCommand(['kubectl', '-n', namespace, 'delete', `job/${name}`, '--ignore-not-found']);
  return {
    state: 'conflict',
    detail: `${why}; it was left alone`,
    objects: objectsOf(plan, 'conflict'),
    commands: [commandOf(plan), ...(clusterGone === true ? [] : [deletion])],
    stands: true,
  };
}

/** Nobody else has changed anything: there is nothing to decide, and it stays open until it is undone. */
function unable(plan: HookPlan, why: string, context: FaultContext): UndoOutcome {
  const { detail, commands } = left(plan, why, context);
  return { state: 'failed', detail, commands, objects: objectsOf(plan, 'left-behind') };
}

async function obstaclesOf({ data: { actions } }: HookPlan, context: FaultContext): Promise<readonly string[]> {
  const { surroundings } = actions;
  return surroundings === undefined ? [] : outsideOf(context).obstacles(surroundings);
}

/** Its undo and its probe would be about something else here than what the run has changed: nothing is run. */
function unasked(
  plan: HookPlan,
  obstacles: readonly string[],
  { mayBeOn, context }: { readonly mayBeOn: boolean; readonly context: FaultContext },
): UndoOutcome {
  const why = `nothing was run: ${obstacles.join('; ')}, and recover again`;
  return mayBeOn ? unable(plan, why, context) : left(plan, `its Job is not there, and it may be on; ${why}`, context);
}

/** Where it was undone, where its plan does not tell. */
function placeText({ data: { actions } }: HookPlan): string {
  return actions.surroundings === undefined
    ? '. Its plan is of an older version and does not tell in which folder and with which values it was done: the folder and the variables of this process were taken'
    : '';
}

/** The undo as a person types it. */
function commandOf({ data: { actions } }: HookPlan): string {
  const command = typed(actions.undo);
  const folder = 'command' in actions.undo ? actions.surroundings?.programs?.folder : undefined;
  return folder === undefined ? command : `${shellCommand(['cd', folder])} && ${command}`;
}

/** The undo for a person; what this user has not planned is told, and is none to paste. */
export async function byHand(plan: HookPlan, context: Pick<FaultContext, 'outside'>): Promise<ByHand> {
  if (await isSealed(plan.data, context)) return { commands: [commandOf(plan)] };
  return { commands: [], first: firstText(plan) };
}

/**
 * Anybody who may write its plan may have made it up: what undoes it is told, to be done first, and is none to paste. That it was
 * done nobody here can see: a person says so.
 */
function unvouched(
  plan: HookPlan,
  { mayBeOn, context }: { readonly mayBeOn: boolean; readonly context: FaultContext },
): UndoOutcome {
  const what = mayBeOn ? '' : 'its Job is not there, which does not tell that it is off; ';
  const why = `${what}it was planned by another user or on another machine, and its commands are not run on the word of its plan`;
  return { ...left(plan, why, context), commands: [], first: firstText(plan) };
}

function firstText({ data: { actions } }: HookPlan): string {
  const { undo, surroundings } = actions;
  const folder = surroundings?.programs?.folder;
  const where = 'command' in undo && folder !== undefined ? `, in ${shellCommand([folder])}` : '';
  return `run this first${where}, where the scenario says the same (whoever may write its plan may have made it up): ${typed(undo)}`;
}

function objectsOf({ objects }: HookPlan, state: TouchedObject['state']): TouchedObject[] {
  return objects.map((object) => ({ ...object, state }));
}

async function insistOnSeal(plan: HookPlan, context: FaultContext): Promise<void> {
  if (await isSealed(plan.data, context)) return;
  throw new FaultlineError('JOURNAL', `the plan of fault ${plan.fault} was not made by this user on this machine`);
}
