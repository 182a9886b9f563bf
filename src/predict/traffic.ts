import { call, type Sent } from '../mesh/call.ts';
import { appDown } from '../mesh/inbound.ts';
import { DEFAULT_ISTIO } from '../mesh/istio-version.ts';
import { gatewayAnswer } from '../mesh/istiod/gateway-binding.ts';
import type { AttemptOutcome } from '../mesh/outcome.ts';
import { type RouteSettings, UNROUTED } from '../mesh/retry.ts';
import { meshRoute } from '../mesh/route-config.ts';
import { type Rules, rulesOf } from '../model/good.ts';
import type { Random } from '../model/ports.ts';
import { slowestRate } from '../model/rates.ts';
import type { PathTemplate, Scenario } from '../model/scenario.ts';
import { hostOfService } from '../model/service-host.ts';
import type { Path } from '../model/target.ts';
import type { Millis } from '../model/units.ts';
import { Attempts } from './attempt.ts';
import type { CallingProxy } from './calling-proxy.ts';
import type { Istiod } from './istiod.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { SimPod, World } from './world.ts';

/** One call of a service by a proxy. */
export type Hop = {
  /** `namespace/name` */
  readonly service: string;
  readonly fromZone: string;
  /** Zone of the pod that answered; undefined where the call itself failed. */
  readonly zone: string | undefined;
};

/** One request of the load. */
export type Request = {
  readonly path: string;
  readonly due: Millis;
  readonly end: Millis;
  readonly bad: boolean;
  readonly hops: readonly Hop[];
};

/** A call that goes to an east-west gateway. */
export type Crossing = {
  /** `namespace/name` */
  readonly service: string;
  /** Zone of the caller. */
  readonly from: string;
  /** The gateway's. */
  readonly address: string;
};

/** A call that hangs, and who made it. */
export type Hanging = Pick<Crossing, 'service' | 'from'>;

/** What ended attempts that had no answer, by Service and zone of the caller. */
export type Ends = ReadonlyMap<string, ReadonlySet<AttemptOutcome['kind']>>;

/** Where in those somebody's calls stand. */
export const endsKey = (service: string, fromZone: string): string => `${service} ${fromZone}`;

/** What a service answers: whether everything behind it answered, too. */
type Answer = { readonly complete: boolean };

/** How long one hop takes that works, on a fast machine; nobody tells how fast it is. */
const HOP = { from: 1, to: 4 };
/** How late a timer wakes there. */
const LATE_MS = 2;
/** A slow machine takes so many times as long. */
const SLOWEST = 16;
const REFUSED_MS = 1;

type Surroundings = {
  readonly scenario: Scenario;
  readonly paths: readonly Path[];
  /** The called services in their order, `namespace/name`. */
  readonly chain: readonly string[];
  /** Which of them calls each of them (model/callees.ts). */
  readonly callers: readonly (number | undefined)[];
  readonly world: World;
  readonly istiods: ReadonlyMap<string, Istiod>;
  readonly time: VirtualTime;
  readonly random: Random;
};

/** The load of a scenario: requests go through a zone's gateway and along the call chain, every proxy choosing for itself. */
export class Traffic {
  readonly #with: Surroundings;
  readonly requests: Request[] = [];
  badAt: Millis = Number.NEGATIVE_INFINITY;
  /** A call that left its network: what stands behind the gateway there, nobody tells. */
  crossing: Crossing | undefined;
  /** A call that no timeout ends. */
  hanging: Hanging | undefined;
  readonly #ends = new Map<string, Set<AttemptOutcome['kind']>>();
  readonly #attempts: Attempts;
  /** The same for a whole run, and small factors as likely as large ones. */
  readonly #slowness: number;
  readonly #rules: Rules;
  readonly #next = new Map<string, Millis>();

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
    this.#rules = rulesOf(surroundings.scenario.load);
    this.#attempts = new Attempts(surroundings.time, surroundings.random);
    this.#slowness = SLOWEST ** surroundings.random();
  }

  get ends(): Ends {
    return this.#ends;
  }

  /** Sends what is due until a moment; what was due while nobody sent is left out. */
  async send(until: Millis): Promise<void> {
    const { time } = this.#with;
    for (const { path, due } of this.#dueUntil(until)) {
      await time.runUntil(due);
      void this.#request(path, due);
    }
    await time.runUntil(until);
  }

  #dueUntil(until: Millis): { path: Path; due: Millis }[] {
    const { paths, scenario, time, random } = this.#with;
    const every = 1000 / slowestRate(scenario.load);
    const found: { path: Path; due: Millis }[] = [];
    for (const path of paths) {
      let due = this.#next.get(path.id) ?? time.ms + random() * every;
      due += Math.max(0, Math.ceil((time.ms - due) / every)) * every;
      for (; due < until; due += every) found.push({ path, due });
      this.#next.set(path.id, due);
    }
    return found.sort((a, b) => a.due - b.due);
  }

  async #request(path: Path, due: Millis): Promise<void> {
    const { time } = this.#with;
    const hops: Hop[] = [];
    const answer = await this.#enter(path, hops);
    const { good } = this.#rules.of(path.name);
    const bad = !(answer?.complete ?? false) || time.ms - due > good.latencyMs;
    if (bad) this.badAt = time.ms;
    this.requests.push({ path: path.id, due, end: time.ms, bad, hops });
  }

  async #enter(path: Path, hops: Hop[]): Promise<Answer | undefined> {
    const gateway = this.#gatewayOf(path);
    const istiod = this.#with.istiods.get(path.cluster);
    const template = this.#with.scenario.load.paths.find(({ name }) => name === path.name);
    if (gateway === undefined || istiod === undefined || template === undefined) return undefined;
    const request = requestOf(template, path.host);
    const decision = gatewayAnswer(
      istiod.routesOf(gateway),
      istiod.entryOf(gateway, { ...path, host: request.host }),
      request,
    );
    if (decision.kind === 'answer') return undefined;
    return this.#call(istiod.proxyOf(gateway, decision.target), decision.target.settings, 0, hops);
  }

  #gatewayOf({ cluster, zone }: Path): SimPod | undefined {
    const { world, random } = this.#with;
    const doors = world.pods.filter(
      (pod) => pod.gateway && pod.ready && pod.cluster === cluster && pod.locality.zone === zone,
    );
    return doors[Math.floor(random() * doors.length)];
  }

  async #call(
    { caller, called: { service }, way }: CallingProxy,
    route: RouteSettings,
    index: number,
    hops: Hop[],
  ): Promise<Answer | undefined> {
    const { time, random } = this.#with;
    const fromZone = caller.locality.zone;
    if (way.kind === 'none') {
      hops.push({ service, fromZone, zone: undefined });
      return undefined;
    }
    let zone: string | undefined;
    const result = await call<Answer & { status: number }>({
      proxy: way.proxy,
      route,
      random,
      now: () => time.ms,
      sleep: (ms) => time.sleep(ms),
      send: async (host, limits) => {
        const { address, locality, isGateway } = host.endpoint;
        if (isGateway) this.crossing ??= { service, from: fromZone, address };
        zone = locality.zone;
        const ip = address.replace(/:\d+$/, '');
        const port = Number(address.slice(ip.length + 1));
        const to = this.#with.world.at(ip);
        const answer = () => this.#answer(ip, index, hops);
        if (to === undefined) return answer();
        const stuck = () => {
          this.hanging ??= { service, from: fromZone };
        };
        const sent = await this.#attempts.send({ from: caller, to, port }, limits, answer, stuck);
        if (sent.outcome.kind !== 'response') this.#endOf(service, fromZone).add(sent.outcome.kind);
        return sent;
      },
    });
    const answered = result.kind === 'upstream' && result.response.status < 500;
    hops.push({ service, fromZone, zone: answered ? zone : undefined });
    return answered && result.kind === 'upstream' ? result.response : undefined;
  }

  #endOf(service: string, fromZone: string): Set<AttemptOutcome['kind']> {
    const key = endsKey(service, fromZone);
    const known = this.#ends.get(key) ?? new Set();
    this.#ends.set(key, known);
    return known;
  }

  async #answer(ip: string, index: number, hops: Hop[]): Promise<Sent<Answer & { status: number }>> {
    const { world, time, random, istiods } = this.#with;
    const pod = world.at(ip);
    if (pod === undefined || pod.gone || (pod.dead && !pod.proxied)) {
      await time.sleep(REFUSED_MS);
      return { outcome: { kind: 'connect-refused' } };
    }
    const status = await this.#injected(pod);
    if (status !== undefined) return { outcome: { kind: 'response', status }, response: { status, complete: false } };
    if (pod.dead) {
      const istio = istiods.get(pod.cluster)?.version ?? DEFAULT_ISTIO;
      await time.sleep(this.#hopMs());
      const down = await appDown({ istio, random, sleep: (ms) => time.sleep(ms + this.#lateMs()) });
      return {
        outcome: { kind: 'response', status: down.status },
        response: { status: down.status, complete: false },
      };
    }
    const complete = await this.#goOn(pod, index, hops);
    return { outcome: { kind: 'response', status: 200 }, response: { status: 200, complete } };
  }

  /** What the pod's sidecar answers in place of its application, if it does. */
  async #injected({ injected }: SimPod): Promise<number | undefined> {
    const { time, random } = this.#with;
    if (injected === undefined || random() >= injected.percent) return undefined;
    await time.sleep(injected.delayMs ?? 0);
    if (injected.status !== undefined) await time.sleep(this.#hopMs());
    return injected.status;
  }

  #hopMs(): Millis {
    return this.#slowness * (HOP.from + (HOP.to - HOP.from) * this.#with.random());
  }

  #lateMs(): Millis {
    return this.#slowness * LATE_MS * this.#with.random();
  }

  /** What a pod does to answer: it calls its services one after the other, and answers 200 whatever comes of that. */
  async #goOn(pod: SimPod, index: number, hops: Hop[]): Promise<boolean> {
    const { chain, callers, time } = this.#with;
    const called = [...chain.keys()].filter((at) => callers[at] === index);
    if (called.length === 0) {
      const leaves = [...chain.keys()].filter((at) => !callers.includes(at));
      await time.sleep((chain.length / leaves.length) * this.#hopMs());
    }
    let complete = true;
    for (const at of called) complete = (await this.#callOf(pod, at, hops)) && complete;
    return complete;
  }

  async #callOf(pod: SimPod, index: number, hops: Hop[]): Promise<boolean> {
    const { chain, istiods } = this.#with;
    const host = hostOfService(chain[index] ?? '');
    const istiod = istiods.get(pod.cluster);
    const port = istiod?.calledPort(host);
    if (istiod === undefined || port === undefined) return false;
    const beside = istiod.besideMesh(pod, { host, port });
    if (beside !== undefined) return (await this.#call(beside, UNROUTED, index, hops))?.complete ?? false;
    const [name = ''] = host.split('.');
    const request = { host: name, path: '/', method: 'GET', headers: {} };
    const decision = meshRoute(istiod.routesOf(pod), { host, port }, request);
    if (decision.kind === 'answer') return false;
    const { target } = decision;
    return (await this.#call(istiod.proxyOf(pod, target), target.settings, index, hops))?.complete ?? false;
  }
}

/** A request of the load as a gateway routes it. */
export function requestOf({ request }: PathTemplate, host: string) {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { host: (request.host ?? host).replace(/:\d+$/, ''), path: request.path, method: request.method, headers };
}
