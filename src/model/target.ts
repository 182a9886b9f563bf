/** The clusters a scenario runs against, with the gateway addresses resolved. */
export type Target = {
  readonly name: string;
  /** Free text for tools around; absent where nobody wrote a file. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly clusters: readonly TargetCluster[];
  /** Namespaces faults may touch; everything else is refused. */
  readonly namespaces: readonly string[];
  readonly observe: ObservedScope;
  /** Namespace of the lease, the plans and the freeze of each cluster. */
  readonly lockNamespace: string;
  /** What puts changed objects back, in each cluster, when the runner dies; absent where nothing does. */
  readonly deadMan?: DeadMan;
  /** Absent where no abort condition can ask one. */
  readonly prometheus?: PrometheusPlace;
  /** Where `load.engine: k6-operator` sends from; no fault ever touches it unless it is among the clusters, too. */
  readonly loadCluster?: LoadCluster;
  /** When no drill may go on. */
  readonly never?: readonly Blackout[];
  /** Who is told what a run does. None of them can change what becomes of it. */
  readonly webhooks?: readonly Webhook[];
};

/** What a webhook can be told: that the load begins, that the undo has ended, and what the run has come to. */
export const WEBHOOK_EVENTS = ['start', 'put-back', 'verdict'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** An address that is told of runs. Addresses of chats are secrets: it stands in the environment. */
export type Webhook = {
  /** `json`: one object is posted to the address itself; `grafana`: an annotation to the API of a Grafana. */
  readonly kind: 'json' | 'grafana';
  readonly url: { readonly env: string };
  /** Sent as `Authorization: Bearer`. */
  readonly token?: { readonly env: string };
  readonly on: readonly WebhookEvent[];
};

/** Days of a week, as a targets file names them. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Times at which no drill may go on: all that is named must hold, whole days where no hours are. */
export type Blackout = {
  readonly because: string;
  /** IANA name of the zone whose calendar and clock are meant. */
  readonly timeZone: string;
  readonly days?: readonly (typeof WEEKDAYS)[number][];
  /** First and last day, such as `2026-12-18`. */
  readonly dates?: { readonly from: string; readonly to: string };
  /** Minutes after midnight. Those that end before they begin go on into the next day. */
  readonly hours?: { readonly from: number; readonly to: number };
};

/** Where a cluster's lease, plans and freeze are unless the targets file says otherwise: a namespace that every cluster has. */
export const LOCK_NAMESPACE = 'default';

/** What the dead-man of a cluster runs from, in the namespace of the lease. */
export type DeadMan = {
  /** An image whose entry point is faultline. */
  readonly image: string;
  readonly serviceAccount: string;
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
  /** Istio's network of its pods, where their labels name none. */
  readonly network?: string;
  /** The cluster whose istiod serves its proxies and reads their configuration (Istio: primary-remote); its own when absent. */
  readonly configuredBy?: string;
  readonly kubeconfig: string;
  /** Always explicit: the kubeconfig's current context is never used. */
  readonly context: string;
  /** Expected UID of the kube-system namespace; a mismatch refuses the run. */
  readonly uid?: string;
  readonly gateways: readonly TargetGateway[];
};

/** One zone's address of a cluster's ingress gateway. */
export type TargetGateway = {
  readonly zone: string;
  readonly address: GatewayAddress;
  /** Only with https. */
  readonly tls?: GatewayTls;
};

/** Where a PEM text stands, and where the targets file says so. */
export type PemSource = EnvSource | { readonly file: string; readonly written: Written };

/** A variable of the environment, and where the targets file names it. */
export type EnvSource = { readonly env: string; readonly written: Written };

/** From the whole file on, by fields and positions. */
type Written = readonly (string | number)[];

/** Where abort conditions ask for values. */
export type PrometheusPlace = {
  /** http(s), with the path before `/api/v1`; no user, query or fragment. */
  readonly url: string;
  /** Trusted in place of the system's authorities; only with https. */
  readonly ca?: PemSource;
  /** Sent as a bearer token; never in clear but on this machine. */
  readonly token?: EnvSource;
};

/** How TLS is spoken to a gateway, as its targets file says. */
export type GatewayTls = {
  /** Trusted in place of the system's authorities. */
  readonly ca?: PemSource;
  readonly client?: { readonly cert: PemSource; readonly key: PemSource };
  /** Asked for in the handshake and expected in the certificate; the request's host when absent. */
  readonly serverName?: string;
  /** The certificate is not checked. */
  readonly insecure?: true;
};

/** What TLS to one gateway needs, as PEM: only the load that an engine is started with holds it. */
export type TlsMaterial = {
  readonly ca?: string;
  readonly client?: { readonly cert: string; readonly key: string };
};

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
  /** HTTP/2 and nothing else is spoken: over TLS by ALPN (h2), without it unasked (h2c). Absent: HTTP/1.1. */
  readonly http2?: true;
  /** How TLS is spoken where the targets file says more than https. */
  readonly tls?: PathTls;
};

/** What a record tells of TLS to a gateway: no certificate and no key. */
export type PathTls = {
  readonly serverName?: string;
  /** The certificate is not checked: whoever answers is taken for the gateway. */
  readonly insecure?: true;
  /** Only authorities of the targets file are trusted. */
  readonly ownAuthority?: true;
  readonly clientCertificate?: true;
};

/**
 * That certificates are not checked, for every place where a run is planned, shown and judged: its answers may be those of
 * anybody. Undefined where all are.
 */
export function uncheckedText(paths: readonly Path[]): string | undefined {
  const gateways = new Set(paths.filter(({ tls }) => tls?.insecure).map(({ cluster, zone }) => `${cluster}/${zone}`));
  if (gateways.size === 0) return undefined;
  const [first, ...others] = gateways;
  const which = others.length === 0 ? `gateway ${first}` : `${gateways.size} gateways (${[...gateways].join(', ')})`;
  return `TLS: the certificate of ${which} is not checked, because the targets file says insecure: anybody may answer in its place`;
}

/** What else than the protocol of its address is spoken to a path's gateway, to stand behind it; empty where nothing is. */
export function spokenText({ protocol, http2, tls }: Path): string {
  const facts = [
    ...(http2 ? [protocol === 'https' ? 'HTTP/2' : 'HTTP/2 without TLS'] : []),
    ...(tls?.serverName === undefined ? [] : [`server name ${tls.serverName}`]),
    ...(tls?.ownAuthority ? ['own authority'] : []),
    ...(tls?.clientCertificate ? ['client certificate'] : []),
    ...(tls?.insecure ? ['certificate NOT checked'] : []),
  ];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

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
  /** As its label `topology.istio.io/network` or the targets file names it. */
  readonly network?: string;
  /** Subsets of the Service whose labels the pod has; absent where nobody asked for them, or where rules contradict each other. */
  readonly subsets?: readonly string[];
};
