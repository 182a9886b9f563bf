import type { EffectProof, FaultContext } from '../../model/fault.ts';
import { endAll } from '../end-all.ts';
import { unproven } from '../poll.ts';
import { containerName, placeOf } from './container.ts';
import type { InPodData } from './data.ts';
import type { PacketsInPod, Placed, Task } from './kind.ts';
import { countedIn, UNABLE } from './script.ts';
import { startedInPods } from './started.ts';

/** How often the counters are read until the first packet has come, and the pause between. */
const LOOKS = 5;
const PAUSE_MS = 1_000;

/** Every pod has the rules in its own network, and they count packets: iptables says both. */
export async function proveInPods<Data extends InPodData>(
  it: PacketsInPod<Data>,
  plan: Placed<Data>,
  context: FaultContext,
): Promise<EffectProof> {
  const { tasks, missing } = await startedInPods(it, plan, context, wordsFor);
  if (missing !== undefined) return unproven(`${it.missing}: ${missing}`);
  const counts = await counted(tasks, containerName(plan), context);
  const bare = tasks.filter((_, index) => counts[index] === undefined);
  if (bare.length > 0) return unproven(`without the rules: ${bare.map(({ pod }) => pod.name).join(', ')}`);
  const packets = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const detail = `iptables shows the rules in each of ${tasks.length} pods; they have ${it.did(plan.data)} ${packets} packets so far`;
  return { proven: true, observed: packets > 0, detail };
}

function wordsFor(code: number): string {
  if (code === UNABLE) {
    return ': it cannot delay packets there, and has written no rule. The image needs tc, the kernel of the node sch_prio and sch_netem, and the interface of the pod no queue of somebody else; the log of the container has the words of tc';
  }
  return code === 3 ? ': iptables has not taken the rules; the log of the container has its words' : '';
}

/** Packets that the rules of each pod have hit; undefined where a pod does not show the rules. */
async function counted(
  tasks: readonly Task[],
  name: string,
  { cluster, clock, signal }: FaultContext,
): Promise<(number | undefined)[]> {
  for (let look = 1; ; look++) {
    const counts = await endAll(
      tasks.map(async ({ object, show }) => {
        const shown = await cluster.exec(placeOf(object, name), show);
        return shown.code === 0 ? countedIn(shown.stdout) : undefined;
      }),
    );
    const isSeen = counts.every((count) => count !== undefined) && counts.some((count) => count !== 0);
    if (isSeen || look === LOOKS || signal.aborted) return counts;
    await clock.sleep(PAUSE_MS, signal);
  }
}
