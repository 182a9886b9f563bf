import { createHash } from 'node:crypto';
import { cutTo } from '../../model/cut.ts';
import type { Inside, MarkedPlan } from '../../model/fault.ts';
import type { ContainerRef, KubeObject } from '../../model/kubernetes.ts';
import { removalCommand } from '../../model/leaving.ts';
import { type Container, type ContainerStatus, podSpec, podStatus, waitingText } from '../../model/pod-object.ts';
import type { Json } from '../../model/scenario.ts';
import type { InPodData } from './data.ts';
import { CLEAN_EXITS, countedIn, END_COMMAND, waitsToBegin } from './script.ts';

/** A fault by what its containers are named after. */
export type FaultName = { readonly runId: string; readonly fault: string };

const PREFIX = 'faultline-';
const RUN_VARIABLE = 'FAULTLINE_RUN';
const FAULT_VARIABLE = 'FAULTLINE_FAULT';
const KIND_VARIABLE = 'FAULTLINE_KIND';
/** The kind that was alone when containers did not say theirs yet. */
const FIRST_KIND = 'zoneBlackhole';

/** Name of the ephemeral container of a fault, the same in every pod: a pod keeps the names of all that it has had. */
export function containerName({ runId, fault }: FaultName): string {
  return `${PREFIX}${digest(`${runId}/${fault}`)}`;
}

/** Name of the chain of a fault's rules, with room for two letters: iptables takes 28 characters. */
export function chainName({ runId, fault }: FaultName): string {
  return `FAULTLINE-${digest(`${runId}/${fault}`)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

const entriesOf = (pod: KubeObject) => podSpec(pod).ephemeralContainers ?? [];
const saidIn = ({ env = [] }: Container, variable: string) => env.find(({ name }) => name === variable)?.value;
const kindOf = (entry: Container) => saidIn(entry, KIND_VARIABLE) ?? FIRST_KIND;

/** What a container may do that changes the network of its pod; iptables-legacy asks for NET_RAW, too. */
const NETWORK_RIGHTS: readonly string[] = ['NET_ADMIN', 'NET_RAW'];

/** Kinds whose containers leave nothing in a pod, however they end. */
const TRACELESS: ReadonlySet<string> = new Set(['cpuStress', 'memoryStress']);

/** A container as it is added to a pod: with the right to change its network, or with no right at all. */
export function containerOf(kind: string, fault: FaultName, image: string, script: string): Json {
  return {
    name: containerName(fault),
    image,
    imagePullPolicy: 'IfNotPresent',
    // The kubelet expands `$(NAME)`, and `$$` to `$`.
    command: ['sh', '-c', script.replaceAll('$', () => '$$')],
    env: [
      { name: RUN_VARIABLE, value: fault.runId },
      { name: FAULT_VARIABLE, value: fault.fault },
      { name: KIND_VARIABLE, value: kind },
    ],
    securityContext: {
      runAsUser: 0,
      runAsNonRoot: false,
      readOnlyRootFilesystem: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], ...(TRACELESS.has(kind) ? {} : { add: [...NETWORK_RIGHTS] }) },
    },
  };
}

/** How far a fault's container has come in a pod. */
export type ContainerState =
  | { readonly kind: 'absent' | 'running' }
  /**
   * `isIdle`: it has never run, so that nobody can have told it to begin, and until somebody does it does nothing. `isStuck`: its kubelet does
   * not get on with it, as where the image is missing.
   */
  | { readonly kind: 'starting'; readonly why: string; readonly isIdle: boolean; readonly isStuck: boolean }
  /**
   * `clean` is false where rules may be left; `packets` is undefined where it did not get as far as to count; `unstarted` says why its
   * program never ran, where it did not.
   */
  | {
      readonly kind: 'over';
      readonly clean: boolean;
      readonly code: number;
      readonly packets: number | undefined;
      readonly unstarted?: string;
    };

/** Why a container waits whose kubelet is about to start it. */
const UNDER_WAY: readonly string[] = ['', 'ContainerCreating', 'PodInitializing'];

/**
 * What a runtime calls the end of a container whose program it could not start, as where the image has none of that name; an ephemeral
 * one is not tried again (containerd; dockershim and cri-dockerd).
 */
const UNSTARTED: readonly string[] = ['StartError', 'ContainerCannotRun'];
const MOST_SAID = 300;

/** One that the kubelet has lost waits again, and has run (kubelet: convertToAPIContainerStatuses, ContainerStatusUnknown). */
function hasRun({ restartCount = 0, lastState = {} }: Partial<ContainerStatus>): boolean {
  return restartCount > 0 || lastState.running !== undefined || lastState.terminated !== undefined;
}

/** What a pod says of the container of this name. */
export function stateIn(pod: KubeObject, name: string): ContainerState {
  const entry = entriesOf(pod).find((one) => one.name === name);
  if (entry === undefined) return { kind: 'absent' };
  const { ephemeralContainerStatuses = [] } = podStatus(pod);
  const status: Partial<ContainerStatus> = ephemeralContainerStatuses.find((one) => one.name === name) ?? {};
  const { state = {} } = status;
  if (state.running !== undefined) return { kind: 'running' };
  if (state.terminated === undefined) {
    const why = waitingText(state) || 'not started';
    const isIdle = !hasRun(status) && waitsToBegin(entry.command?.at(-1) ?? '');
    return { kind: 'starting', why, isIdle, isStuck: !UNDER_WAY.includes(state.waiting?.reason ?? '') };
  }
  const { exitCode: code, reason = '', message = '' } = state.terminated;
  const isUnstarted = UNSTARTED.includes(reason) && !hasRun(status);
  return {
    kind: 'over',
    clean: isUnstarted || CLEAN_EXITS.includes(code) || TRACELESS.has(kindOf(entry)),
    code,
    packets: countedIn(message),
    ...(isUnstarted ? { unstarted: cutTo(message.trim() || reason, MOST_SAID) } : {}),
  };
}

/** Whether a container does nothing in its pod, now and later, when nobody tells it to. */
export function doesNothing(state: ContainerState): boolean {
  switch (state.kind) {
    case 'over':
      return state.clean;
    case 'starting':
      return state.isIdle;
    default:
      return state.kind === 'absent';
  }
}

/** Addresses that the script of a container names. */
export function namedIn(pod: KubeObject, name: string): string[] {
  const script =
    entriesOf(pod)
      .find((entry) => entry.name === name)
      ?.command?.at(-1) ?? '';
  return [...script.matchAll(/ -[sd] (\S+)/g)].flatMap(([, list = '']) => list.split(','));
}

/** Where the container is, for a command in it. */
export function placeOf({ metadata }: KubeObject, container: string): ContainerRef {
  return { namespace: metadata.namespace ?? '', pod: metadata.name ?? '', container };
}

/**
 * What is at work in a pod: a container that has ended and taken its rules away stands there as an entry that does nothing, and so does one
 * that has never run, unless its run tells it to begin.
 */
function atWork(pod: KubeObject): { entry: Container; state: ContainerState }[] {
  return entriesOf(pod)
    .filter(({ name }) => name.startsWith(PREFIX))
    .map((entry) => ({ entry, state: stateIn(pod, entry.name) }))
    .filter(({ state }) => !doesNothing(state));
}

/** What faults of a kind, or of any, have at work in a pod. */
export function workIn(pod: KubeObject, kind?: string): Inside[] {
  return atWork(pod).flatMap(({ entry, state }) => {
    const runId = saidIn(entry, RUN_VARIABLE);
    if (runId === undefined || (kind !== undefined && kindOf(entry) !== kind)) return [];
    return [{ runId, command: endByHand(pod, entry.name, state) }];
  });
}

/** The plans of faults of a kind that are at work in a pod, as far as ending them there needs it. */
export function plansIn(
  pod: KubeObject,
  kind: string,
  dataOf: (namespace: string, image: string) => InPodData,
): MarkedPlan[] {
  const { namespace = '' } = pod.metadata;
  return atWork(pod).flatMap(({ entry }) => {
    const [runId, fault] = [saidIn(entry, RUN_VARIABLE), saidIn(entry, FAULT_VARIABLE)];
    if (runId === undefined || fault === undefined || kindOf(entry) !== kind) return [];
    if (entry.name !== containerName({ runId, fault })) return [];
    return [{ kind, fault, runId, objects: [], data: dataOf(namespace, entry.image ?? '') as unknown as Json }];
  });
}

/** Whether the container of a fault tells whose it is: else nobody but its own run would find it at work. */
export function tellsOf(pod: KubeObject, { runId, fault }: FaultName): boolean {
  const entry = entriesOf(pod).find(({ name }) => name === containerName({ runId, fault }));
  return entry !== undefined && saidIn(entry, RUN_VARIABLE) === runId && saidIn(entry, FAULT_VARIABLE) === fault;
}

/** What ends it by hand: from within while it runs, else with its pod, whose network and rules are the pod's own. */
export function endByHand(pod: KubeObject, container: string, { kind }: ContainerState): string {
  const { namespace, name } = pod.metadata;
  if (kind !== 'running') return removalCommand(`kubectl -n ${namespace}`, `pod/${name}`, pod);
  const [shell, flag, script] = END_COMMAND;
  return `kubectl -n ${namespace} exec ${name} -c ${container} -- ${shell} ${flag} '${script}'`;
}
