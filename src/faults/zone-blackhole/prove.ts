import type { EffectProof, FaultContext } from '../../model/fault.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { poll, unproven } from '../poll.ts';
import { type BlackholeData, chainName, containerName, cutState, placeOf } from './container.ts';
import { lookAtZone, type ZonePod } from './pods.ts';
import { droppedIn, showCommand } from './script.ts';

/** The kubelets may have to pull the image first. */
const START_MS = 45_000;
/** How often the counters are read until the first packet has come, and the pause between. */
const LOOKS = 5;
const PAUSE_MS = 1_000;

/** Every pod of the zone has the rules in its own network, and they count packets: iptables says both. */
export async function prove(plan: PlanOf<BlackholeData>, context: FaultContext): Promise<EffectProof> {
  let pods: readonly ZonePod[] = [];
  let missing = 'no pod is in the zone';
  const started = await poll(context, START_MS, async () => {
    ({ pods } = await lookAtZone(plan.data, context));
    const open = pods.flatMap((pod) => whyOpen(pod, plan));
    missing = open.map(({ why }) => why).join('; ') || missing;
    if (open.some(({ over }) => over)) return 'failed';
    return open.length === 0 && pods.length > 0 ? 'started' : undefined;
  });
  if (started !== 'started') return unproven(`not cut off: ${missing}`);
  const counts = await counted(pods, plan, context);
  const bare = pods.filter((_, index) => counts[index] === undefined);
  if (bare.length > 0) return unproven(`without the rules: ${bare.map(({ pod }) => pod.name).join(', ')}`);
  const dropped = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const detail = `iptables shows the rules in each of ${pods.length} pods; they have dropped ${dropped} packets so far`;
  return { proven: true, observed: dropped > 0, detail };
}

/** Why a pod is not cut off; empty where it is. */
function whyOpen({ pod, object }: ZonePod, plan: PlanOf<BlackholeData>): { over: boolean; why: string }[] {
  const state = cutState(object, containerName(plan));
  switch (state.kind) {
    case 'running':
      return [];
    case 'over':
      return [{ over: true, why: `${pod.name}: the container has ended with exit code ${state.code}` }];
    case 'starting':
      return [{ over: false, why: `${pod.name}: ${state.why}` }];
    default:
      return [{ over: false, why: `${pod.name}: no container` }];
  }
}

/** Packets that the rules of each pod have dropped; undefined where a pod does not show the rules. */
async function counted(
  pods: readonly ZonePod[],
  plan: PlanOf<BlackholeData>,
  { cluster, clock, signal }: FaultContext,
): Promise<(number | undefined)[]> {
  for (let look = 1; ; look++) {
    const counts = await endAll(
      pods.map(async ({ object }) => {
        const shown = await cluster.exec(placeOf(object, containerName(plan)), showCommand(chainName(plan)));
        return shown.code === 0 ? droppedIn(shown.stdout) : undefined;
      }),
    );
    const isSeen = counts.every((count) => count !== undefined) && counts.some((count) => count !== 0);
    if (isSeen || look === LOOKS || signal.aborted) return counts;
    await clock.sleep(PAUSE_MS, signal);
  }
}
