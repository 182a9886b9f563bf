import { dirname, resolve } from 'node:path';
import type { Scenario } from '../../model/scenario.ts';
import { startSandboxProcess } from './sandbox-process.ts';
import { openTargetsFile, type TargetKind } from './target.ts';

/**
 * Annotation that names manifests to apply to an embedded sandbox before the run, separated by spaces: a path beside
 * the scenario, or `cluster=path` for one cluster only. Elsewhere it says nothing: real clusters are as they are.
 */
const SANDBOX_APPLY = 'sandbox.faultline.dev/apply';

/** The embedded sandbox, started just for one run. */
export const sandboxTarget: TargetKind = {
  name: 'sandbox',
  open: async (scenario) => {
    const sandbox = await startSandboxProcess({
      apply: scenario === undefined ? [] : manifestsOf(scenario),
      namespaces: scenario === undefined ? [] : namespacesOf(scenario),
    });
    const open = await openTargetsFile(sandbox.targets, true);
    return { ...open, watchBlind: sandbox.watchBlind, close: sandbox.close };
  },
};

function manifestsOf(scenario: Scenario): string[] {
  const entries = (scenario.annotations[SANDBOX_APPLY] ?? '').split(/\s+/).filter((entry) => entry !== '');
  return entries.map((entry) => {
    const at = entry.indexOf('=');
    const path = resolve(dirname(scenario.source.file), entry.slice(at + 1));
    return at < 0 ? path : `${entry.slice(0, at)}=${path}`;
  });
}

/** A sandbox that is there for one scenario allows what its faults name, as a targets file written for it would. */
function namespacesOf({ faults }: Scenario): string[] {
  const named = faults.flatMap(({ spec }) => [spec.namespace, spec.namespaces].flat());
  return [...new Set(named.filter((name) => typeof name === 'string'))];
}
