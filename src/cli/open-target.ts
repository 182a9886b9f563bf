import { dirname, resolve } from 'node:path';
import { openCluster } from '../kube/kubeconfig.ts';
import { accessOf } from '../lab/up/access.ts';
import { LAB_FOLDER } from '../lab/up/state.ts';
import { labCondition } from '../lab/up/status.ts';
import { FaultlineError } from '../model/errors.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Target, Topology } from '../model/target.ts';
import { systemClock } from '../run/system-clock.ts';
import type { OpenCluster } from '../run/wiring.ts';
import type { WatchBlind } from './blind.ts';
import { loadTargets } from './load-files.ts';
import { startSandboxProcess } from './sandbox-process.ts';

/** A target whose clusters can be reached. */
export type OpenTarget = {
  readonly target: Target;
  /** Started for this use, and gone after it. */
  readonly ephemeral: boolean;
  readonly clusters: ReadonlyMap<string, OpenCluster>;
  /** Present where the target is a process of faultline's own, whose standing still is no fault of the system. */
  readonly watchBlind?: WatchBlind;
  close(): Promise<void>;
};

/**
 * Annotation that names manifests to apply to an embedded sandbox before the run, separated by spaces: a path beside
 * the scenario, or `cluster=path` for one cluster only. Elsewhere it says nothing: real clusters are as they are.
 */
const SANDBOX_APPLY = 'sandbox.faultline.dev/apply';

/** Opens `sandbox` (an embedded one, just for this run), `lab` (which is up already) or a targets file. */
export async function openTarget(name: string, scenario: Scenario | undefined): Promise<OpenTarget> {
  if (name === 'lab') return openTargetsFile(labTargets(), false);
  if (name !== 'sandbox') return openTargetsFile(name, false);
  const sandbox = await startSandboxProcess({
    apply: scenario === undefined ? [] : manifestsOf(scenario),
    namespaces: scenario === undefined ? [] : namespacesOf(scenario),
  });
  const open = await openTargetsFile(sandbox.targets, true);
  return { ...open, watchBlind: sandbox.watchBlind, close: sandbox.close };
}

/** The targets file of the lab on this machine. Throws LAB when it is not up. */
function labTargets(): string {
  const condition = labCondition(LAB_FOLDER);
  if (condition.kind === 'up') return accessOf(LAB_FOLDER).targets;
  const what = condition.kind === 'down' ? 'the lab is not up' : `the lab is broken: ${condition.reason}`;
  throw new FaultlineError('LAB', what, { hint: 'faultline lab up' });
}

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

async function openTargetsFile(file: string, ephemeral: boolean): Promise<OpenTarget> {
  const { value: target } = loadTargets(file);
  const clusters = target.clusters.map((cluster): [string, OpenCluster] => [
    cluster.name,
    {
      cluster: openCluster(cluster, systemClock),
      kubeconfig: cluster.kubeconfig,
      context: cluster.context,
      uid: cluster.uid,
      gateways: cluster.gateways,
    },
  ]);
  return { target, ephemeral, clusters: new Map(clusters), close: async () => {} };
}

/**
 * Whether a run met a model or real clusters. The clusters say so themselves: a sandbox's version ends in
 * `+faultline-sandbox`, and the name of a target proves nothing.
 */
export function targetKind(topology: Topology): 'sandbox' | 'clusters' {
  return topology.clusters.every((cluster) => cluster.version.endsWith('+faultline-sandbox')) ? 'sandbox' : 'clusters';
}
