import type { FaultContext, Mark, PermissionRule } from '../../model/fault.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import type { Pod } from '../../workload/pods.ts';
import { type FaultName, plansIn, workIn } from './container.ts';
import type { InPodData } from './data.ts';

/** What is to be done in one pod, as it was read and as the API has it. */
export type Task = {
  readonly pod: Pod;
  readonly object: KubeObject;
  /** The script of its container. */
  readonly script: string;
  /** The command that shows its rules with their counters. */
  readonly show: readonly string[];
  /** Whom its rules name, where they name anybody: others may come while the container runs. */
  readonly named?: {
    readonly addresses: readonly string[];
    /** The command that adds rules for these, which are some of the addresses. */
    readonly add: (addresses: readonly string[]) => readonly string[];
  };
};

/** Which container a fault puts into pods. */
export type Placed<Data> = FaultName & { readonly data: Data };

/** A kind of fault that works by containers in pods: which pods, and what is done there. */
export type InPod<Data extends InPodData> = {
  readonly kind: string;
  /** Looks where there is something to do now. */
  readonly look: (fault: Placed<Data>, context: FaultContext) => Promise<readonly Task[]>;
  /** What is over when its containers have ended in every pod, with how many packets its rules have met. */
  readonly over: (data: Data, packets: number) => string;
  /** What to do where the kind is not admitted. */
  readonly unadmitted: string;
};

/** One whose containers write rules for packets. */
export type PacketsInPod<Data extends InPodData> = InPod<Data> & {
  /** What its rules do to the packets that they meet: `dropped`. */
  readonly did: (data: Data) => string;
  /** What pods are where it has not come to them: `not cut off`. */
  readonly missing: string;
};

/** What to do where a kind that changes the network of pods is not admitted: `instead` does without. */
export function unadmittedNetwork(instead: string): string {
  return (
    'It needs NET_ADMIN inside the pods, which the PodSecurity levels baseline and restricted forbid: label the namespace ' +
    `pod-security.kubernetes.io/enforce=privileged for the drill, or use ${instead}.`
  );
}

/** What is over when rules are gone, and what they have done to the packets that they have met. */
export function overText(did: string, packets: number): string {
  return `the rules are gone from every pod; they have ${did} ${packets} packets`;
}

/** What putting containers into pods, looking at them and ending them asks of the API. */
export const IN_POD_PERMISSIONS: readonly PermissionRule[] = [
  { kind: KINDS.pod, verbs: ['get', 'list'], undo: ['get', 'list'], scope: 'namespace' },
  { kind: KINDS.pod, subresource: 'ephemeralcontainers', verbs: ['patch'], scope: 'namespace' },
  // A command over a WebSocket is a GET, and since Kubernetes 1.35 asked as create, too.
  { kind: KINDS.pod, subresource: 'exec', verbs: ['get', 'create'], undo: ['get', 'create'], scope: 'namespace' },
];

/** Pods show what faults of a kind have put into them by no label. */
export function podMark(kind: string, dataOf: (namespace: string, image: string) => InPodData): Mark {
  return {
    kind: KINDS.pod,
    resource: 'pod',
    ours: false,
    inside: (pod) => workIn(pod, kind),
    plans: (pod) => plansIn(pod, kind, dataOf),
  };
}
