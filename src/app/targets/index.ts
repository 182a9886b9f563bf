import type { Check } from '../../model/engine.ts';
import type { RunHeader } from '../../model/history.ts';
import { practiceKind } from '../../model/practice.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/target.ts';
import { labTarget } from './lab.ts';
import { sandboxTarget } from './sandbox.ts';
import { type OpenTarget, openTargetsFile, type TargetKind, type TargetUse } from './target.ts';

export { type OpenTarget, openTargetsText } from './target.ts';

/** Every target with a name of its own. A new one is one file and one entry here. */
const TARGET_KINDS: readonly TargetKind[] = [sandboxTarget, labTarget];

/** Their names. */
export const TARGET_NAMES: readonly string[] = TARGET_KINDS.map(({ name }) => name);

/** Opens what `--target` names: a kind of the list, or a targets file. */
export async function openTarget(
  name: string,
  scenario: Scenario | undefined,
  use: TargetUse = 'look',
): Promise<OpenTarget> {
  const kind = TARGET_KINDS.find((one) => one.name === name);
  return kind === undefined ? openTargetsFile(name, false) : kind.open(scenario, use);
}

/** What the target of this name needs of this machine; nothing for a targets file. */
export async function targetNeeds(name: string): Promise<readonly Check[]> {
  return (await TARGET_KINDS.find((one) => one.name === name)?.needs?.()) ?? [];
}

/** Whether a run met a model, the lab or other real clusters: the name of a target proves nothing. */
export function targetKind(topology: Topology): RunHeader['target']['kind'] {
  return practiceKind(topology) ?? 'clusters';
}
