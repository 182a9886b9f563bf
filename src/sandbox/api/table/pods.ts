import { at, type JsonMap, mapOf, mapsOf, numberOf, stringOf } from '../json.ts';
import { ageOf, column, nameOf, type Printer, since, wide } from './column.ts';

/** The STATUS column: the phase, or the most telling reason of a container (printers/internalversion printPod). */
function podStatus(pod: JsonMap): string {
  const status = mapOf(pod.status);
  const phase = stringOf(status.reason) || stringOf(status.phase, 'Unknown');
  const reason = initReason(pod) ?? containerReason(pod, phase);
  if (mapOf(pod.metadata).deletionTimestamp === undefined) return reason;
  return status.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
}

function initReason(pod: JsonMap): string | undefined {
  const statuses = mapsOf(at(pod, 'status', 'initContainerStatuses'));
  const index = statuses.findIndex((one) => at(one, 'state', 'terminated', 'exitCode') !== 0);
  const current = statuses[index];
  if (current === undefined) return undefined;
  const terminated = mapOf(at(current, 'state', 'terminated'));
  const waiting = stringOf(at(current, 'state', 'waiting', 'reason'));
  if (terminated.exitCode !== undefined)
    return `Init:${stringOf(terminated.reason) || `ExitCode:${terminated.exitCode}`}`;
  if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
  return `Init:${index}/${statuses.length}`;
}

function containerReason(pod: JsonMap, phase: string): string {
  let reason = phase;
  let running = false;
  for (const status of mapsOf(at(pod, 'status', 'containerStatuses')).reverse()) {
    const waiting = stringOf(at(status, 'state', 'waiting', 'reason'));
    const terminated = mapOf(at(status, 'state', 'terminated'));
    if (waiting !== '') reason = waiting;
    else if (terminated.exitCode !== undefined) {
      const signal = numberOf(terminated.signal);
      reason = stringOf(terminated.reason) || (signal === 0 ? `ExitCode:${terminated.exitCode}` : `Signal:${signal}`);
    } else if (status.ready === true && at(status, 'state', 'running') !== undefined) running = true;
  }
  if (reason !== 'Completed' || !running) return reason;
  return isReady(pod) ? 'Running' : 'NotReady';
}

function isReady(pod: JsonMap): boolean {
  return mapsOf(at(pod, 'status', 'conditions')).some((one) => one.type === 'Ready' && one.status === 'True');
}

/** `0`, or `3 (5m ago)` when the last termination is known. */
function restarts(statuses: readonly JsonMap[], now: Date): string {
  const count = statuses.reduce((sum, one) => sum + numberOf(one.restartCount), 0);
  const ends = statuses
    .map((one) => stringOf(at(one, 'lastState', 'terminated', 'finishedAt')))
    .filter((one) => one !== '');
  const last = ends.sort().at(-1);
  return count === 0 || last === undefined ? String(count) : `${count} (${since(last, now)} ago)`;
}

export const podPrinter: Printer = {
  columns: [
    column('Name'),
    column('Ready'),
    column('Status'),
    column('Restarts'),
    column('Age'),
    wide('IP'),
    wide('Node'),
    wide('Nominated Node'),
    wide('Readiness Gates'),
  ],
  row: (pod, now) => {
    const statuses = mapsOf(at(pod, 'status', 'containerStatuses'));
    const total = mapsOf(at(pod, 'spec', 'containers')).length;
    return [
      nameOf(pod),
      `${statuses.filter((one) => one.ready === true).length}/${total}`,
      podStatus(pod),
      restarts(statuses, now),
      ageOf(pod, now),
      stringOf(at(pod, 'status', 'podIP')) || '<none>',
      stringOf(at(pod, 'spec', 'nodeName')) || '<none>',
      stringOf(at(pod, 'status', 'nominatedNodeName')) || '<none>',
      '<none>',
    ];
  },
};
