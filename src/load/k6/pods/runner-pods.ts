import { hideCredentials } from '../../../model/credentials.ts';
import { FaultlineError } from '../../../model/errors.ts';
import { inContext } from '../../../model/kubectl.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import type { PodCluster } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import { visibleLine } from '../../../model/visible.ts';
import { lookUntil, type WaitClock } from '../../look-until.ts';

/** Pulling an image on every node and passing the operator's own checks takes its time. */
const PACE: { readonly patienceMs: Millis; readonly lookMs: Millis; readonly sayEveryMs: Millis } = {
  patienceMs: 300_000,
  lookMs: 500,
  sayEveryMs: 15_000,
};
const LOG_PATIENCE_MS: Millis = 5_000;
/** Container of every pod of a TestRun but the starter's. */
export const CONTAINER = 'k6';

/** Whose pods are waited for, and who is told. */
type Awaited = {
  readonly cluster: PodCluster;
  readonly namespace: string;
  readonly testRun: string;
  readonly pods: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal | undefined;
};

/** The runner pods that run, and the stage of their TestRun. */
type Seen = { readonly running: readonly string[]; readonly stage: string };

/** Labels that the k6-operator (v1.5, pkg/resources/jobs) puts on all pods of a TestRun. */
const selectorOf = (testRun: string): string => `app=k6,k6_cr=${testRun}`;
/** Only the pods that send have this one. */
const RUNNER_LABEL = 'runner';
/** Lines of a failed pod's log that go into an error. */
const LOG_LINES = 5;

/**
 * Waits until the k6-operator has every runner pod running, and resolves with their names in order. Rejects with
 * FaultlineError LOAD when the TestRun fails, a pod ends, or it takes longer than five minutes.
 */
export async function awaitRunners(awaited: Awaited, pace = PACE, clock?: WaitClock): Promise<string[]> {
  const { pods, say, signal } = awaited;
  const { patienceMs, lookMs, sayEveryMs } = pace;
  let seen: Seen = { running: [], stage: '' };
  const allRunning = async () => {
    if (signal?.aborted) throw new FaultlineError('LOAD', 'The start of the load was interrupted.');
    seen = await look(awaited);
    return seen.running.length >= pods ? seen.running.toSorted() : undefined;
  };
  const call = () =>
    say(`waiting for the pods of the load: ${seen.running.length} of ${pods} running, TestRun ${seen.stage}`);
  const remind = { everyMs: sayEveryMs, call };
  const names = await lookUntil(allRunning, { everyMs: lookMs, patienceMs, signal, remind }, clock);
  if (names !== undefined) return names;
  throw failed(awaited, `had no ${pods} running pods after ${patienceMs / 1000} s`);
}

/** The runner pods that run by now. Rejects when nothing can come of the TestRun any more. */
async function look(awaited: Awaited): Promise<Seen> {
  const { cluster, namespace, testRun } = awaited;
  const run = await cluster.get({ ...KINDS.testRun, namespace, name: testRun });
  if (run === undefined) throw failed(awaited, 'is gone');
  const stage = textOf(run.status, 'stage') || 'not seen by the k6-operator yet';
  if (['error', 'stopped', 'finished'].includes(stage)) throw failed(awaited, `is in the stage ${stage}`);
  const pods = await cluster.list(KINDS.pod, { namespace, labelSelector: selectorOf(testRun) });
  const runners = pods.filter((pod) => pod.metadata.labels?.[RUNNER_LABEL] === 'true');
  const ended = [
    // The stage of a TestRun does not tell of an initializer that has failed.
    ...pods.filter((pod) => phaseOf(pod) === 'Failed'),
    ...runners.filter((pod) => phaseOf(pod) === 'Succeeded'),
  ][0];
  if (ended !== undefined) {
    const said = await lastLines(awaited, nameOf(ended));
    throw failed(awaited, `has a pod that ended before anything was sent, ${nameOf(ended)}${said}`);
  }
  return { running: runners.filter((pod) => phaseOf(pod) === 'Running').map(nameOf), stage };
}

async function lastLines({ cluster, namespace }: Awaited, pod: string): Promise<string> {
  const lines: string[] = [];
  const where = { namespace, pod, container: CONTAINER };
  await cluster.podLog(where, (line) => lines.push(line), AbortSignal.timeout(LOG_PATIENCE_MS)).catch(() => undefined);
  return lines.length === 0
    ? ''
    : `, and said: ${lines.slice(-LOG_LINES).map(hideCredentials).map(visibleLine).join('\n')}`;
}

function failed({ cluster, namespace, testRun }: Awaited, what: string): FaultlineError {
  const message = `cluster ${cluster.name}: TestRun ${namespace}/${testRun} ${what}`;
  const look = inContext(`kubectl -n ${namespace} describe testrun/${testRun}`, cluster);
  return new FaultlineError('LOAD', message, {
    hint: `Is the k6-operator installed there, and may it pull the image? See the logs of its pods, and: ${look}`,
  });
}

function phaseOf(pod: KubeObject): string {
  return textOf(pod.status, 'phase');
}

function nameOf(pod: KubeObject): string {
  return pod.metadata.name ?? '';
}

function textOf(value: KubeObject[string], field: string): string {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  return typeof found === 'string' ? found : '';
}
