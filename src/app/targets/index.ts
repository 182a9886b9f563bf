import type { Check } from '../../model/engine.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import { labTarget } from './lab.ts';
import type { TargetName } from './names.ts';
import { sandboxTarget } from './sandbox.ts';
import { checkTopology } from './scenario-needs.ts';
import { type OpenTarget, openTargetsFile, type TargetKind, type TargetUse } from './target.ts';

export { type OpenTarget, openTargetsText } from './target.ts';

/** Every target with a name of its own. A new one is a file, its name in `names.ts` and an entry here. */
const TARGET_KINDS: Readonly<Record<TargetName, TargetKind>> = { sandbox: sandboxTarget, lab: labTarget };

/** Undefined for a targets file. */
const kindOf = (name: string): TargetKind | undefined =>
  Object.hasOwn(TARGET_KINDS, name) ? TARGET_KINDS[name as TargetName] : undefined;

/** Opens what `--target` names: a kind of the list, or a targets file. `say` hears what has to be done for it. */
export async function openTarget(
  name: string,
  scenario: Scenario | undefined,
  use: TargetUse = 'look',
  say: (text: string) => void = () => {},
): Promise<OpenTarget> {
  const kind = kindOf(name);
  if (kind !== undefined) return kind.open(scenario, use, say);
  const open = await openTargetsFile(name, false);
  try {
    if (scenario !== undefined) checkTopology(scenario, open.target);
    return open;
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** What the target of this name needs of this machine; nothing for a targets file. */
export async function targetNeeds(name: string): Promise<readonly Check[]> {
  return (await kindOf(name)?.needs?.()) ?? [];
}

/** Whether opening the target of this name starts a new one, which nobody else has: drills there need not wait for each other. */
export function startsAnew(name: string): boolean {
  return kindOf(name)?.keptBy !== undefined;
}

/** Throws USAGE where opening a target starts a new one, in which no earlier run can have left anything. */
export function checkKept(name: string): void {
  const keptBy = kindOf(name)?.keptBy;
  if (keptBy === undefined) return;
  throw new FaultlineError('USAGE', `--target ${name} would start a new ${name}, which has nothing to recover`, {
    hint: `For one that \`${keptBy}\` keeps running, name its targets file.`,
  });
}
