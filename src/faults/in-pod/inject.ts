import { firstWords } from '../../model/credentials.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { affectedBy } from '../../workload/pods.ts';
import { endAll } from '../end-all.ts';
import { insist } from '../insist.ts';
import { poll } from '../poll.ts';
import { beginIn, isWaiting } from './begin.ts';
import { containerName, namedIn, placeOf, stateIn } from './container.ts';
import type { InPodData } from './data.ts';
import type { InPod, Placed, Task } from './kind.ts';
import { putInto } from './pods.ts';

/** How often pods that came later are looked for. */
const LOOK_MS = 250;
/** Pods that came may be open for as long while the API server does not answer; after that the fault is not kept up. */
const OPEN_MS = 5_000;

/** Containers whose image is there begin with the injection; one that starts later is told by what keeps the fault up. */
const BEGIN_MS = 5_000;

/** Puts the container into each pod, and tells it to begin when its kubelet has started it. */
export async function injectInPods<Data extends InPodData>(
  it: InPod<Data>,
  plan: Placed<Data>,
  context: FaultContext,
): Promise<void> {
  const tasks = await it.look(plan, context);
  await endAll(tasks.map((task) => putInto(task, it, plan, context)));
  const name = containerName(plan);
  const begun = new Set<string>();
  await poll(context, BEGIN_MS, async () => {
    const seen = await it.look(plan, context);
    // It is told again, and a fault that has not begun is not proven.
    await beginIn(seen, plan, begun, context).catch(() => undefined);
    return seen.some((task) => isWaiting(task, name, begun)) ? undefined : true;
  });
}

/** Puts it into pods that come later, too, tells what has started to begin, and adds rules where others come whom the rules are to name. */
export async function sustainInPods<Data extends InPodData>(
  it: InPod<Data>,
  plan: Placed<Data>,
  context: FaultContext,
): Promise<void> {
  const { cluster, clock, signal } = context;
  const name = containerName(plan);
  const known = new Map<string, Set<string>>();
  const begun = new Set<string>();
  const look = async () => {
    const tasks = await it.look(plan, context);
    const fresh = tasks.filter(({ object }) => stateIn(object, name).kind === 'absent');
    await endAll(fresh.map((task) => putInto(task, it, plan, context)));
    const hit = fresh.map(({ pod }) => pod);
    if (hit.length > 0) context.onAffected(affectedBy(cluster, hit));
    await beginIn(tasks, plan, begun, context);
    const running = tasks.filter(({ object }) => stateIn(object, name).kind === 'running');
    await endAll(running.map((task) => addTo(task, name, known, context)));
  };
  while (!signal.aborted) {
    await insist(context, OPEN_MS, look).catch((error) => {
      if (!signal.aborted) throw error;
    });
    await clock.sleep(LOOK_MS, signal);
  }
}

/** Adds rules for those who have come since the container's script was written. */
async function addTo(
  { object, pod, named }: Task,
  name: string,
  known: Map<string, Set<string>>,
  { cluster }: FaultContext,
): Promise<void> {
  if (named === undefined) return;
  const own = known.get(pod.uid) ?? new Set(namedIn(object, name));
  known.set(pod.uid, own);
  const fresh = named.addresses.filter((address) => !own.has(address));
  if (fresh.length === 0) return;
  const { code, stderr } = await cluster.exec(placeOf(object, name), named.add(fresh));
  if (code !== 0) {
    const what = `pod ${pod.namespace}/${pod.name}: no rules for ${fresh.join(', ')}: exit code ${code}: ${firstWords(stderr)}`;
    throw new FaultlineError('KUBE_API', what);
  }
  for (const address of fresh) own.add(address);
}
