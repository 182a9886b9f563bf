import { readClusters, type ServiceHosts } from '../mesh/clusters-reader.ts';
import { REQUESTS_PAGE, readRequests } from '../mesh/requests-reader.ts';
import type { Cluster, ProxyAdmin } from '../model/ports.ts';
import type { Caller } from './callers.ts';
import { callsBetween, hasFallen } from './calls-delta.ts';
import type { NamedServices } from './named.ts';
import { requestsBetween, type ServiceCalls } from './requests-delta.ts';
import type { WorkloadPlaces } from './workload-places.ts';

/** What sources read with. */
export type SourceReader = {
  readonly cluster: Cluster;
  readonly named: NamedServices;
  readonly places: WorkloadPlaces;
};

/** One reading: what there is to write, and whether the proxy has sent any request to a named Service so far. */
export type Reading = {
  readonly calls: readonly ServiceCalls[];
  readonly calling: boolean;
  /** Whether it began to count anew since the last reading: what it counted before that is lost. */
  readonly isAnew: boolean;
};

/** What a page says whose counters are lower than before: the next one tells whether it was an older one. */
const FALLEN = 'its counters are lower than at the last reading: an older page, or a proxy that counts anew';

/** Where a proxy's counters are read. */
export type CallsSource = {
  /** Whether what the next reading needs is open already. */
  readonly isKept: boolean;
  /**
   * Reads once. Rejects where nothing was answered, and once where counters have fallen; what was counted until then is in the next
   * reading.
   */
  read(): Promise<Reading>;
  /** Gives back what is kept from reading to reading, which goes on all the same. */
  close(): void;
};

/** Envoy's admin port: host by host, with their state. */
export class AdminSource implements CallsSource {
  readonly #reader: SourceReader;
  readonly #caller: Caller;
  /** The way to the port, for as long as it is kept. */
  #way: { readonly admin: ProxyAdmin; readonly closing: AbortController } | undefined;
  #last: ReadonlyMap<string, ServiceHosts> | undefined;
  /** Whether the reading before had counters that had fallen. */
  #fell = false;
  /** Ports of Services behind which sidecars answer for themselves: what they say of it is half of a page. */
  #own: readonly number[] = [];

  constructor(reader: SourceReader, caller: Caller) {
    this.#reader = reader;
    this.#caller = caller;
  }

  get isKept(): boolean {
    return this.#way !== undefined;
  }

  async read(): Promise<Reading> {
    const { named } = this.#reader;
    const text = await this.#open().get(named.page(this.#own));
    const all = readClusters(text, (service, namespace) => named.wants(service, namespace));
    const read = all.filter((one) => !isOfSidecars(one));
    this.#learn(all);
    const services = new Map(read.map((one) => [keyOf(one), one]));
    const before = this.#last;
    const isAnew = read.some((now) => hasFallen(before?.get(keyOf(now)), now));
    const isFirst = isAnew && !this.#fell;
    this.#fell = isFirst;
    if (isFirst) throw new Error(FALLEN);
    this.#last = services;
    const gone = [...(before ?? [])].filter(([key]) => !services.has(key));
    return {
      calls: [
        ...read.map((now) => callsOf(before?.get(keyOf(now)), now)),
        ...gone.map(([, last]) => callsOf(last, { ...last, hosts: new Map() })),
      ],
      calling: read.some(({ hosts }) => [...hosts.values()].some(({ requests }) => requests > 0)),
      isAnew,
    };
  }

  close(): void {
    this.#way?.closing.abort();
    this.#way = undefined;
    this.#own = [];
  }

  #learn(services: readonly ServiceHosts[]): void {
    const others = new Set(services.filter((one) => !isOfSidecars(one)).map(({ port }) => port));
    const own = services.filter(isOfSidecars).map(({ port }) => port);
    this.#own = [...new Set([...this.#own, ...own])].filter((port) => !others.has(port));
  }

  #open(): ProxyAdmin {
    if (this.#way !== undefined) return this.#way.admin;
    const { namespace, pod } = this.#caller;
    const closing = new AbortController();
    this.#way = { closing, admin: this.#reader.cluster.proxyAdmin({ namespace, pod }, closing.signal) };
    return this.#way.admin;
  }
}

/** Where Istio's sidecars and agents themselves answer: metrics and health (Istio: ports used by Istio). */
const SIDECAR_PORTS = [':15020', ':15021', ':15090'];

/** Whether no application is behind this port of a Service, such as `http-metrics` with targetPort 15020. */
function isOfSidecars({ hosts }: ServiceHosts): boolean {
  return hosts.size > 0 && [...hosts.keys()].every((address) => SIDECAR_PORTS.some((port) => address.endsWith(port)));
}

const keyOf = ({ namespace, service, port }: ServiceHosts): string => `${namespace} ${service} ${port}`;

function callsOf(before: ServiceHosts | undefined, now: ServiceHosts): ServiceCalls {
  const { service, namespace, port } = now;
  return { service, namespace, port, hosts: callsBetween(before, now) };
}

/** Ports where Istio serves a proxy's metrics: Envoy's own, which takes a filter, then pilot-agent's merged one. */
const METRICS_PORTS = [15090, 15020] as const;

/** Istio's metrics, through the API server's pod proxy: workload by workload. */
export class MetricsSource implements CallsSource {
  readonly isKept = true;
  readonly #reader: SourceReader;
  readonly #caller: Caller;
  #port: number | undefined;
  #last: ReadonlyMap<string, number> | undefined;
  #fell = false;

  constructor(reader: SourceReader, caller: Caller) {
    this.#reader = reader;
    this.#caller = caller;
  }

  async read(): Promise<Reading> {
    const { cluster, named, places } = this.#reader;
    const { clusterId, series } = readRequests(await this.#page());
    if (clusterId !== undefined) places.learn(cluster.name, clusterId);
    const own = series.filter(({ service, namespace }) => named.wants(service, namespace));
    const before = this.#last;
    const isAnew = own.some(({ key, total }) => total < (before?.get(key) ?? 0));
    const isFirst = isAnew && !this.#fell;
    this.#fell = isFirst;
    if (isFirst) throw new Error(FALLEN);
    const calls = before === undefined ? [] : requestsBetween(before, own, places);
    this.#last = new Map(own.map(({ key, total }) => [key, total]));
    return { calls, calling: own.some(({ total }) => total > 0), isAnew };
  }

  close(): void {
    // Nothing is kept.
  }

  async #page(): Promise<string> {
    const { namespace, pod } = this.#caller;
    const [first, second] = METRICS_PORTS;
    const read = (port: number) => this.#reader.cluster.podProxy(namespace, pod, port, REQUESTS_PAGE);
    if (this.#port !== undefined) return read(this.#port);
    const [port, text] = await read(first).then(
      (answer) => [first, answer] as const,
      async () => [second, await read(second)] as const,
    );
    this.#port = port;
    return text;
  }
}
