import { FaultlineError } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { endAll } from '../end-all.ts';
import { containerName, type FaultName, placeOf, stateIn, tellsOf } from './container.ts';
import type { Task } from './kind.ts';
import { BEGIN_COMMAND } from './script.ts';

/**
 * Tells each container that runs, and is not among those of the pods in `begun`, to begin: by their UIDs they are among them when they
 * have. Rejects where one could not be told or has not begun; it is to be told again then. One that does not tell of its fault is never
 * told to.
 */
export async function beginIn(
  tasks: readonly Task[],
  fault: FaultName,
  begun: Set<string>,
  { cluster }: FaultContext,
): Promise<void> {
  const name = containerName(fault);
  const running = tasks.filter(({ object, pod }) => stateIn(object, name).kind === 'running' && !begun.has(pod.uid));
  await endAll(
    running.map(async ({ object, pod }) => {
      if (!tellsOf(object, fault)) {
        const what = `cluster ${cluster.name}: pod ${pod.namespace}/${pod.name}: container ${name} has lost what tells of its fault, and was not told to begin`;
        throw new FaultlineError('FAULT_REFUSED', what, {
          hint: 'Something has changed its variables, as a webhook does: kubectl get mutatingwebhookconfigurations',
        });
      }
      const { code } = await cluster.exec(placeOf(object, name), BEGIN_COMMAND);
      if (code !== 0) {
        const what = `pod ${pod.namespace}/${pod.name}: container ${name} runs and has not begun`;
        throw new FaultlineError('KUBE_API', what);
      }
      begun.add(pod.uid);
    }),
  );
}

/** Whether a container that is in the pod has yet to begin. */
export function isWaiting({ object, pod }: Task, name: string, begun: ReadonlySet<string>): boolean {
  const { kind } = stateIn(object, name);
  return kind === 'starting' || (kind === 'running' && !begun.has(pod.uid));
}
