import type { Micros } from '../../../model/units.ts';
import type { Failure, Fault } from './fault.ts';
import type { Rng } from './rng.ts';
import type { Pod, World } from './world.ts';

/** A pod's place in the endpoints of its service, and when it is there without serving. */
export type Host = {
  readonly pod: Pod;
  readonly from: Micros;
  readonly to: Micros;
  /** Not ready in this stretch; Istio 1.31 tells callers of it all the same. */
  readonly unready?: readonly [Micros, Micros];
  readonly dead?: readonly [Micros, Micros];
  readonly failure: Failure;
};

export type Ejection = { readonly at: Micros; readonly caller: Pod; readonly host: Host; readonly until: Micros };

const NEVER = Number.MAX_SAFE_INTEGER;

/** The hosts of a run: the pods of the beginning, what the faults took away, left dead and brought back. */
export function hostsOf(world: World, faults: readonly Fault[], replacedAfter: Micros): Host[] {
  const hosts = new Map<string, Host>();
  for (const pod of world.pods) hosts.set(pod.ip, { pod, from: 0, to: NEVER, failure: 'refused' });
  for (const fault of faults) {
    const { effect, back, failure } = fault;
    for (const pod of fault.affected) {
      const host = hosts.get(pod.ip);
      if (host === undefined) continue;
      if (fault.kind === 'zoneBlackhole') hosts.set(pod.ip, { ...host, dead: [effect, back], failure });
      else hosts.set(pod.ip, { ...host, to: effect });
    }
    for (const pod of fault.dead) hosts.set(pod.ip, { pod, from: effect, to: back, dead: [effect, back], failure });
    const from = fault.kind === 'podKill' ? effect + replacedAfter : back;
    for (const pod of fault.fresh) hosts.set(pod.ip, { pod, from, to: NEVER, failure });
  }
  return [...hosts.values()];
}

/** One calling proxy's share of traffic for each priority, by Envoy's and Istio's rules. */
type Choice = { readonly until: Micros; readonly levels: readonly { upTo: number; hosts: readonly Host[] }[] };

function priorityOf(caller: Pod, pod: Pod): number {
  if (caller.zone === pod.zone) return 0;
  return caller.region === pod.region ? 1 : 2;
}

/** Envoy's outlier ejection with Istio's priorities, seen from every calling proxy. */
export class Mesh {
  readonly ejections: Ejection[] = [];
  readonly #hosts: ReadonlyMap<string, readonly Host[]>;
  readonly #edges: readonly Micros[];
  readonly #ejected = new Map<string, Map<Host, { from: Micros; until: Micros }>>();
  readonly #choices = new Map<string, Choice>();
  readonly #tellsUnready: boolean;

  constructor(hosts: readonly Host[], tellsUnready: boolean) {
    const services = new Set(hosts.map((host) => host.pod.service));
    this.#hosts = new Map([...services].map((name) => [name, hosts.filter((host) => host.pod.service === name)]));
    const edges = hosts.flatMap((host) => [host.from, host.to, ...(host.unready ?? [])]);
    this.#edges = [...new Set(edges)].sort((a, b) => a - b);
    this.#tellsUnready = tellsUnready;
  }

  /** The host that `caller` asks for `service` at `t`; undefined when there is none. Times must not go back far. */
  choose(caller: Pod, service: string, t: Micros, rng: Rng): Host | undefined {
    const key = `${caller.ip} ${service}`;
    let choice = this.#choices.get(key);
    if (choice === undefined || t >= choice.until) {
      choice = this.#work(caller, service, t);
      this.#choices.set(key, choice);
    }
    const draw = rng.next() * 100;
    const level = choice.levels.find(({ upTo }) => draw < upTo);
    return level === undefined ? undefined : rng.pick(level.hosts);
  }

  /** `caller` throws `host` out at `at`. */
  eject(caller: Pod, host: Host, at: Micros, until: Micros): void {
    const key = `${caller.ip} ${host.pod.service}`;
    const mine = this.#ejected.get(key) ?? new Map<Host, { from: Micros; until: Micros }>();
    this.#ejected.set(key, mine);
    if ((mine.get(host)?.until ?? 0) > at) return;
    mine.set(host, { from: at, until });
    this.#choices.delete(key);
    this.ejections.push({ at, caller, host, until });
  }

  #work(caller: Pod, service: string, t: Micros): Choice {
    const ejected = this.#ejected.get(`${caller.ip} ${service}`);
    const all = (this.#hosts.get(service) ?? []).filter((host) => host.from <= t && t < host.to);
    const unready = (host: Host) => host.unready !== undefined && host.unready[0] <= t && t < host.unready[1];
    const told = this.#tellsUnready ? all : all.filter((host) => !unready(host));
    const out = (host: Host) => {
      const span = ejected?.get(host);
      return span !== undefined && span.from <= t && t < span.until;
    };
    const edges = [...this.#edges, ...[...(ejected?.values() ?? [])].flatMap((span) => [span.from, span.until])];
    const until = edges.filter((edge) => edge > t).reduce((a, b) => Math.min(a, b), NEVER);
    const ranks = [0, 1, 2].map((rank) => told.filter((host) => priorityOf(caller, host.pod) === rank));
    return { until, levels: share(ranks, (host) => !unready(host) && !out(host)) };
  }
}

/** Envoy's load for each priority: 140 % of the healthy part, nearest first. */
function share(ranks: readonly Host[][], healthy: (host: Host) => boolean): { upTo: number; hosts: Host[] }[] {
  const levels = ranks
    .filter((hosts) => hosts.length > 0)
    .map((hosts) => ({ all: hosts.length, hosts: hosts.filter(healthy) }));
  const health = levels.map(({ all, hosts }) => Math.min(100, Math.floor((140 * hosts.length) / all)));
  const total = Math.min(
    100,
    health.reduce((a, b) => a + b, 0),
  );
  if (total === 0) return [];
  let left = 100;
  const shares = levels.map(({ hosts }, i) => {
    const load = Math.min(left, Math.floor((100 * (health[i] ?? 0)) / total));
    left -= load;
    return { load, hosts };
  });
  const first = shares.find(({ load }) => load > 0);
  if (first !== undefined) first.load += left;
  let upTo = 0;
  return shares
    .filter(({ load }) => load > 0)
    .map(({ load, hosts }) => {
      upTo += load;
      return { upTo, hosts };
    });
}
