import type { FaultContext } from '../../model/fault.ts';
import { poll } from '../poll.ts';
import { containerName, stateIn } from './container.ts';
import type { InPodData } from './data.ts';
import type { InPod, Placed, Task } from './kind.ts';

/** The kubelets may have to pull the image first. */
const START_MS = 45_000;

/** What a fault's containers are at, and why they do not all run; nothing is missing where they do. */
type Started = { readonly tasks: readonly Task[]; readonly missing: string | undefined };

/**
 * Waits until the container runs in every pod, and no longer than until one has ended, which does not come back.
 * `wordsFor` says what its exit code means.
 */
export async function startedInPods<Data extends InPodData>(
  it: InPod<Data>,
  plan: Placed<Data>,
  context: FaultContext,
  wordsFor: (code: number) => string,
): Promise<Started> {
  let started: Started = { tasks: [], missing: undefined };
  await poll(context, START_MS, async () => {
    const tasks = await it.look(plan, context);
    const open = tasks.flatMap((task) => whyOpen(task, containerName(plan), wordsFor));
    const why = tasks.length === 0 ? ['no pod is there'] : open.map((one) => one.why);
    started = { tasks, missing: why.length === 0 ? undefined : why.join('; ') };
    return started.missing === undefined || open.some(({ isOver }) => isOver) ? started : undefined;
  });
  return started;
}

/** Why a pod is not hit; empty where it is. */
function whyOpen(
  { pod, object }: Task,
  name: string,
  wordsFor: (code: number) => string,
): { readonly isOver: boolean; readonly why: string }[] {
  const state = stateIn(object, name);
  switch (state.kind) {
    case 'running':
      return [];
    case 'over': {
      const why =
        state.unstarted === undefined
          ? `${pod.name}: the container has ended with exit code ${state.code}${wordsFor(state.code)}`
          : `${pod.name}: the container could not be started: ${state.unstarted}`;
      return [{ isOver: true, why }];
    }
    case 'starting':
      return [{ isOver: false, why: `${pod.name}: ${state.why}` }];
    default:
      return [{ isOver: false, why: `${pod.name}: no container` }];
  }
}
