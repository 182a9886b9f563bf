import { release } from 'node:os';
import { startNeeds } from '../../lab/needs.ts';
import { labParts } from '../../lab/parts.ts';
import { accessOf } from '../../lab/up/access.ts';
import { holdForRun } from '../../lab/up/lock.ts';
import { changeMesh, takeBackChanges } from '../../lab/up/mesh-changes.ts';
import { probeStart } from '../../lab/up/probes.ts';
import { runningTopology } from '../../lab/up/running-topology.ts';
import { runningVersions } from '../../lab/up/running-versions.ts';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { labCondition } from '../../lab/up/status.ts';
import type { Check } from '../../model/engine.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import { systemClock } from '../../run/system-clock.ts';
import { DEFAULT_TOPOLOGY, type NamedTopology } from '../../topologies/index.ts';
import { restartEjectors } from './lab-callers.ts';
import { checkLabTopology, labUpCommand } from './lab-topology.ts';
import { manifestsOf, topologyOf } from './scenario-needs.ts';
import { type OpenTarget, openTargetsFile, type TargetKind } from './target.ts';

/** The lab that is up on this machine; nothing starts it but `faultline lab up`. */
export const labTarget: TargetKind = {
  open: async (scenario, use, say) => {
    const asked = scenario && topologyOf(scenario);
    const file = targetsFile(asked ?? DEFAULT_TOPOLOGY);
    if (asked !== undefined) checkLabTopology(asked, runningTopology(LAB_FOLDER));
    const open = await openTargetsFile(file, false);
    const versions = componentVersions(LAB_FOLDER);
    if (scenario === undefined || use === 'look') return { ...open, versions };
    try {
      const giveBack = await prepare(scenario, open, say);
      const close = async () => {
        await open.close();
        await giveBack();
      };
      return { ...open, close, versions };
    } catch (error) {
      await open.close();
      throw error;
    }
  },
  needs: async () => {
    const needs = startNeeds(await probeStart()).map((need) => ({ ...need, what: `lab: ${need.what}` }));
    return [...needs, await checkBuild()];
  },
};

const WHERE = { folder: LAB_FOLDER, clock: systemClock };

/**
 * One run at a time has the lab, with the manifests that its scenario wants, and without what callers remember of an earlier
 * one. Resolves to what gives it back.
 */
async function prepare(
  scenario: Scenario,
  { target, clusters }: OpenTarget,
  say: (text: string) => void,
): Promise<() => Promise<void>> {
  const release = await holdForRun();
  const giveBack = async (): Promise<void> => {
    try {
      await takeBackChanges(WHERE);
    } finally {
      release();
    }
  };
  try {
    const restarted = await Promise.all(
      [...clusters.values()].map(({ cluster }) => restartEjectors(cluster, target.observe, systemClock)),
    );
    const names = restarted.flat().join(', ');
    if (names !== '') say(`started anew, since they kept hosts of an earlier drill ejected: ${names}`);
    await changeMesh(manifestsOf(scenario), WHERE);
    return giveBack;
  } catch (error) {
    release();
    throw error;
  }
}

/** Kubernetes and Istio are told by the clusters. */
function componentVersions(folder: string): Record<string, string> {
  const { kubernetes: _kubernetes, istio, kubeRouter, ...others } = runningVersions(folder);
  return { ...others, 'istio module': istio, 'kube-router': kubeRouter, kernel: release() };
}

/** Throws LAB when it is not up, with what starts one of this topology. */
function targetsFile(topology: NamedTopology): string {
  const condition = labCondition(LAB_FOLDER);
  if (condition.kind === 'up') return accessOf(LAB_FOLDER).targets;
  const what = condition.kind === 'down' ? 'the lab is not up' : `the lab is broken: ${condition.reason}`;
  throw new FaultlineError('LAB', what, { hint: labUpCommand(topology) });
}

async function checkBuild(): Promise<Check> {
  const what = 'lab: build';
  try {
    const { versions } = await labParts();
    return { what, ok: true, detail: `Kubernetes ${versions.kubernetes}, Envoy ${versions.envoy}` };
  } catch (error) {
    return { what, ok: false, detail: messageOf(error), fix: 'faultline lab build' };
  }
}
