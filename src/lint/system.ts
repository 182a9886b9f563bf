import type { EffectiveRule } from '../mesh/destination-rules.ts';
import type { NetworkGateway } from '../mesh/networks.ts';
import type { ClusterSettings } from '../mesh/settings.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Target } from '../model/target.ts';
import type { LiveCluster, LivePod, LiveSystem } from '../predict/live-system.ts';

/** Pods whose proxies are told the same: those of one cluster and namespace that no selector tells apart. */
export type CallerGroup = {
  readonly live: LiveCluster;
  readonly namespace: string;
  readonly gateway: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly pods: readonly LivePod[];
};

/**
 * How sure it is that a call is made: `known` from the scenario's chain or a gateway's route; `configured`, because
 * somebody has written a rule or route for just this host; `possible`, because the Service is there.
 */
export type Sureness = 'known' | 'configured' | 'possible';

/** The route that sends a call where it goes. */
export type CallRoute = {
  readonly object: KubeObject;
  /** `spec.http[0]` */
  readonly field: string;
  /** The entry of `spec.http`. */
  readonly http: { readonly [field: string]: unknown };
  /** Index of the destination in `route`. */
  readonly destination: number;
};

/** What some callers' proxies have of a Service: one outbound cluster of Envoy. */
export type Call = {
  readonly caller: CallerGroup;
  readonly sureness: Sureness;
  /** `namespace/name` of the called Service. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** Its name in the Service. */
  readonly portName: string;
  readonly subset?: string;
  /** Absent where no VirtualService is in the way. */
  readonly route?: CallRoute;
  /** What the winning DestinationRules come to; absent where none is in force. */
  readonly rule?: EffectiveRule;
  readonly settings: ClusterSettings;
  /** Pods behind its port, and in its subset, in all clusters, those that are not ready too. */
  readonly listed: readonly LivePod[];
  /** Those of them that can answer it. */
  readonly endpoints: readonly LivePod[];
  /** By which those of other networks are reached. */
  readonly gateways: readonly NetworkGateway[];
};

/** Who calls whom by a scenario. Names that several namespaces have stand for several Services. */
export type Chain = {
  readonly hops: readonly { readonly from: readonly string[]; readonly to: readonly string[] }[];
  /** Services of the chain itself. */
  readonly called: ReadonlySet<string>;
  /** Those of them that a chain begins with though gateways route elsewhere: an answer may name the last service alone. */
  readonly uncalled: ReadonlySet<string>;
  /** Names in the chain that are no Service. */
  readonly unknown: readonly string[];
  /** All Services that the scenario speaks of, those behind which the workloads of its faults stand included. */
  readonly services: ReadonlySet<string>;
};

/** A way into the mesh that a request of the scenario takes, and what the gateway makes of it. */
export type Entry = {
  readonly caller: CallerGroup;
  /** Name of the request in the scenario. */
  readonly request: string;
  readonly host: string;
  /** Without its query, in which a secret may stand. */
  readonly path: string;
  /** Whether any server for plain HTTP takes the host. */
  readonly heard: boolean;
  /** Status that the gateway answers by itself; absent where it sends the request on, or the scenario takes that for good. */
  readonly status?: number;
  /** Whether the scenario takes a redirect for a good answer. */
  readonly redirectIsGood: boolean;
};

/** Something beside the mesh that was not read. */
export type Unread = {
  readonly what: 'workloads' | 'roots' | 'control planes' | 'namespaces' | 'configuration';
  readonly cluster: string;
  readonly reason: string;
};

/** What is read of a cluster beside the mesh's own configuration; what could not be read is empty, and told in `unread`. */
export type Beside = {
  readonly cluster: string;
  readonly deployments: readonly KubeObject[];
  /** Workloads of other kinds, those that faults of the scenario replace the pods of. */
  readonly others: readonly KubeObject[];
  readonly autoscalers: readonly KubeObject[];
  readonly budgets: readonly KubeObject[];
  /** The observed namespaces. */
  readonly namespaces: readonly KubeObject[];
  /** Mesh configuration that nobody reads, since another cluster configures the proxies of this one. */
  readonly idle: readonly KubeObject[];
  /** Certificates that proxies trust, base64 without line ends. */
  readonly roots: readonly string[];
  /** How many clusters beside its own istiod knows. */
  readonly remotes: number;
  /** Whether pods of istiod were seen; a managed one is nowhere to be seen. */
  readonly istiod: boolean;
};

/** Everything that rules look at. */
export type LintSystem = {
  readonly live: LiveSystem;
  readonly target: Target;
  readonly scenario?: Scenario;
  /** Who calls whom by the scenario; absent where it does not say, and then every Service counts. */
  readonly chain?: Chain;
  readonly calls: readonly Call[];
  readonly entries: readonly Entry[];
  readonly beside: readonly Beside[];
  readonly unread: readonly Unread[];
};
