import type { AbortFinding, ValueLimit } from './abort.ts';
import type { MetKind } from './practice.ts';
import type { Prediction } from './prediction.ts';
import type { RecordedScenario } from './scenario.ts';
import type { Endpoint, Topology } from './target.ts';
import type { Micros } from './units.ts';

export const PHASES = ['baseline', 'inject', 'hold', 'undo', 'recover'] as const;
export type Phase = (typeof PHASES)[number];

/** Did the harness do its work? Says nothing about whether the system held. */
export type RunStatus = 'completed' | 'aborted' | 'refused' | 'interrupted' | 'failed';

/**
 * Signals that would end a process and end a run early; everything is undone first. With their numbers on Linux: the exit
 * code of what a signal has ended is 128 and its number. What a process cannot live on after (SIGKILL, SIGSEGV) is none, nor is SIGPROF, by
 * which Node.js measures itself.
 */
export const STOP_SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGXCPU: 24,
  SIGVTALRM: 26,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

export type StopSignal = keyof typeof STOP_SIGNALS;

/** The life of a fault. `proven` and `not-proven` end the inject step, and a later `not-proven` says that it went off or stalled; `went-on` tells of pods hit later; `undone`, `undo-conflict` and `undo-failed` end the undo step. */
export type FaultStep =
  | 'requested'
  | 'acknowledged'
  | 'went-on'
  | 'proven'
  | 'not-proven'
  | 'undo-requested'
  | 'undone'
  | 'undo-conflict'
  | 'undo-failed';

/** The pods a fault hits, so that the analysis can tell from the records whether they really stopped serving. */
export type AffectedPod = {
  readonly cluster: string;
  readonly namespace: string;
  readonly zone: string;
  readonly workload: string;
  readonly pod: string;
  readonly ip: string;
};

/** The change of an object that a fault has made; of all others it has changed a part. */
export const CREATED = 'created';

/** One object that a fault touched and what became of it. */
export type TouchedObject = {
  readonly cluster: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What was done, in words: `patch image of container default`; `CREATED` of an object that the fault has made. */
  readonly change: string;
  /** Canonical text of the touched fields before, while the fault was on, and after the undo; absent where it does not apply. */
  readonly before?: string;
  readonly during?: string;
  readonly after?: string;
  /**
   * One-shot: nothing to put back, the controller replaces it. Gone: others have deleted it, and what they have created in its place holds
   * nothing of the fault.
   */
  readonly state: 'put-back' | 'left-behind' | 'conflict' | 'one-shot' | 'gone' | 'unknown';
};

/** Every event carries its number, the run clock and the wall clock beside it. */
export type Stamp = {
  readonly seq: number;
  readonly t: Micros;
  /** ISO 8601 UTC with milliseconds. */
  readonly wall: string;
};

/** Fixed facts of a run, written once as its first event. */
export type RunHeader = {
  readonly runId: string;
  readonly tool: { readonly name: 'faultline'; readonly version: string };
  /** Name of the target; a reader must know at once whether this was a sandbox. */
  readonly target: { readonly name: string; readonly kind: MetKind };
  readonly scenario: RecordedScenario;
  readonly topology: Topology;
  /** Versions of what took part: node, platform, kubernetes, mesh. */
  readonly versions: Readonly<Record<string, string>>;
  /** The command line that repeats the run. */
  readonly command: string;
  /** The command line that undoes what the run has left; absent in older recordings. */
  readonly recover?: string;
  /** What the plan said about each fault before anything was touched. */
  readonly faults: readonly FaultHeader[];
};

/**
 * What the requests must show of a fault. `stops-serving`: the affected pods must not appear in any good chain any more
 * once the fault is effective; `restarts`: the affected pods go away and others may take their place at once; `degrades`:
 * they serve less, later or with errors, and may go on answering, and the proof says which of those planned it were;
 * `aside`: no answer tells of the affected pods, so that what the cluster shows of them is all that there is to see;
 * `none`: it changes nothing by design, so nothing can rest on it.
 */
export type Signature = 'stops-serving' | 'restarts' | 'degrades' | 'aside' | 'none';

export type FaultHeader = {
  readonly name: string;
  readonly kind: string;
  readonly cluster: string;
  /** One line in plain words: `swap the image of Deployment default/mockb-… to curl:8.1.2`. */
  readonly summary: string;
  readonly signature: Signature;
  readonly affected: readonly AffectedPod[];
};

/** What one engine path did, counted by the engine itself. */
export type LoadCounts = {
  readonly path: string;
  readonly due: number;
  readonly sent: number;
  readonly dropped: number;
  /** Sent more than 10 ms after they were due. */
  readonly late: number;
};

/** What a calling proxy counted of one host of a Service, or of one workload, since the reading before. */
export type HostCalls = {
  readonly region: string;
  readonly zone: string;
  /** Requests that were sent to it, and of those answered: without an error of 5xx, with one or cut off. */
  readonly requests: number;
  readonly served: number;
  readonly failed: number;
  /** Connections that did not come about. */
  readonly refused: number;
} & (KnownHost | KnownWorkload);

/** A host as the proxy has it, and its state at the reading (`clusters?format=json` of Envoy's admin port). */
type KnownHost = {
  /** `ip:port`. */
  readonly address: string;
  /** 0 is nearest. */
  readonly priority: number;
  /** As the endpoints say; not whether it is ejected. */
  readonly healthy: boolean;
  readonly ejected: boolean;
  /** Of those failed: given up after a timeout of the route. Absent in old histories. */
  readonly timedOut?: number;
  /** Gone from the proxy's list since the last reading; its last counts are not known. */
  readonly gone?: true;
};

/** A workload whose pods lie in one zone: all that Istio's metrics tell (`istio_requests_total`). */
type KnownWorkload = { readonly workload: string };

/** An HTTP route of a VirtualService by which requests are copied, or go past what is counted of the Service that was called. */
export type RoutedCalls = {
  /** `namespace/name`. */
  readonly virtualService: string;
  /** Full names and patterns. */
  readonly hosts: readonly string[];
  /** The Service that gets them, as `namespace/name`. */
  readonly to: string;
  /** It gets copies, whose answers nobody sees. */
  readonly mirror?: true;
  /** Only what matches the route goes there. */
  readonly matched?: true;
};

export type HistoryEvent = Stamp &
  (
    | { readonly type: 'run-start'; readonly run: RunHeader }
    | {
        readonly type: 'run-end';
        readonly status: RunStatus;
        readonly reason?: string;
        /** The signal that interrupted the run. */
        readonly signal?: StopSignal;
      }
    | {
        /** What the mesh model said of the run before it began. Absent in old histories. */
        readonly type: 'prediction';
        readonly prediction: Prediction;
      }
    | { readonly type: 'phase-start' | 'phase-end'; readonly phase: Phase }
    | {
        readonly type: 'fault';
        readonly fault: string;
        readonly step: FaultStep;
        /** In words, what was read back or observed, or why it failed. */
        readonly detail?: string;
        /** When the effect began as seen by the cluster, where that is earlier than this event. */
        readonly effective?: Micros;
        /** With `not-proven` of a fault that was on: when a look first found it off. */
        readonly since?: Micros;
        /** With `proven`: whether the cluster itself showed the effect; if not, the requests must. */
        readonly observed?: boolean;
        readonly objects?: readonly TouchedObject[];
        /** With an undo that is not over: what a person types to finish it, in this order. Absent in old histories. */
        readonly commands?: readonly string[];
        /** Pods hit later than planned: in a further round, or because they came while the fault was on. */
        readonly affected?: readonly AffectedPod[];
      }
    | {
        readonly type: 'endpoints';
        readonly cluster: string;
        readonly endpoints: readonly Endpoint[];
        /** Pods of the gateways that the targets file declares; absent where it declares none. */
        readonly gateways?: readonly AffectedPod[];
      }
    | {
        /** Outlier statistics of one calling proxy for one service, written when they change. */
        readonly type: 'ejections';
        readonly cluster: string;
        readonly pod: string;
        /** Namespace of the calling pod: two namespaces may have pods of one name. Absent in old histories. */
        readonly podNamespace?: string;
        readonly zone: string;
        readonly service: string;
        /** Namespace and port of the Service; one Service has a row for each port. Absent in old histories. */
        readonly namespace?: string;
        readonly port?: number;
        readonly active: number;
        readonly enforcedTotal: number;
        readonly overflow: number;
        /** The proxy had these statistics and has them no more: its outlierDetection was taken away. Counters are the last known. */
        readonly gone?: true;
      }
    | {
        /**
         * What one calling proxy counted of the hosts of one Service since its last reading, for hosts whose counters or state
         * changed; all hosts, with counts of 0, at its first reading. Envoy's admin `clusters?format=json` is the source, or,
         * where that cannot be read, Istio's metrics, which tell workloads and no ports (`port` is 0).
         */
        readonly type: 'calls';
        readonly cluster: string;
        readonly pod: string;
        readonly podNamespace: string;
        /** Of the calling pod. */
        readonly zone: string;
        readonly service: string;
        readonly namespace: string;
        readonly port: number;
        /** What was counted lies between them: when the last reading was asked for, and when this one had been answered. */
        readonly from: Micros;
        readonly to: Micros;
        /** The proxy began to count anew in between: what it had counted before that since its last reading is lost. Absent in old histories. */
        readonly anew?: true;
        readonly hosts: readonly HostCalls[];
      }
    /** Routes of the mesh by which counters do not tell of each request once, as they were when the run began; absent where there are none. */
    | { readonly type: 'routes'; readonly cluster: string; readonly routes: readonly RoutedCalls[] }
    | {
        /** Whether the outlier statistics could be read from this cluster. */
        readonly type: 'mesh-telemetry';
        readonly cluster: string;
        readonly readable: boolean;
        readonly detail: string;
        /** Calling proxies that exist, that were asked, and whose answer held the statistics. Absent in old histories. */
        readonly callers?: { readonly known: number; readonly asked: number; readonly answered: number };
      }
    | {
        /** Whether the calling proxies of this cluster can be asked whom they call; as `mesh-telemetry`. */
        readonly type: 'calls-telemetry';
        readonly cluster: string;
        readonly readable: boolean;
        readonly detail: string;
        readonly callers: {
          readonly known: number;
          readonly asked: number;
          readonly answered: number;
          /** Those of the answered that tell workloads and no hosts; absent where none does. */
          readonly byWorkload?: number;
        };
      }
    | {
        /**
         * What the cluster itself says that nothing acts on, of the objects in the observed namespaces (Events with the reason
         * NotActedOn); written when it changes, and at first only if there is any.
         */
        readonly type: 'not-acted-on';
        readonly cluster: string;
        readonly objects: readonly { readonly ref: string; readonly what: string }[];
      }
    | {
        /** An Event that a cluster told while it was observed, when the watch told of it; again when it was counted up. */
        readonly type: 'kube-event';
        readonly cluster: string;
        /** What it is about. */
        readonly object: { readonly kind: string; readonly namespace?: string; readonly name: string };
        readonly warning: boolean;
        readonly reason: string;
        /** At most 300 characters. */
        readonly message: string;
        /** How often it has been told so far. */
        readonly count: number;
      }
    | {
        /** In which observed namespaces Events of this cluster could be read, and where not. Absent in old histories. */
        readonly type: 'kube-events';
        readonly cluster: string;
        readonly read: readonly string[];
        readonly unread: readonly string[];
      }
    | {
        /** A stretch in which the target's own process stood still, so that what was bad then was not the system's doing. */
        readonly type: 'blind';
        readonly from: Micros;
        readonly to: Micros;
        readonly detail: string;
      }
    | {
        /** A stretch in which the load generator stood still, so that answers may have lain there unread. */
        readonly type: 'load-stall';
        readonly from: Micros;
        readonly to: Micros;
      }
    | {
        readonly type: 'load';
        readonly counts: readonly LoadCounts[];
        /** 99th percentile of (start - due) over all sent requests. */
        readonly lateP99: Micros;
        /** Reasons why the generator itself was not trustworthy; empty when it was. */
        readonly degraded: readonly string[];
        /** File of the generator's own dashboard in the run folder. */
        readonly dashboard?: string;
      }
    | {
        /** Objects that still carry this run's mark after the undo, with the command that removes each, or shows what holds it (`held`, in words). */
        readonly type: 'leftovers';
        readonly cluster: string;
        readonly objects: readonly { readonly ref: string; readonly command: string; readonly held?: string }[];
        /** What could not be looked through there of what no fault of the run needed, in words; absent where nothing. */
        readonly unread?: string;
      }
    | {
        readonly type: 'steady-state';
        readonly when: 'before' | 'after';
        readonly holds: boolean;
        readonly detail: string;
      }
    | {
        /** One of the alerts that the scenario asks for, by its place there; written when it changes. */
        readonly type: 'alert';
        readonly index: number;
        readonly rule: string;
        /** When Prometheus was last asked and said otherwise; 0 the first time, since nobody had asked before. In old histories that was when it was asked. */
        readonly from: Micros;
        readonly firing: boolean;
        /** Of what fires, as texts: with the labels that are asked for, and with others. */
        readonly labels: readonly string[];
        readonly strange: readonly string[];
      }
    /** Names of all alerts that fire; written when they change, and at first only if there is any. `from`: as of `alert`. */
    | { readonly type: 'alerts-firing'; readonly from: Micros; readonly names: readonly string[] }
    | {
        /** Whether Prometheus says which alerts fire; written when it changes. */
        readonly type: 'alert-telemetry';
        readonly readable: boolean;
        /** Where it is not: when it had last been asked and had answered, 0 where it never had. Absent in old histories. */
        readonly from?: Micros;
        readonly detail: string;
      }
    | {
        /**
         * What a query of Prometheus was, that the scenario names in `abort` or `require`, by its place there; of each at most
         * one a second. Absent in old histories.
         */
        readonly type: 'query-value';
        readonly of: 'abort' | 'require';
        readonly index: number;
        /** When it was asked. */
        readonly asked: Micros;
        readonly limit: ValueLimit;
        /** Of several values the worst by the limit; null where there was none, or none that is a finite number. */
        readonly value: number | null;
      }
    /** A condition was met that ends a run before its time; `ends`: it has ended this one, and not come in its undo or later. */
    | ({ readonly type: 'abort-condition'; readonly ends: boolean } & AbortFinding)
    | { readonly type: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  );
