import type { AbortCondition, Requirement } from './abort.ts';
import type { Callees } from './callees.ts';
import type { FaultMove } from './fault-move.ts';
import type { GrpcStatus } from './grpc.ts';
import type { CallersPlace, Place } from './place.ts';
import type { ServiceNames } from './service-names.ts';
import type { Millis, Ratio } from './units.ts';

/** JSON as it comes out of YAML or over the Kubernetes API. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A scenario after validation: units resolved, defaults filled in, nothing optional that the harness needs. */
export type Scenario = Omit<RecordedScenario, 'faults'> & {
  /** In injection order. */
  readonly faults: readonly FaultSpec[];
};

/** What a run keeps of its scenario, and readers of a run may rest on. */
export type RecordedScenario = {
  readonly name: string;
  readonly description?: string;
  /** Free text for tools around faultline; no annotation changes how a run is judged. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The sentence the run tests, as the author wrote it. */
  readonly hypothesis: string;
  readonly load: Load;
  /** What services are called here and in answers, where a Kubernetes Service has another name; absent where none has. */
  readonly services?: ServiceNames;
  readonly phases: PhaseDurations;
  /** In injection order. */
  readonly faults: readonly RecordedFault[];
  /** Absent where nothing is allowed beyond what is always allowed. */
  readonly allow?: Allowances;
  /** Absent where only what always ends a run does (model/abort-defaults.ts). */
  readonly abort?: readonly AbortCondition[];
  /** Absent where nothing is required but the steady state. */
  readonly require?: readonly Requirement[];
  readonly expect: Expectations;
  readonly source: ScenarioSource;
};

/**
 * The file a scenario came from, so that a run can be repeated from its record: verbatim but for the values of secret
 * headers. The digest is that of the file as it was.
 */
export type ScenarioSource = { readonly file: string; readonly text: string; readonly sha256: string };

/** How long the phases last that wait by the clock. Inject and undo last as long as their work. */
type PhaseDurations = { readonly baselineMs: Millis; readonly holdMs: Millis; readonly recoverMs: Millis };

/** The open-model load of a run. */
export type Load = {
  readonly paths: readonly PathTemplate[];
  /** Requests per second on each path that has no rate of its own. */
  readonly ratePerSecond: number;
  /** Longest wait for one whole answer, from the moment the request was due. */
  readonly timeoutMs: Millis;
  /** `kept`: connections are reused as browsers and services do; `fresh`: one connection for each request. */
  readonly connections: 'kept' | 'fresh';
  /**
   * Name of the engine kind that sends the requests (load/engines.ts), or `auto`: the first that carries the rate. Absent:
   * the default engine.
   */
  readonly engine?: string;
  /** A k6 script that sends the requests in place of the harness's own: a file in the scenario's folder or below. */
  readonly script?: string;
  /** Keep k6's own web dashboard beside the report; only with an engine that has one. */
  readonly dashboard?: true;
  readonly chain: ChainPattern;
  readonly good: GoodRequest;
};

/** What a script imports, beside it; a run takes the harness's own version. */
export const SCRIPT_MODULE = 'faultline.ts';

/** One request, sent through the gateway zones named by `via`. */
export type PathTemplate = {
  readonly name: string;
  readonly request: RequestTemplate;
  /** Every gateway zone of every cluster of the target, or the named ones. */
  readonly via: 'each-gateway-zone' | readonly GatewayZoneRef[];
  /** Requests per second on each of its gateway zones, where that is another than the load's. */
  readonly ratePerSecond?: number;
  /** Where a good request of this path is another than the load's. */
  readonly good?: GoodRequest;
};

type GatewayZoneRef = { readonly cluster?: string; readonly zone: string };

export type RequestTemplate = {
  readonly method: string;
  readonly path: string;
  /** Host header and, over TLS, the server name; the gateway's address when absent. */
  readonly host?: string;
  /** A secret is redacted here; only the load that an engine is started with holds it. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is spoken: HTTP/2, or gRPC over it. Absent: HTTP/1.1. */
  readonly protocol?: 'http2' | 'grpc';
  /** Names of the headers whose values are read again while the load goes on. */
  readonly refreshed?: readonly string[];
  readonly body?: RequestBody;
};

/** What a request sends besides its headers, as a record may tell of it: JSON is without the secrets in it. */
export type RequestBody =
  | { readonly kind: 'text' | 'json'; readonly text: string }
  /** As written in the scenario, relative to it. */
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'env'; readonly env: string }
  /** The message that asks gRPC's health service for this service; empty: for the whole server. */
  | { readonly kind: 'health'; readonly service: string };

/** Most bytes of a body. */
export const BODY_LIMIT = 1_048_576;

/** Where the call chain stands in a response and how one hop is written, for example `-> {service}(version: {zone}, ip: {ip})`. */
export type ChainPattern = {
  readonly from:
    | { readonly kind: 'body' }
    | { readonly kind: 'header'; readonly name: string }
    /** A value in a body of JSON: text, or a list whose entries are read one after the other. */
    | { readonly kind: 'pointer'; readonly pointer: string };
  /** Literal text with the placeholders {service}, {zone}, {ip} and {pod}, at least one of them; repeated. */
  readonly hop: string;
  /** Hops may stand between other text; without it nothing may be left over. */
  readonly anywhere?: true;
  /** Who calls others than the service after it; absent where each calls the next. */
  readonly calls?: Callees;
};

/** What makes a request good. */
export type GoodRequest = {
  /** One status, or every status of some ranges. */
  readonly status: number | readonly StatusRange[];
  /** The services of the complete chain in call order; empty when the response carries none. */
  readonly chain: readonly string[];
  /** Longest good latency, counted from the due time. */
  readonly latencyMs: Millis;
  /** What the answer must say besides. The engine looks at it, because no record keeps whole answers. */
  readonly content?: readonly ContentCheck[];
};

/** Both ends included. */
export type StatusRange = { readonly from: number; readonly to: number };

/** `matches`: a pattern (model/pattern) that is found in the text. */
export type Expected = { readonly equals: Json } | { readonly matches: string };

/** One thing that a good answer says. */
export type ContentCheck =
  | { readonly of: 'header'; readonly name: string; readonly expected: Expected }
  /** A value in a body of JSON by its JSON pointer; without one the body as text. */
  | { readonly of: 'body'; readonly pointer?: string; readonly expected: Expected }
  /** The status of gRPC in the trailer is one of these; `serving`: and the health service says that it serves. */
  | { readonly of: 'grpc'; readonly status: readonly GrpcStatus[]; readonly serving?: true };

/** What a scenario asks for although it hurts: by name, so that a slip in a selector is still refused. */
export type Allowances = {
  /** Services (`namespace/name`) all of whose ready pods may be hit. */
  readonly wholeServices: readonly string[];
  /** Whether every zone of every cluster may be cut off. */
  readonly everyZone: boolean;
  /** Workloads (`namespace/name`) of GitOps that may be changed. */
  readonly gitops: readonly string[];
  /** The longest that the run may take, its undo included; an hour when absent. */
  readonly durationMs?: Millis;
};

/** The fields of one fault. */
export type FaultBlock = { readonly [field: string]: Json };

/** A fault as the scenario asks for it, and what it comes to. */
export type FaultSpec = RecordedFault & { readonly move: FaultMove };

/** A fault as a run keeps it. `spec` is its block as the kind's own schema has read it: units resolved, defaults filled in. */
export type RecordedFault = {
  readonly name: string;
  readonly kind: string;
  /** Wait from the start of the inject phase before this fault is injected. */
  readonly afterMs: Millis;
  readonly spec: FaultBlock;
};

/** The clauses that result.json (v1) promises its readers. Each of them present gives findings. */
export type PromisedExpectations = {
  /** Checked in the baseline before anything is injected; a run whose steady state does not hold is refused. */
  readonly steadyState: { readonly goodAtLeast: Ratio; readonly sameZoneAtLeast?: Ratio };
  readonly failoverOrder: readonly FailoverOrder[];
  readonly recoveryTime?: RecoveryObjective;
  readonly errorBudget?: ErrorBudget;
  /** Callers and paths outside `except` must not notice the fault. */
  readonly unaffected?: { readonly except: readonly Place[] };
  readonly ejections: readonly EjectionObjective[];
  readonly failback?: { readonly withinMs: Millis };
};

/** What must hold, clause by clause. Any other clause is known to its own objective only, as a fault's block is to its kind. */
export type Expectations = PromisedExpectations & { readonly [objective: string]: unknown };

/** Where callers in `from` must be served by `service`, nearest first. */
export type FailoverOrder = {
  readonly service: string;
  readonly from: CallersPlace;
  readonly order: readonly { readonly place: Place; readonly shareAtLeast: Ratio }[];
};

/** Recovered: `consecutive` good requests in a row that last at least `lastingMs`. */
export type RecoveryObjective = { readonly withinMs: Millis; readonly consecutive: number; readonly lastingMs: Millis };

/** Bad requests allowed from injection to the end of the undo. */
export type ErrorBudget = {
  /** Most bad requests of one calling proxy. */
  readonly perCaller?: number;
  /** Most bad requests of one path. */
  readonly perPath?: number;
  /** Largest share of bad requests over all paths. */
  readonly ratio?: Ratio;
};

/** Outlier ejections of `service` seen by its callers, from injection to the end of the undo. */
export type EjectionObjective = { readonly service: string; readonly atLeast?: number; readonly atMost?: number };
