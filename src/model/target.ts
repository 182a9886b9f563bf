/** The clusters a scenario runs against, with the gateway addresses resolved. */
export type Target = {
  readonly name: string;
  readonly clusters: readonly TargetCluster[];
  /** Namespaces faults may touch; everything else is refused. */
  readonly namespaces: readonly string[];
  readonly observe: ObservedScope;
  /** Where `load.engine: k6-operator` sends from; no fault ever touches it unless it is among the clusters, too. */
  readonly loadCluster?: LoadCluster;
};

/** What a run watches beside its requests. Nothing here lets a fault touch anything. */
export type ObservedScope = {
  /** Namespaces whose endpoints are recorded and whose sidecars are read. */
  readonly namespaces: readonly string[];
  /**
   * Pods of the ingress gateways, which are callers as sidecars are. Absent: nobody has said which they are, so that
   * some callers are not known. Empty: there are none.
   */
  readonly gateways?: readonly GatewayPods[];
};

/** Pods with these labels. */
export type GatewayPods = { readonly namespace: string; readonly selector: Readonly<Record<string, string>> };

/** A cluster in which the k6-operator runs. */
export type LoadCluster = {
  readonly kubeconfig: string;
  /** Always explicit: the kubeconfig's current context is never used. */
  readonly context: string;
  /** Expected UID of the kube-system namespace; a mismatch refuses the run. */
  readonly uid?: string;
  /** Namespace of the TestRun, its ConfigMap and its pods. */
  readonly namespace: string;
  /** Runner pods; each sends its share of every path's requests. */
  readonly pods: number;
  /** Image of the runners, a k6 of version 2. */
  readonly image: string;
};

export type TargetCluster = {
  /** The logical name that scenarios use. */
  readonly name: string;
  readonly region: string;
  readonly kubeconfig: string;
  /** Always explicit: the kubeconfig's current context is never used. */
  readonly context: string;
  /** Expected UID of the kube-system namespace; a mismatch refuses the run. */
  readonly uid?: string;
  readonly gateways: readonly TargetGateway[];
};

/** One zone's address of a cluster's ingress gateway. */
export type TargetGateway = { readonly zone: string; readonly address: GatewayAddress };

export type GatewayAddress =
  | { readonly kind: 'url'; readonly protocol: 'http' | 'https'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'service';
      readonly protocol: 'http' | 'https';
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
    };

/** What the run header records of the system: enough to judge without asking any cluster again. */
export type Topology = {
  readonly clusters: readonly TopologyCluster[];
  readonly paths: readonly Path[];
};

export type TopologyCluster = {
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** UID of the kube-system namespace: the identity of the cluster. */
  readonly uid: string;
  readonly server: string;
  readonly version: string;
};

/** One gateway zone address with one request. */
export type Path = {
  /** `<request name>@<cluster>/<zone>` */
  readonly id: string;
  readonly name: string;
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly protocol: 'http' | 'https';
  /** Host name or IP address to connect to. */
  readonly host: string;
  readonly port: number;
};

/** A workload's pod that can serve a service. */
export type Endpoint = {
  readonly cluster: string;
  readonly region: string;
  readonly zone: string;
  readonly namespace: string;
  readonly service: string;
  /** Name of the owning Deployment, or of the pod when it has none. */
  readonly workload: string;
  readonly pod: string;
  readonly ip: string;
  readonly ready: boolean;
};
