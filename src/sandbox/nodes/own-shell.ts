import type { ExecAnswer } from '../api/context.ts';
import type { RunningPods } from './running-pods.ts';

type Place = readonly [namespace: string, pod: string, container: string];

/** Ends the first process of a pod's own container, as SIGTERM does; false where there is no such container. */
export function endContainer(pods: RunningPods, ...[namespace, pod, container]: Place): boolean {
  const app = pods.named(namespace, pod)?.pod.app;
  if (app === undefined || app.container !== container) return false;
  app.end();
  return true;
}

/** What a shell in a pod's own container is known to do here: tell its first process to end. Undefined for anything else. */
export function ownShell(
  pods: RunningPods,
  ...[namespace, pod, container, command]: readonly [...Place, command: readonly string[]]
): Promise<ExecAnswer> | undefined {
  const [shell = '', flag, script = ''] = command;
  if (!/(^|\/)sh$/.test(shell) || flag !== '-c' || !/\bkill (-TERM )?1\b/.test(script)) return undefined;
  if (!endContainer(pods, namespace, pod, container)) return undefined;
  return Promise.resolve({ code: 0, stdout: '', stderr: '' });
}
