import { firstWords } from '../../model/credentials.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import type { Outside, OutsideAction, OutsideEnd, Surroundings } from '../../model/ports.ts';
import { isSecretHeader } from '../../model/redact.ts';
import type { Json } from '../../model/scenario.ts';
import { shellCommand, shellQuoted } from '../../model/shell.ts';
import type { Millis } from '../../model/units.ts';
import { withoutUser } from '../../model/without-user.ts';
import type { PlanOf } from '../define.ts';
import { hasFields } from '../has-fields.ts';
import type { ActionBlock, HookBlock } from './block.ts';

/** What a hook does, and where. */
type Actions = {
  readonly inject: OutsideAction;
  readonly undo: OutsideAction;
  readonly probe: OutsideAction;
  /** Of a probe by HTTP: the text that says that the fault is on. */
  readonly says: string | null;
  readonly env: readonly string[];
  /** What undo and probe depend on besides; plans of older versions do not say. */
  readonly surroundings?: Surroundings;
};

/** A hook's own part of its plan. */
export type HookData = {
  readonly namespace: string;
  readonly hits: Readonly<Record<string, string>>;
  readonly limitMs: Millis;
  readonly actions: Actions;
  /** Only who planned it can have made it; what is not sealed by this user is not run. */
  readonly seal: string;
};

/** Whether the data of a plan is that of a hook. */
export function isHookData(data: Json): boolean {
  const { actions, hits } = (data ?? {}) as { readonly [field: string]: Json | undefined };
  const { inject, undo, probe, surroundings } = (actions ?? {}) as { readonly [field: string]: Json | undefined };
  return (
    hasFields(data, { namespace: 'string', limitMs: 'number', seal: 'string' }) &&
    hasFields(actions, { says: 'string?', env: 'list' }) &&
    [hits, inject, undo, probe].every((one) => hasFields(one, {})) &&
    (surroundings === undefined || isSurroundings(surroundings))
  );
}

function isSurroundings(data: Json): boolean {
  const { programs, values } = (data ?? {}) as { readonly [field: string]: Json | undefined };
  const { always } = (programs ?? {}) as { readonly [field: string]: Json | undefined };
  const isPlace = programs === null || (hasFields(programs, { folder: 'string' }) && hasFields(always, {}));
  return isPlace && hasFields(values, {});
}

/** The actions that a block asks for, and what they depend on here and now. Throws ENV_MISSING where a variable is not set. */
export async function actionsOf(block: HookBlock, context: FaultContext): Promise<Actions> {
  const { env = [] } = block;
  const { says = null, ...asked } = block.probe;
  const [inject, undo, probe] = [actionOf(block.inject), actionOf(block.undo), actionOf(asked)];
  const surroundings = await outsideOf(context).surroundings([undo, probe], env);
  return { inject, undo, probe, says, env, surroundings };
}

function actionOf({ command, url = '', method, headers = {}, body }: ActionBlock): OutsideAction {
  if (command !== undefined) return { command };
  const list = Object.entries(headers).map(([name, value]) => {
    if (typeof value !== 'string') return { name, env: value.env, prefix: value.prefix ?? '' };
    if (!isSecretHeader(name)) return { name, value };
    throw new FaultlineError(
      'FIELD_VALUE',
      `the header ${name} of a hook must come from the environment: plans are kept`,
      {
        hint: `Write ${name}: { env: NAME_OF_A_VARIABLE }`,
      },
    );
  });
  return { method, url, headers: list, body: body ?? null };
}

/** The port to the outside. Throws where a fault has none. */
export function outsideOf({ outside }: Pick<FaultContext, 'outside'>): Outside {
  if (outside !== undefined) return outside;
  throw new FaultlineError('INTERNAL', 'a hook was given no way to the outside');
}

/** Whether these very actions were planned by this user on this machine: nothing is run on the word of a cluster. */
export async function isSealed({ actions, seal }: HookData, context: Pick<FaultContext, 'outside'>): Promise<boolean> {
  return (await outsideOf(context).seal(JSON.stringify(actions))) === seal;
}

/**
 * Does what brings the fault or takes it back, as a write to its cluster: only who holds that may. Resolves to what is to be said
 * besides. Throws HOOK where it did not end well.
 */
export async function act(which: 'inject' | 'undo', data: HookData, context: FaultContext): Promise<string> {
  const action = data.actions[which];
  await context.cluster.mayWrite?.();
  // An undo that is under way may end what its runner did not live to see.
  const bounds = which === 'undo' ? { outlives: true } : { outlives: false, signal: context.signal };
  const end = await ended(action, bounds, data, context);
  if ('command' in action ? end.code === 0 : isOk(end)) return leftText(end);
  throw failed(which, action, end);
}

/** Whether the probe says that the fault is on; `signal` ends it. Throws HOOK where it does not say. */
export async function isOn(data: HookData, context: FaultContext, signal?: AbortSignal): Promise<boolean> {
  const { probe, says } = data.actions;
  const seeks = 'command' in probe ? null : says;
  const bounds = { outlives: false, ...(signal === undefined ? {} : { signal }), ...(seeks === null ? {} : { seeks }) };
  const end = await ended(probe, bounds, data, context);
  if (!('command' in probe) && isOk(end)) return end.has === true;
  if (!('command' in probe) || end.code < 0 || end.code > 1) throw failed('probe', probe, end);
  if (end.code === 1) requireSilent(probe.command, end);
  return end.code === 0;
}

/** A program that breaks down ends with 1 as well, and says why: an exception of Node.js or Python, a command under `set -e`. */
function requireSilent([program]: readonly (string | undefined)[], { stderr = '' }: OutsideEnd): void {
  if (stderr === '') return;
  const said = `${program} ended with 1 and said on stderr: ${firstWords(stderr)}`;
  throw new FaultlineError('HOOK', `probe: ${said}: 1 means off only where it is silent there`);
}

function ended(
  action: OutsideAction,
  bounds: { readonly outlives: boolean; readonly signal?: AbortSignal; readonly seeks?: string },
  { actions: { env, surroundings }, limitMs }: HookData,
  context: FaultContext,
): Promise<OutsideEnd> {
  return outsideOf(context).act(action, {
    ...{ env, limit: limitMs, ...bounds },
    ...(surroundings === undefined ? {} : { surroundings }),
  });
}

const isOk = ({ code }: OutsideEnd) => code >= 200 && code < 300;

/** Begins with a semicolon; empty where nothing is known of. */
function leftText({ left }: OutsideEnd): string {
  return left === true ? '; what its program had started goes on, and holds its output' : '';
}

function failed(which: string, action: OutsideAction, end: OutsideEnd): FaultlineError {
  const { code, said } = end;
  const what =
    'command' in action ? `${action.command[0]} ended with ${code}` : `${withoutUser(action.url)} answered ${code}`;
  return new FaultlineError('HOOK', `${which}: ${what}${said === '' ? '' : `: ${firstWords(said)}`}${leftText(end)}`);
}

/** The action as a person types it, whatever words are in it; values from the environment stand as variables. */
export function typed(action: OutsideAction): string {
  if ('command' in action) return shellCommand(action.command);
  const { method, url, body } = action;
  const headers = action.headers.map((one) => {
    if ('value' in one) return `-H ${shellQuoted(`${one.name}: ${one.value}`)}`;
    return `-H ${shellQuoted(`${one.name}: ${one.prefix}`)}"$${one.env.replaceAll(/\W/g, '')}"`;
  });
  const data = body === null ? [] : ['--data', shellQuoted(body)];
  return ['curl', '-fsS', '-X', shellQuoted(method), ...headers, ...data, shellQuoted(url)].join(' ');
}

/** The plan of a hook. */
export type HookPlan = PlanOf<HookData>;
