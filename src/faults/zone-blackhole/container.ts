import { createHash } from 'node:crypto';
import type { Inside, MarkedPlan } from '../../model/fault.ts';
import type { ContainerRef, KubeObject } from '../../model/kubernetes.ts';
import type { Json } from '../../model/scenario.ts';
import { hasFields } from '../has-fields.ts';
import { CLEAN_EXITS, cutScript, droppedIn, END_COMMAND } from './script.ts';

/** What scenarios call this kind. */
export const KIND = 'zoneBlackhole';

/** A zone blackhole's own part of its plan. */
export type BlackholeData = {
  readonly zone: string;
  readonly namespaces: readonly string[];
  readonly selector: string | null;
  readonly image: string;
  readonly expirySeconds: number;
};

/** Whether the data of a plan is that of a zone blackhole. */
export function isBlackholeData(data: Json): boolean {
  const image = 'string';
  return hasFields(data, { zone: 'string', namespaces: 'list', selector: 'string?', image, expirySeconds: 'number' });
}

/** A fault by what its containers are named after. */
export type FaultName = { readonly runId: string; readonly fault: string };

/** What a pod is before and after; an entry of a container that has ended changes nothing of it. */
export const CONNECTED = 'not cut off';
const PREFIX = 'faultline-';
const RUN_VARIABLE = 'FAULTLINE_RUN';
const FAULT_VARIABLE = 'FAULTLINE_FAULT';
/** A container that has not started may take this long to do it: room for pulling its image. */
const START_SECONDS = 60;

/** Name of the ephemeral container of a fault, the same in every pod: a pod keeps the names of all that it has had. */
export function containerName({ runId, fault }: FaultName): string {
  return `${PREFIX}${digest(`${runId}/${fault}`)}`;
}

/** Name of the chain of a fault's rules; iptables takes 28 characters. */
export function chainName({ runId, fault }: FaultName): string {
  return `FAULTLINE-${digest(`${runId}/${fault}`)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

type Port = number | string;
type Probe = { httpGet?: { port: Port }; tcpSocket?: { port: Port }; grpc?: { port: Port } };
type Container = {
  ports?: { name?: string; containerPort: number }[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
};
type Entry = { name: string; image?: string; env?: { name: string; value?: string }[] };
type PodSpec = { containers?: Container[]; initContainers?: Container[]; ephemeralContainers?: Entry[] };
type State = {
  waiting?: { reason?: string; message?: string };
  running?: object;
  terminated?: { exitCode: number; message?: string };
};
type PodStatus = {
  hostIP?: string;
  hostIPs?: { ip: string }[];
  podIPs?: { ip: string }[];
  ephemeralContainerStatuses?: { name: string; state?: State }[];
};

const specOf = (pod: KubeObject) => (pod.spec ?? {}) as unknown as PodSpec;
const statusOf = (pod: KubeObject) => (pod.status ?? {}) as unknown as PodStatus;

/** The container that cuts a pod off, as it is added to it. `nowSeconds` is the time since 1970. */
export function cutContainer(fault: FaultName, data: BlackholeData, pod: KubeObject, nowSeconds: number): Json {
  const { hostIP, hostIPs = [], podIPs = [] } = statusOf(pod);
  const script = cutScript({
    chain: chainName(fault),
    seconds: data.expirySeconds,
    notAfter: nowSeconds + START_SECONDS,
    hasIPv6: podIPs.some(({ ip }) => ip.includes(':')),
    nodes: [...new Set([...(hostIP === undefined ? [] : [hostIP]), ...hostIPs.map(({ ip }) => ip)])],
    probed: probedPorts(specOf(pod)),
  });
  return {
    name: containerName(fault),
    image: data.image,
    imagePullPolicy: 'IfNotPresent',
    // The kubelet expands `$(NAME)`, and `$$` to `$`.
    command: ['sh', '-c', script.replaceAll('$', () => '$$')],
    env: [
      { name: RUN_VARIABLE, value: fault.runId },
      { name: FAULT_VARIABLE, value: fault.fault },
    ],
    securityContext: {
      runAsUser: 0,
      runAsNonRoot: false,
      readOnlyRootFilesystem: false,
      allowPrivilegeEscalation: false,
      // iptables-legacy asks for NET_RAW, too.
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    },
  };
}

function probedPorts({ containers = [], initContainers = [] }: PodSpec): number[] {
  const ports = [...containers, ...initContainers].flatMap((container) =>
    [container.livenessProbe, container.readinessProbe, container.startupProbe].flatMap((probe) => {
      const port = (probe?.httpGet ?? probe?.tcpSocket ?? probe?.grpc)?.port;
      const named = container.ports?.find(({ name }) => name === port)?.containerPort;
      return port === undefined ? [] : [named ?? Number(port)];
    }),
  );
  return [...new Set(ports.filter(Number.isInteger))].sort((a, b) => a - b);
}

/** How far a fault's container has come in a pod. */
export type CutState =
  | { readonly kind: 'absent' | 'running' }
  | { readonly kind: 'starting'; readonly why: string }
  /** `clean` is false where rules may be left; `dropped` is undefined where it did not get as far as to count. */
  | { readonly kind: 'over'; readonly clean: boolean; readonly code: number; readonly dropped: number | undefined };

/** What a pod says of the container of this name. */
export function cutState(pod: KubeObject, name: string): CutState {
  if (!(specOf(pod).ephemeralContainers ?? []).some((entry) => entry.name === name)) return { kind: 'absent' };
  const { state = {} } = statusOf(pod).ephemeralContainerStatuses?.find((status) => status.name === name) ?? {};
  if (state.running !== undefined) return { kind: 'running' };
  if (state.terminated === undefined) {
    const { reason = 'not started', message = '' } = state.waiting ?? {};
    return { kind: 'starting', why: message === '' ? reason : `${reason}: ${message}` };
  }
  const { exitCode: code, message = '' } = state.terminated;
  return { kind: 'over', clean: CLEAN_EXITS.includes(code), code, dropped: droppedIn(message) };
}

/** Where the container is, for a command in it. */
export function placeOf({ metadata }: KubeObject, container: string): ContainerRef {
  return { namespace: metadata.namespace ?? '', pod: metadata.name ?? '', container };
}

/**
 * What zone blackholes have at work in a pod. A container that has ended and taken its rules away stands in the pod until
 * that is replaced, and is nothing that anybody would have to clear away.
 */
export function cutsIn(pod: KubeObject): Inside[] {
  return (specOf(pod).ephemeralContainers ?? []).flatMap(({ name, env = [] }) => {
    const runId = env.find((variable) => variable.name === RUN_VARIABLE)?.value;
    if (!name.startsWith(PREFIX) || runId === undefined) return [];
    const state = cutState(pod, name);
    if (state.kind === 'over' && state.clean) return [];
    return [{ runId, command: endByHand(pod, name, state) }];
  });
}

/** The plans of the zone blackholes that are at work in a pod, as far as ending them there needs it. */
export function plansIn(pod: KubeObject): MarkedPlan[] {
  const { namespace = '' } = pod.metadata;
  return (specOf(pod).ephemeralContainers ?? []).flatMap(({ name, image = '', env = [] }) => {
    const wordOf = (variable: string) => env.find((one) => one.name === variable)?.value;
    const [runId, fault] = [wordOf(RUN_VARIABLE), wordOf(FAULT_VARIABLE)];
    if (runId === undefined || fault === undefined || name !== containerName({ runId, fault })) return [];
    const state = cutState(pod, name);
    if (state.kind === 'over' && state.clean) return [];
    const data = { zone: '', namespaces: [namespace], selector: null, image, expirySeconds: 0 };
    return [{ kind: KIND, fault, runId, objects: [], data }];
  });
}

/** What ends it by hand: from within while it runs, else with its pod, whose network and rules are the pod's own. */
export function endByHand(
  { metadata: { namespace, name } }: KubeObject,
  container: string,
  { kind }: CutState,
): string {
  if (kind !== 'running') return `kubectl -n ${namespace} delete pod/${name}`;
  const [shell, flag, script] = END_COMMAND;
  return `kubectl -n ${namespace} exec ${name} -c ${container} -- ${shell} ${flag} '${script}'`;
}
