import type { Chain, Hop, TransportError } from '../../../model/record.ts';
import type { Micros } from '../../../model/units.ts';
import { type Fault, MILLI, SECOND } from './fault.ts';
import type { Host, Mesh } from './mesh.ts';
import type { Rng } from './rng.ts';
import type { Pod, World } from './world.ts';

/** One request with its chain spelled out. */
export type Req = {
  readonly path: number;
  seq: number;
  due: Micros;
  start: Micros;
  end: Micros;
  ended: 'response' | 'error' | 'dropped';
  status: number;
  error?: TransportError | undefined;
  text?: string | undefined;
  chain?: Chain | undefined;
  fresh: boolean;
  /** The dead pod that its last call met. */
  met?: Host;
};

type TrafficOptions = {
  readonly rate: number;
  readonly timeoutMs: number;
  readonly from: Micros;
  readonly to: Micros;
  /** Median of one hop's latency. */
  readonly hopMs: number;
  /** Failing calls are answered with 503 all the way up; else a caller answers 200 with the chain it has. */
  readonly propagate: boolean;
  /** Responses carry no chain at all. */
  readonly bare: boolean;
  /** Envoy's merge window: an ejection reaches the workers this much later. */
  readonly mergeMs: number;
  /** How long a proxy waits for a silent pod. */
  readonly connectMs: number;
  /** When a pod that was silent is let in again. */
  readonly readmit: Micros;
};

export const REFUSED =
  'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure';
const NO_UPSTREAM = 'no healthy upstream';

/** A pod as a hop of a chain tells it. */
export function hopOf(pod: Pod): Hop {
  return { service: pod.service, zone: pod.zone, ip: pod.ip };
}

/** Sends every request of every path through the mesh, in due order. */
export function sendAll(rng: Rng, world: World, mesh: Mesh, faults: readonly Fault[], options: TrafficOptions): Req[] {
  const walker = new Walker(rng, world, mesh, faults, options);
  const period = SECOND / options.rate;
  const offset = period / world.paths.length;
  const requests: Req[] = [];
  for (let seq = 0; ; seq++) {
    for (let path = 0; path < world.paths.length; path++) {
      const due = Math.round(options.from + path * offset + seq * period);
      if (due >= options.to) return requests;
      requests.push(walker.send(path, seq, due));
    }
  }
}

class Walker {
  readonly #rng: Rng;
  readonly #world: World;
  readonly #mesh: Mesh;
  readonly #faults: readonly Fault[];
  readonly #options: TrafficOptions;
  readonly #gateways: readonly Pod[];

  constructor(rng: Rng, world: World, mesh: Mesh, faults: readonly Fault[], options: TrafficOptions) {
    this.#rng = rng;
    this.#world = world;
    this.#mesh = mesh;
    this.#faults = faults;
    this.#options = options;
    this.#gateways = world.paths.map((path) => {
      const gateway = world.gateways.find((pod) => pod.zone === path.zone);
      if (gateway === undefined) throw new Error(`no gateway in ${path.zone}`);
      return gateway;
    });
  }

  send(path: number, seq: number, due: Micros): Req {
    const rng = this.#rng;
    const start = due + Math.round(rng.chance(0.02) ? rng.between(2_000, 14_000) : rng.between(80, 1_500));
    const request: Req = { path, seq, due, start, end: start, ended: 'response', status: 200, fresh: seq === 0 };
    const gateway = this.#gateways[path] as Pod;
    const cut = this.#faults.some(
      (fault) => fault.affected.includes(gateway) && fault.effect <= start && start < fault.back,
    );
    if (cut) timeOut(request, this.#options.timeoutMs);
    else this.#walk(request, gateway);
    return request;
  }

  #walk(request: Req, gateway: Pod): void {
    const served: { host: Host; at: Micros }[] = [];
    let caller = gateway;
    let at = request.start;
    const hops = () => served.map(({ host }) => hopOf(host.pod));
    for (const service of this.#world.services) {
      at += this.#hop();
      const host = this.#mesh.choose(caller, service, at, this.#rng);
      if (host === undefined) {
        this.#fail(request, hops(), at + 500, NO_UPSTREAM);
        return;
      }
      if (host.dead !== undefined && host.dead[0] <= at && at < host.dead[1]) {
        this.#meetDead(request, hops(), caller, host, at);
        return;
      }
      served.push({ host, at });
      caller = host.pod;
    }
    request.end = Math.round(at + this.#hop());
    request.chain = this.#chain(hops(), '');
    const lost = served.findIndex((hop) => deathAfter(hop.host, hop.at) < request.end);
    if (lost >= 0) this.#lose(request, hops().slice(0, lost), served[lost] as { host: Host; at: Micros });
  }

  /** The pod that had the request died under it. */
  #lose(request: Req, hops: readonly Hop[], { host, at }: { host: Host; at: Micros }): void {
    if (host.failure === 'silent') timeOut(request, this.#options.timeoutMs);
    else
      this.#fail(
        request,
        hops,
        deathAfter(host, at) + 800,
        'upstream connect error or disconnect/reset before headers',
      );
  }

  #chain(hops: readonly Hop[], rest: string): Chain {
    return this.#options.bare ? { hops: [], rest: rest === '' ? 'ok' : rest } : { hops: [...hops], rest };
  }

  #hop(): Micros {
    const { hopMs } = this.#options;
    const tail = this.#rng.chance(0.005) ? this.#rng.between(2, 8) : 1;
    return hopMs * MILLI * tail * Math.exp(0.4 * this.#rng.normal());
  }

  #meetDead(request: Req, hops: readonly Hop[], caller: Pod, host: Host, at: Micros): void {
    const options = this.#options;
    const takes = host.failure === 'silent' ? options.connectMs * MILLI : this.#rng.between(3_000, 60_000);
    const ejected = Math.round(at + takes);
    const until = host.failure === 'silent' ? Math.max(options.readmit, ejected) : Number.MAX_SAFE_INTEGER;
    request.met = host;
    const visible = ejected + options.mergeMs * MILLI;
    this.#mesh.eject(caller, host, visible, until);
    if (at + takes >= request.due + options.timeoutMs * MILLI) timeOut(request, options.timeoutMs);
    else this.#fail(request, hops, at + takes, host.failure === 'silent' ? 'connection timeout' : REFUSED);
  }

  #fail(request: Req, hops: readonly Hop[], end: Micros, rest: string): void {
    const whole = this.#options.propagate || this.#options.bare || hops.length === 0;
    request.end = Math.round(end);
    request.status = whole ? 503 : 200;
    request.chain = this.#chain(hops, rest);
  }
}

/** When a host that serves at `t` stops; far away when it does not. */
function deathAfter(host: Host, t: Micros): Micros {
  const dead = host.dead?.[0] ?? host.to;
  return dead > t ? dead : host.to;
}

/** Turns a request into one that was given up. */
export function timeOut(request: Req, timeoutMs: number): void {
  request.ended = 'error';
  request.error = 'timeout';
  request.status = 0;
  request.chain = undefined;
  request.end = Math.round(request.due + timeoutMs * MILLI + 700);
}
