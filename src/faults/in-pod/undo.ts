import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultContext, UndoOutcome } from '../../model/fault.ts';
import type { TouchedObject } from '../../model/history.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Millis } from '../../model/units.ts';
import type { PlanOf } from '../define.ts';
import { endAll } from '../end-all.ts';
import { pollUndone } from '../poll.ts';
import { type ContainerState, containerName, doesNothing, endByHand, placeOf, stateIn } from './container.ts';
import type { InPodData } from './data.ts';
import type { InPod } from './kind.ts';
import { podsWith } from './pods.ts';
import { END_COMMAND, WAIT_SECONDS } from './script.ts';

/** How long the end of a container may take to show once it was told, or its start where it might do something then. */
const END_MS: Millis = 60_000;
/** How long one that is about to start is waited for, to be ended at once: it does nothing, but would be there for a minute. */
const START_MS: Millis = 20_000;
/** How long one is told again that cannot be. */
const TELL_MS: Millis = 20_000;
/** The same of one that this user may not tell: that is no trouble that passes. */
const DENIED_MS: Millis = 5_000;

/** What became of one pod's container. */
type End = {
  readonly pod: KubeObject;
  readonly state: ContainerState;
  /** Why it may not be told to end, where it runs. */
  readonly denied?: string;
};

/**
 * Tells each container to end, which takes its rules away, and looks that it has. What has ended is left as it stands in
 * its pod: nobody can take an ephemeral container out of one. So is one that has never run, since only what this undo comes after would
 * tell it to begin.
 */
export async function undoInPods<Data extends InPodData>(
  it: InPod<Data>,
  plan: PlanOf<Data>,
  context: FaultContext,
): Promise<UndoOutcome> {
  const { cluster } = context;
  const { listed, unlisted } = await touchedPods(plan, context);
  const ends = await endAll([...listed, ...unlisted].map((pod) => endIn(pod, plan, context)));
  if (unlisted.length > 0) throw untrue(cluster.name, unlisted);
  const left = ends.filter(({ state }) => !doesNothing(state));
  const packets = ends.reduce((sum, { state }) => sum + (state.kind === 'over' ? (state.packets ?? 0) : 0), 0);
  const name = containerName(plan);
  return {
    // Nobody else has changed anything: what is left is ours.
    state: left.length === 0 ? 'undone' : 'failed',
    detail:
      left.length === 0
        ? `${it.over(plan.data, packets)}. Container ${name} stays in the pods as an entry that has ended${idleText(ends)}`
        : `something may be left in ${left.map((end) => `Pod ${nameOf(end.pod)} (${wordsFor(end.state)}${deniedText(end)})`).join(', ')}`,
    objects: plan.objects.map((object) => touched(object, ends)),
    commands: left.map(({ pod, state }) => endByHand(pod, name, state)),
  };
}

/**
 * The pods that have the fault's container, and those of them that only the plan knows: where a list has not named one that has it by the time
 * that it is read by name, such a write was late, and the next list names it; or the list tells only a part of what there is, as an empty one
 * of a proxy or a cache.
 */
async function touchedPods(plan: PlanOf<InPodData>, { cluster }: FaultContext) {
  const list = async () =>
    (await endAll(plan.data.namespaces.map((namespace) => podsWith(plan, cluster, namespace)))).flat();
  const first = await list();
  const names = new Set(first.map(nameOf));
  const missed = plan.objects.flatMap(({ kind, namespace = '', name }) =>
    kind === KINDS.pod.kind && !names.has(`${namespace}/${name}`) ? [{ ...KINDS.pod, namespace, name }] : [],
  );
  const read = await endAll(missed.map((ref) => cluster.get(ref)));
  const found = read
    .filter((pod) => pod !== undefined)
    .filter((pod) => stateIn(pod, containerName(plan)).kind !== 'absent');
  if (found.length === 0) return { listed: first, unlisted: [] };
  const listed = await list();
  const again = new Set(listed.map(nameOf));
  return { listed, unlisted: found.filter((pod) => !again.has(nameOf(pod))) };
}

/** Whom it does not name beside those, nobody knows. */
function untrue(cluster: string, pods: readonly KubeObject[]): FaultlineError {
  const named = pods.map(nameOf).join(', ');
  const what = `cluster ${cluster}: the list of pods lacks ${named}, which can be read by name: pods that came in mid-run may have the fault, until its own end`;
  return new FaultlineError('KUBE_API', what, {
    hint: 'Is its API server behind a proxy or a cache? Recover again when it lists all of its pods.',
  });
}

/** Ends the container in one pod, and waits until it shows that it has ended or the pod is gone. */
async function endIn(seen: KubeObject, plan: PlanOf<InPodData>, context: FaultContext): Promise<End> {
  const { cluster } = context;
  const name = containerName(plan);
  const ref = { ...KINDS.pod, namespace: seen.metadata.namespace ?? '', name: seen.metadata.name ?? '' };
  let end: End = { pod: seen, state: stateIn(seen, name) };
  let failed: unknown;
  const begun = context.now();
  await pollUndone(context, END_MS, async () => {
    if (end.state.kind === 'running') {
      // It may be over by now, or with the command that ends it: the pod says so.
      failed = await cluster.exec(placeOf(seen, name), END_COMMAND).then(
        () => undefined,
        (error: unknown) => error,
      );
    }
    if (end.state.kind !== 'over') {
      const pod = await cluster.get(ref);
      const isGone = pod === undefined || pod.metadata.uid !== seen.metadata.uid;
      end = { ...end, state: isGone ? { kind: 'absent' } : stateIn(pod, name) };
    }
    const { state } = end;
    const lasted = (context.now() - begun) / 1000;
    const isDeaf = lasted >= patienceWith(failed);
    const isAbout = state.kind === 'starting' && !state.isStuck && lasted < START_MS;
    return (doesNothing(state) && !isAbout) || state.kind === 'over' || isDeaf ? end : undefined;
  });
  if (end.state.kind !== 'running' || failed === undefined) return end;
  if (isDenial(failed)) return { ...end, denied: messageOf(failed) };
  throw failed;
}

function patienceWith(failed: unknown): Millis {
  if (failed === undefined) return Number.POSITIVE_INFINITY;
  return isDenial(failed) ? DENIED_MS : TELL_MS;
}

const isDenial = (error: unknown): boolean => error instanceof FaultlineError && error.code === 'PERMISSION_DENIED';

/** What is said of those that have never run; empty where there are none. Begins with a comma. */
function idleText(ends: readonly End[]): string {
  const idle = ends.flatMap(({ pod, state }) => (state.kind === 'starting' ? [`${nameOf(pod)} (${state.why})`] : []));
  if (idle.length === 0) return '';
  return `, or has not started, in ${idle.join(', ')}: nobody has told it to begin there and nobody will, so that it does nothing, and where it starts yet it ends ${WAIT_SECONDS} s later`;
}

function deniedText({ denied }: End): string {
  return denied === undefined ? '' : `, and cannot be told to end: ${denied}`;
}

function wordsFor(state: ContainerState): string {
  switch (state.kind) {
    case 'over':
      return `the container was killed, exit code ${state.code}`;
    case 'starting':
      return `the container has not started and still may: ${state.why}`;
    default:
      return 'the container runs';
  }
}

function touched(object: TouchedObject, ends: readonly End[]): TouchedObject {
  const end = ends.find(
    ({ pod: { metadata } }) => metadata.namespace === object.namespace && metadata.name === object.name,
  );
  if (end !== undefined && !doesNothing(end.state))
    return { ...object, after: wordsFor(end.state), state: 'left-behind' };
  return { ...object, state: 'put-back', ...(object.before === undefined ? {} : { after: object.before }) };
}

function nameOf({ metadata: { namespace, name } }: KubeObject): string {
  return `${namespace}/${name}`;
}
