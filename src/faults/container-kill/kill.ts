import { createHash } from 'node:crypto';
import { firstWords } from '../../model/credentials.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultContext } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { podSpec, podStatus } from '../../model/pod-object.ts';
import type { Json } from '../../model/scenario.ts';
import { admitted } from '../admission.ts';
import type { PlanOf } from '../define.ts';
import { addEphemeral, ephemeralOf } from '../ephemeral.ts';
import { poll } from '../poll.ts';
import { rewrite } from '../rewrite.ts';
import { runningIn } from './container.ts';
import { type ContainerKillData, still, type Victim } from './victims.ts';

/**
 * Ends a container from among its own processes: its first one is told to end, and what it has started is killed. The first
 * process of such a list takes no SIGKILL from within (Linux: pid_namespaces), and SIGTERM only where it has a handler.
 */
const KILL = 'kill -TERM 1; kill -KILL -1';
/** What a shell, or the runtime in its place, answers where there is no such program. */
const NOT_FOUND: readonly number[] = [126, 127];
/** How long the end of a container may take to show where nobody has heard how the command ended. */
const SHOWS_MS = 5_000;
/** The kubelet may have to pull the image of a container that kills first; it stays for so long then, and does nothing by itself. */
const START_MS = 45_000;
const STAY_SECONDS = 60;

type Fault = Pick<PlanOf<ContainerKillData>, 'runId' | 'fault' | 'data'>;

/** Kills the container of one victim. Rejects where that is not the container of the plan, or was not killed. */
export async function killIn(victim: Victim, fault: Fault, context: FaultContext): Promise<void> {
  await still(victim, fault.data, context);
  const { image, container } = fault.data;
  if (image === null) await killByShell(victim, fault.data, container, context);
  else await killByContainer(victim, fault, context);
}

/** The command may go down with the container, so that nobody hears how it ended: what the pod shows counts then. */
async function killByShell(
  victim: Victim,
  { namespace, container }: ContainerKillData,
  shell: string,
  context: FaultContext,
): Promise<void> {
  const place = { namespace, pod: victim.name, container: shell };
  try {
    const { code, stderr } = await context.cluster.exec(place, ['sh', '-c', KILL]);
    if (!NOT_FOUND.includes(code)) return;
    throw new FaultlineError('KUBE_API', `exit code ${code}: ${firstWords(stderr)}`);
  } catch (error) {
    const isOver = await poll(context, SHOWS_MS, async () => {
      const now = await context.cluster.get({ ...KINDS.pod, namespace, name: victim.name });
      return hasEnded(now, victim, container) ? true : undefined;
    });
    if (isOver === true) return;
    const what = `pod ${namespace}/${victim.name}: container ${container} could not be killed by ${shell === container ? 'its own shell' : `a shell of container ${shell}`}: ${messageOf(error)}`;
    const hint =
      'Where its image has no sh, name an image that has one (`image`): an ephemeral container kills it then.';
    throw new FaultlineError('KUBE_API', what, { hint, cause: error });
  }
}

function hasEnded(pod: KubeObject | undefined, victim: Victim, container: string): boolean {
  if (pod === undefined || pod.metadata.uid !== victim.uid) return false;
  return runningIn(pod, container)?.restarts !== victim.restarts;
}

const ENDS = {
  'on its way': `has not started within ${START_MS / 1000} s`,
  over: 'has ended before it could',
  gone: 'is gone',
} as const;

/** Puts a container among the processes of the other one, and kills from there when it runs: only a run that may still write does. */
async function killByContainer(victim: Victim, fault: Fault, context: FaultContext): Promise<void> {
  const ref = ephemeralOf(fault.data.namespace, victim.name);
  await rewrite(context.cluster, ref, (pod) => {
    const isIt = pod?.metadata.uid === victim.uid && killerIn(pod, fault) === undefined;
    return isIt ? addEphemeral(pod, killer(fault)) : [];
  });
  const [name, { namespace }] = [killerName(fault), fault.data];
  const started = await poll(context, START_MS, async () => {
    const pod = await context.cluster.get({ ...KINDS.pod, namespace, name: victim.name });
    const state = pod === undefined || pod.metadata.uid !== victim.uid ? 'gone' : killerIn(pod, fault);
    return state === 'on its way' ? undefined : (state ?? 'gone');
  });
  if (started === 'runs') return killByShell(victim, fault.data, name, context);
  const what = `pod ${namespace}/${victim.name}: container ${name}, which was to kill ${fault.data.container}, ${ENDS[started ?? 'on its way']}`;
  throw new FaultlineError('KUBE_API', what, { hint: `kubectl -n ${namespace} describe pod/${victim.name}` });
}

/** Asks whether the container that kills would be taken. Throws FAULT_REFUSED. */
export async function askAdmission(pod: KubeObject, fault: Fault, context: FaultContext): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata;
  await admitted(context.cluster, ephemeralOf(namespace, name), addEphemeral(pod, killer(fault)), {
    what: 'containerKill is not admitted',
    hint: 'PodSecurity forbids what the ephemeral container asks for: leave `image` out where its own image has a shell.',
  });
}

/** A container among the processes of another one. */
function killer({ runId, fault, data }: Fault): Json {
  return {
    name: killerName({ runId, fault }),
    image: data.image,
    imagePullPolicy: 'IfNotPresent',
    targetContainerName: data.container,
    command: ['sh', '-c', `sleep ${STAY_SECONDS}`],
    securityContext: {
      runAsUser: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['KILL'] },
    },
  };
}

/** Name of the ephemeral container of a fault, the same in every pod: a pod keeps the names of all that it has had. */
function killerName({ runId, fault }: Pick<Fault, 'runId' | 'fault'>): string {
  return `kill-${createHash('sha256').update(`${runId}/${fault}`).digest('hex').slice(0, 10)}`;
}

type KillerState = 'on its way' | 'runs' | 'over';

/** How far the ephemeral container of a fault has come in a pod; undefined where there is none. */
function killerIn(pod: KubeObject, fault: Pick<Fault, 'runId' | 'fault'>): KillerState | undefined {
  const name = killerName(fault);
  const { ephemeralContainers = [] } = podSpec(pod);
  const { ephemeralContainerStatuses = [] } = podStatus(pod);
  if (!ephemeralContainers.some((one) => one.name === name)) return undefined;
  const state = ephemeralContainerStatuses.find((one) => one.name === name)?.state;
  if (state?.terminated !== undefined) return 'over';
  return state?.running === undefined ? 'on its way' : 'runs';
}
