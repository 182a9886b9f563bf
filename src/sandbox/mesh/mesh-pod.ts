import type { IncomingMessage, ServerResponse } from 'node:http';
import { appDown } from '../../mesh/inbound.ts';
import { ABORT_TEXT, type InboundFault, injectedInto } from '../../mesh/inbound-faults.ts';
import type { IstioVersion } from '../../mesh/istio-version.ts';
import { localityLabels } from '../../mesh/istiod/endpoints.ts';
import type { Locality } from '../../mesh/locality.ts';
import { carriedAtLast } from '../../mesh/retransmission.ts';
import { meshRoute } from '../../mesh/route-config.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { limitOf } from '../../model/pod-limits.ts';
import type { Clock, Random } from '../../model/ports.ts';
import { resolveHost } from '../../model/service-host.ts';
import type { Micros, Millis } from '../../model/units.ts';
import type { RegionLink } from '../../topologies/index.ts';
import { WrittenLog } from '../api/container-log.ts';
import { createSignal } from '../api/signal.ts';
import type { AddressPlan } from '../nodes/addresses.ts';
import type { Call, Program } from '../nodes/container.ts';
import type { Network } from '../nodes/network.ts';
import { SPARED } from '../nodes/packet-filter.ts';
import type { PodLoad } from '../nodes/pod-load.ts';
import {
  abandonment,
  BYTES_HEADER,
  type HttpAnswer,
  type HttpRequest,
  PEER_HEADER,
  readRequest,
  TEXT,
  writeAnswer,
} from '../programs/http.ts';
import { openPort, type PodListener } from '../programs/http-server.ts';
import { mockService } from '../programs/mock-service.ts';
import { adminPage, includedStats } from './admin.ts';
import { callAgainAndAgain } from './caller.ts';
import { ClientSidecar } from './client-sidecar.ts';
import {
  type GatewayConfig,
  type GatewayListener,
  ingressGateway,
  listensOn,
  passesOn,
  writtenAnswer,
} from './gateway.ts';
import type { PassingPod } from './passage.ts';
import { Resolver } from './resolver.ts';

type MeshPodOptions = {
  readonly cluster: string;
  /** Istio's network of it; empty where nothing names one. */
  readonly istioNetwork: string;
  /** Who takes a connection at the address of an east-west gateway. */
  readonly passingAt: (address: string) => readonly PassingPod[];
  readonly object: KubeObject;
  readonly ip: string;
  readonly locality: Locality;
  readonly program: Program;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly istio: IstioVersion;
  /** The way to other regions. */
  readonly link: RegionLink;
  /** What has come into the pod later uses of it. */
  readonly load: PodLoad;
  /** How long after its sidecar the application starts. */
  readonly sidecarStartMs: Millis;
  /** What the program calls again and again, where it does. */
  readonly call: Call | undefined;
  /** What the pod's istiod knows of gateways, as last pushed. */
  readonly gateways: () => GatewayConfig;
  /** The fault filters that the pod's istiod has pushed to its sidecar. */
  readonly inbound: (sidecar: ClientSidecar) => readonly InboundFault[];
};

/** Where pilot-agent serves the merged statistics, to everybody who reaches the pod. */
const STATISTICS_PORT = 15020;
/** Of which networks a proxy wants endpoints. */
const NETWORK_VIEW = 'ISTIO_META_REQUESTED_NETWORK_VIEW';

/**
 * A running pod with its sidecar. Every port is the server half of the sidecar: it takes requests even when the
 * application does not listen, and then answers 503 itself (docs/mesh-model.md).
 */
export class MeshPod {
  readonly options: MeshPodOptions;
  readonly sidecar: ClientSidecar;
  /** Fires once, when the containers stop. */
  readonly closed = createSignal();
  /** The mock services write nothing. */
  readonly log = new WrittenLog();
  readonly #included: (statName: string) => boolean;
  readonly #listeners: PodListener[] = [];
  #startedAt: Micros;
  /** Between the end of its application and the next start of it in this pod. */
  #isDown = false;
  readonly #resolver: Resolver;

  constructor(options: MeshPodOptions) {
    this.options = options;
    this.#startedAt = options.clock.now() + options.sidecarStartMs * 1000;
    const { cluster, istioNetwork, object, ip, locality, program, addresses, network, clock, random } = options;
    const { namespace = 'default', labels = {}, annotations = {} } = object.metadata;
    const kind = program === 'gateway' ? 'gateway' : 'sidecar';
    const client = { locality, labels: { ...labels, ...localityLabels(locality, cluster, istioNetwork) } };
    const { passingAt, environment, link } = options;
    const wanted = (environment[NETWORK_VIEW] ?? '').split(',').filter(Boolean);
    const shared = { addresses, network, clock, random };
    this.sidecar = new ClientSidecar({ ip, client, kind, namespace, wanted, passingAt, link, ...shared });
    this.#resolver = new Resolver({ ip, network, clock, random });
    this.#included = includedStats(annotations);
  }

  async start(): Promise<void> {
    const { addresses, ip, ports, call, clock } = this.options;
    const opened = [...ports, STATISTICS_PORT].map((port) =>
      openPort(addresses, ip, port, (request, response) => this.handle(request, response, port)),
    );
    this.#listeners.push(...(await Promise.all(opened)));
    const over = new AbortController();
    this.closed.listen(() => over.abort());
    if (call !== undefined) void callAgainAndAgain(call, (...what) => this.#callOut(...what), clock, over.signal);
  }

  /** The application ends, while the pod and its sidecar stay. */
  end(): void {
    this.#isDown = true;
  }

  /** It begins anew. */
  begin(): void {
    this.#isDown = false;
    this.#startedAt = this.options.clock.now();
  }

  /** Whether the application itself listens, as a kubelet's probe finds out from inside the pod. */
  listens(port: number): boolean {
    const { program, ports } = this.options;
    return !this.#isDown && (program === 'mock' || program === 'gateway') && ports.includes(port);
  }

  /** Takes a request on one of the pod's ports, and answers it; what the network drops is sent again until it carries it. */
  handle(request: IncomingMessage, response: ServerResponse, port: number): void {
    const { program, clock } = this.options;
    request.resume();
    const bytes = request.headers[BYTES_HEADER] !== undefined && !this.listens(port);
    const idle =
      program === 'gateway' && (this.#isDown || (port !== STATISTICS_PORT && !listensOn(this.#listener(port))));
    if (bytes || idle) {
      request.socket.destroy();
      return;
    }
    const startedAt = clock.now();
    const read = readRequest(request);
    const signal = abandonment(response);
    const called = request.headers[PEER_HEADER];
    const peer = String(called ?? request.socket.remoteAddress ?? '');
    const exchange = async (): Promise<void> => {
      // A call inside the mesh has had its luck at the caller's end.
      if (
        !(await (called === undefined
          ? this.#admitted(request, peer, port, signal)
          : this.#carried(peer, port, signal)))
      )
        return;
      const answer = await this.#answer(read, port, signal);
      if (answer === undefined || !(await this.#carried(peer, port, signal))) return;
      writeAnswer(response, answer, (clock.now() - startedAt) / 1000);
    };
    void exchange();
  }

  /** Whether a request from outside gets here at all; one that is refused is reset. */
  async #admitted(request: IncomingMessage, peer: string, port: number, signal: AbortSignal): Promise<boolean> {
    const { network, ip, clock, random } = this.options;
    const fate = () => network.fate(peer, ip, port, random);
    const waitMs = network.waitMs(peer, ip, port, random);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    let now = fate();
    if (now === 'dropped' && (await carriedAtLast(() => fate() !== 'dropped', clock, signal))) now = fate();
    if (now === 'refused') request.socket.resetAndDestroy();
    return now === 'carried';
  }

  /** An answer that would be refused gets there: what breaks is who sends the next packet. */
  async #carried(peer: string, port: number, signal: AbortSignal): Promise<boolean> {
    const { network, ip, clock } = this.options;
    const isOpen = () => network.fate(peer, ip, port, SPARED) !== 'dropped';
    return isOpen() || carriedAtLast(isOpen, clock, signal);
  }

  /** Its port that takes connections from other networks, where a Gateway tells it to pass them on. */
  passing(port: number): PassingPod {
    const pass = (sni: string) =>
      !this.#isDown && passesOn(this.#listener(port), sni) ? this.sidecar.pass(sni) : undefined;
    return { ip: this.options.ip, port, closed: this.closed, pass };
  }

  /** A page of the sidecar's statistics; undefined when nothing listens on the port. */
  admin(port: number, path: string): HttpAnswer | undefined {
    const { inbound, istio } = this.options;
    const shown = { sidecar: this.sidecar, included: this.#included, inbound: inbound(this.sidecar), istio };
    return adminPage(shown, port, path);
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
    this.sidecar.close();
    this.log.end();
    this.closed.fire();
  }

  #listener(port: number): GatewayListener {
    const { object: pod, gateways } = this.options;
    return { sidecar: this.sidecar, pod, port, config: gateways() };
  }

  async #answer(request: HttpRequest, port: number, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const { program, environment, ip, random, clock, istio } = this.options;
    if (port === STATISTICS_PORT) return this.admin(port, request.path);
    await this.#throttled(signal);
    const isBytes = request.headers[BYTES_HEADER] !== undefined;
    const aborted = isBytes ? undefined : await this.#injected(request, port, signal);
    if (aborted !== undefined || signal.aborted) return aborted;
    switch (this.#isDown ? 'idle' : program) {
      case 'gateway':
        return ingressGateway(this.#listener(port), random, request, signal);
      case 'mock':
        return mockService(
          environment,
          ip,
          (url, call) => this.#callOut(url, call, signal),
          request,
          signal,
          (clock.now() - this.#startedAt) / 1000,
        );
      default:
        return { ...(await appDown({ istio, random, sleep: (ms) => clock.sleep(ms, signal) })), contentType: TEXT };
    }
  }

  /** Waits for as long as the pod may not run, because it has used up its share of CPU. */
  async #throttled(signal: AbortSignal): Promise<void> {
    const { load, object, clock, random } = this.options;
    const waitMs = load.busy === 0 ? 0 : load.waitMs(limitOf(object, 'cpu'), random);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }

  /** What a fault filter in front of the application answers; it may let the request wait first. */
  async #injected({ headers }: HttpRequest, port: number, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const { random, clock, inbound } = this.options;
    const { waitMs, status } = injectedInto(inbound(this.sidecar), { port, headers }, random);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    return status === undefined ? undefined : { status, body: ABORT_TEXT, contentType: TEXT };
  }

  /** The application's call leaves through its own sidecar; a name that no Service has does not resolve. */
  async #callOut(url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const { routes, options } = this.sidecar;
    if (routes === undefined || !(await this.#resolver.finds(url.hostname, signal))) return undefined;
    const target = { host: resolveHost(url.hostname, options.namespace), port: Number(url.port || 80) };
    switch (this.sidecar.knows(target.host, target.port)) {
      case undefined:
        return undefined;
      case 'tcp':
        return this.sidecar.sendBytes(request, target.host, target.port, signal);
      case 'stranger':
        return this.sidecar.passOn(request, target.host, target.port, signal);
      case 'service': {
        const decision = meshRoute(routes, target, request);
        if (decision.kind === 'answer') return writtenAnswer(decision);
        const { port = target.port } = decision.target;
        return this.sidecar.send(request, { ...decision.target, port }, signal);
      }
    }
  }
}
