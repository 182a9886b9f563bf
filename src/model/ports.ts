import type { HistoryEvent, LoadCounts, Stamp } from './history.ts';
import type { ContainerRef, JsonPatchOp, KubeKind, KubeObject, ObjectRef, PodRef } from './kubernetes.ts';
import type { Json, Load } from './scenario.ts';
import type { Path, TlsMaterial } from './target.ts';
import type { Micros, Millis } from './units.ts';

/** The only source of time. */
export type Clock = {
  /** Monotonic, from an arbitrary start. */
  now(): Micros;
  /** Wall clock, for people and for comparing machines; never for measuring. */
  wall(): Date;
  /** Resolves after `ms`, or at once (without throwing) when the signal is aborted. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
};

/** A source of randomness: uniform in [0, 1). */
export type Random = () => number;

/** How a command in a container ended. */
export type ExecResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * Without `list` nothing is known; without `watch` changes are seen late, by listing again; without `read` what was told of
 * could not be taken in.
 */
export type ObserveTrouble = { readonly cannot: 'list' | 'watch' | 'read'; readonly reason: string };

/** What makes kubectl talk to one cluster; `kubeconfig` is absent where that is the only file that kubectl takes by itself. */
export type KubectlOptions = { readonly context: string; readonly kubeconfig?: string };

/**
 * One Kubernetes cluster, reached through its API server.
 * Every method rejects with a FaultlineError (KUBE_API, PERMISSION_DENIED, TARGET_UNREACHABLE, FAULT_CONFLICT) that names cluster and object.
 */
export type Cluster = {
  readonly name: string;
  readonly region: string;
  /** How kubectl reaches it, for commands that people are told; absent where nobody can say. */
  readonly kubectl?: KubectlOptions;
  /** The cluster whose istiod serves its proxies; its own when absent. */
  readonly configuredBy?: string;
  /** Undefined when the object does not exist. */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  list(kind: KubeKind, filter: { namespace?: string; labelSelector?: string }): Promise<KubeObject[]>;
  /** `dryRun` goes through full admission and stores nothing. */
  create(object: KubeObject, options?: { readonly dryRun: boolean }): Promise<KubeObject>;
  /** A failed `test` rejects with FAULT_CONFLICT. */
  patch(
    ref: ObjectRef & { readonly subresource?: string },
    ops: readonly JsonPatchOp[],
    /** `dryRun` goes through full admission and stores nothing. */
    options?: { readonly dryRun: boolean },
  ): Promise<KubeObject>;
  /**
   * Deleting what is gone already is no error. A different uid rejects with FAULT_CONFLICT. `evict`, for pods, asks in place of
   * that for an eviction (policy/v1), which is refused where a PodDisruptionBudget forbids it. `foreground`: the object stays, with a
   * finalizer, until what it owns is gone (Kubernetes: foreground cascading deletion); else that goes after it.
   */
  delete(
    ref: ObjectRef,
    options?: { uid?: string; gracePeriodSeconds?: number; evict?: boolean; foreground?: boolean },
  ): Promise<void>;
  /**
   * Calls back with the complete current set at the start and after every change, until the signal. Survives broken
   * watches and never rejects; `onTrouble` hears once of each thing that does not work.
   */
  observe(
    kind: KubeKind,
    filter: { namespace?: string; labelSelector?: string },
    onChange: (objects: readonly KubeObject[]) => void,
    signal: AbortSignal,
    onTrouble?: (trouble: ObserveTrouble) => void,
  ): Promise<void>;
  /** SelfSubjectAccessReview; with a name for one object only. */
  can(verb: string, kind: KubeKind & { subresource?: string; name?: string }, namespace: string): Promise<boolean>;
  /** GET through the API server's pod proxy, for a sidecar's statistics. */
  podProxy(namespace: string, pod: string, port: number, path: string): Promise<string>;
  /** The admin port of a pod's proxy, which listens inside the pod only. Nothing is opened before the first request; at the signal all is closed. */
  proxyAdmin(where: PodRef, signal: AbortSignal): ProxyAdmin;
  /**
   * Runs a command in a running container and waits until it ends, at most 15 s. Rejects when it could not be started,
   * and when its end is not known: it may have run then.
   */
  exec(where: ContainerRef, command: readonly string[]): Promise<ExecResult>;
  /** UID of the kube-system namespace, address of the API server, Kubernetes version. */
  identity(): Promise<{ uid: string; server: string; version: string }>;
  /**
   * Rejects where nothing may be written now, as every write does then: the lease is lost. For what a fault does beside the
   * cluster. Absent where no lease is asked for.
   */
  mayWrite?(): Promise<void>;
};

/** Envoy's admin port in one pod, over one way that is kept from request to request. Errors as in Cluster. */
export type ProxyAdmin = {
  /** Rejects after a few seconds without an answer, and when the answer is too long; requests wait for each other. */
  get(path: string): Promise<string>;
};

/** A cluster whose pods can be told something and be listened to: what load from pods needs. Errors as in Cluster. */
export type PodCluster = Cluster & {
  /** PATCH with a JSON body through the API server's pod proxy. */
  podPatch(namespace: string, pod: string, port: number, path: string, body: Json): Promise<string>;
  /**
   * Follows the log of a pod's container from its beginning, line by line without line ends. Resolves when the log has
   * come to its end, as it does with the container, or the signal is aborted; rejects when it cannot be opened or breaks
   * off. Nothing is read twice.
   */
  podLog(where: ContainerRef, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
};

/** A header of a request to the outside; a value from the environment is known by its variable only. */
export type OutsideHeader =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly env: string; readonly prefix: string };

/** One thing that is done outside of Kubernetes: a program that is started without a shell, or an HTTP request. */
export type OutsideAction =
  | { readonly command: readonly string[] }
  | {
      readonly method: string;
      readonly url: string;
      readonly headers: readonly OutsideHeader[];
      readonly body: string | null;
    };

/** How it ended: the exit code of a program or the status of an answer, and the beginning of what was said. */
export type OutsideEnd = {
  readonly code: number;
  readonly said: string;
  /** Of a program: what of it was said on stderr; absent of an answer. */
  readonly stderr?: string;
  /** What a program has started goes on after its end, and holds its output; nothing is known of what does not. */
  readonly left?: boolean;
  /** Whether the whole of an answer, as it came, has the text that was sought; absent where none was. */
  readonly has?: boolean;
};

/** What actions depend on besides their own words. */
export type Surroundings = {
  /** Where programs run, absolute, and what each gets of the environment without asking; null where none is a program. */
  readonly programs: { readonly folder: string; readonly always: Readonly<Record<string, string>> } | null;
  /** The variables that they are given: of the value of each its seal, which tells nobody else anything of it. */
  readonly values: Readonly<Record<string, string>>;
};

/** What lies outside of Kubernetes, for faults that a scenario brings with it. */
export type Outside = {
  /**
   * Does one thing, with these variables of the own environment and no other secret, and ends it after `limit`. A program runs in
   * its surroundings, or in those of this process where none are known. It
   * ends as well when this process dies, unless it `outlives` that: then at its limit. At the signal it is ended, be it a
   * program or a request, and nothing is begun after it. A redirect is an answer and is not followed. Values of the variables are not in what it says. Rejects with HOOK when there is no end.
   */
  act(
    action: OutsideAction,
    options: {
      readonly env: readonly string[];
      readonly limit: Millis;
      readonly outlives: boolean;
      readonly signal?: AbortSignal;
      readonly surroundings?: Surroundings;
      /** Text that is sought in the answer of a request. Rejects where that is too long to be read to its end. */
      readonly seeks?: string;
    },
  ): Promise<OutsideEnd>;
  /** A text's seal with the key of this user on this machine: nobody else can make it. */
  seal(text: string): Promise<string>;
  /** What these actions depend on here and now. Rejects with ENV_MISSING where a variable is not set. */
  surroundings(actions: readonly OutsideAction[], env: readonly string[]): Promise<Surroundings>;
  /** Why nothing can be done in these surroundings any more, and what to do, in words; empty where it can. */
  obstacles(surroundings: Surroundings): Promise<readonly string[]>;
};

/** A value that a query has now, and of what: its labels, and the same as a short text for people, `{zone="a"}`. */
export type Sample = {
  readonly metric: Readonly<Record<string, string>>;
  readonly labels: string;
  readonly value: number;
};

/** A Prometheus, or what speaks its API. */
export type Prometheus = {
  /**
   * Asks what a query's values are now; none is an answer, too. `warnings`: why they may not be all. Rejects with FaultlineError
   * PROMETHEUS within some seconds.
   */
  ask(query: string): Promise<{ readonly samples: readonly Sample[]; readonly warnings: readonly string[] }>;
};

/** Append-only history of a run. The returned stamp is what was written. */
export type HistoryWriter = {
  append(event: UnstampedEvent): Stamp;
  /** Runs' time, so that engines and faults use the same zero. */
  now(): Micros;
};

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type UnstampedEvent = DistributiveOmit<HistoryEvent, keyof Stamp>;

/** A running load engine. */
export type LoadHandle = {
  /** Counts since the start, for live progress and guards. */
  readonly progress: () => LoadProgress;
  /** How long after its end a request may still be missing from the record file, where that is more than a second. */
  readonly lagMs?: Millis;
  /** Sends no new requests, waits for those on their way (at most the timeout), closes the record file. */
  stop(): Promise<LoadSummary>;
};

export type LoadSummary = {
  readonly counts: readonly LoadCounts[];
  readonly lateP99: Micros;
  readonly degraded: readonly string[];
  /** Name of the dashboard that the engine has left beside the records, when it was asked for one. */
  readonly dashboard?: string;
};

/** Counts since the start, and a rolling view over about the last two seconds, one entry for each path. `good` is by the scenario's own rule. */
export type LoadProgress = {
  /** Why the engine has ended before it was stopped. */
  readonly failure?: string;
  /** Why requests are sent and not recorded any more. */
  readonly unwritten?: string;
  readonly paths: readonly {
    readonly path: string;
    readonly sent: number;
    readonly good: number;
    /** Ended, and not good. */
    readonly bad: number;
    /** Of the bad ones, those that say nothing of the path: the generator's own doing. */
    readonly unknown: number;
    readonly dropped: number;
    readonly recentGood: number;
    readonly recentBad: number;
    /** Recent good answers by service, then by serving zone. */
    readonly recentServing: Readonly<Record<string, Readonly<Record<string, number>>>>;
  }[];
};

/** A load as it is sent: the values of all headers in clear. */
export type SentLoad = Load & {
  /** Texts that neither records nor logs may hold, whoever says them. */
  readonly hidden?: readonly string[];
  /** What requests with a body send, by the name of the path's request. */
  readonly bodies?: Readonly<Record<string, Uint8Array>>;
  /** Certificates and keys of the gateways, by the id of the path. */
  readonly tls?: Readonly<Record<string, TlsMaterial>>;
};

/** Header values that have changed while a load goes on, and what no record may hold from then on. */
export type HeaderChange = {
  readonly headers: readonly {
    /** Name of the path's request. */
    readonly path: string;
    readonly name: string;
    readonly value: string;
  }[];
  readonly hidden: readonly string[];
};

/** A stretch in which a load generator stood still, on the run's clock. */
export type Stall = { readonly from: Micros; readonly to: Micros };

/** What an engine is started with. */
export type LoadOrder = {
  readonly load: SentLoad;
  readonly paths: readonly Path[];
  /** Where the records go. */
  readonly file: string;
  /** The run clock's zero on the `process.hrtime` scale, so that due times and history share one axis. */
  readonly zero: Micros;
  /** Load that nobody stops ends by itself after this. */
  readonly longestMs: Millis;
  /** Tells of header values that change; only engines that take them (`EngineTraits.refuses`) listen. */
  readonly onHeaders?: (listen: (change: HeaderChange) => void) => void;
  /** Gets a line for people now and then while a start takes long. */
  readonly say?: (text: string) => void;
  /** Hears of each stretch in which the generator stood still, soon after it, from an engine that can tell. */
  readonly onStall?: (stall: Stall) => void;
  /** Ends a start that takes long; it rejects then, and leaves nothing behind. */
  readonly signal?: AbortSignal;
};

export type LoadEngine = {
  readonly name: string;
  /** Starts sending; resolves when every path is being sent on. */
  start(order: LoadOrder): Promise<LoadHandle>;
};
