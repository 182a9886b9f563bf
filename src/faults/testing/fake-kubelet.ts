import type { ContainerRef, KubeObject } from '../../model/kubernetes.ts';
import type { ExecResult } from '../../model/ports.ts';
import { BEGIN_COMMAND } from '../in-pod/script.ts';

type State = { running?: object; terminated?: { exitCode: number; message: string } };
/** `used` is the CPU time that it has been seen to use, in microseconds; one that nobody has told to begin has no rules. */
type Status = { name: string; state: State; used?: number; begun?: true };
type Entry = { readonly name: string; readonly targetContainerName?: string; readonly command?: readonly string[] };
type Started = { name: string; restartCount: number; containerID: string; state: State };

/** What a container that drops packets shows of its rules, while it runs and at its end. */
const RULES = '-A FAULTLINE-x -c 7 420 -j DROP\n';

const entriesOf = (pod: KubeObject) =>
  ((pod.spec ?? {}) as { ephemeralContainers?: Entry[] }).ephemeralContainers ?? [];
const statusesOf = (pod: KubeObject) =>
  ((pod.status ?? {}) as { ephemeralContainerStatuses?: Status[] }).ephemeralContainerStatuses ?? [];

/** Starts the ephemeral containers of a pod that have not been started, at once. */
export function startContainers(pod: KubeObject): void {
  const known = statusesOf(pod);
  const fresh = entriesOf(pod).filter(({ name }) => !known.some((status) => status.name === name));
  if (fresh.length === 0) return;
  const started = fresh.map(({ name }): Status => ({ name, state: { running: {} } }));
  pod.status = { ...(pod.status as object), ephemeralContainerStatuses: [...known, ...started] as never };
}

const startedIn = (pod: KubeObject | undefined, container: string) =>
  ((pod?.status ?? {}) as { containerStatuses?: Started[] }).containerStatuses?.find(({ name }) => name === container);

/** Starts a container anew in its pod, as its kubelet does when it has ended. */
function restart(container: Started): void {
  container.restartCount += 1;
  container.containerID = `containerd://${container.restartCount}`;
}

/** Whether a command ends its container or lets it begin, which is a write; everything else only looks. */
export function isActing(command: readonly string[]): boolean {
  return command.some((word) => /\bkill\b/.test(word));
}

const tellsToBegin = (command: readonly string[]): boolean => command.at(-1) === BEGIN_COMMAND.at(-1);

/** Runs a command in a running container; undefined where there is none. */
export function runIn(
  pod: KubeObject | undefined,
  { container }: ContainerRef,
  command: readonly string[],
): ExecResult | undefined {
  const own = startedIn(pod, container);
  if (own !== undefined) {
    if (isActing(command)) restart(own);
    return { code: 0, stdout: '', stderr: '' };
  }
  const status = pod === undefined ? undefined : statusesOf(pod).find(({ name }) => name === container);
  if (status?.state.running === undefined) return undefined;
  const use = useIn(status, command);
  if (use !== undefined) return { code: 0, stdout: use, stderr: '' };
  if (tellsToBegin(command)) {
    status.begun = true;
    return { code: 0, stdout: 'on\n', stderr: '' };
  }
  if (isActing(command)) endIn(pod, status);
  return status.begun ? { code: 0, stdout: RULES, stderr: '' } : { code: 1, stdout: '', stderr: 'No chain' };
}

/** Ends a container, and with it the one among whose processes it is. */
function endIn(pod: KubeObject | undefined, status: Status): void {
  const entry = pod === undefined ? undefined : entriesOf(pod).find(({ name }) => name === status.name);
  const target = entry?.targetContainerName === undefined ? undefined : startedIn(pod, entry.targetContainerName);
  if (target !== undefined) restart(target);
  status.state = { terminated: { exitCode: 0, message: status.begun ? RULES : '' } };
}

/** What the kernel counts of a container that uses as much as it can, where a command asks for that. */
function useIn(status: Status, command: readonly string[]): string | undefined {
  const text = command.join(' ');
  if (text.includes('memory.current')) return `${1e12}\n`;
  if (!text.includes('cpu.stat')) return undefined;
  status.used = (status.used ?? 0) + 1e9;
  return `usage_usec ${status.used}\nnr_periods 0\n`;
}

/**
 * The containers of a pod that are still at work: one that has ended cannot be taken out, and counts for nothing; nor does one that only
 * sleeps and then ends.
 */
export function runningContainers(pod: KubeObject): readonly Entry[] {
  const ended = statusesOf(pod).filter(({ state }) => state.terminated !== undefined);
  const isIdle = ({ command }: Entry): boolean => /^sleep \d+$/.test(command?.at(-1) ?? '');
  return entriesOf(pod).filter((entry) => !isIdle(entry) && !ended.some(({ name }) => name === entry.name));
}
