import type { TransportError } from '../../../model/record.ts';
import type { Micros } from '../../../model/units.ts';
import type { Drill } from './drill.ts';
import { good } from './expect.ts';
import { MILLI } from './fault.ts';
import { hopOf, REFUSED, type Req, timeOut } from './traffic.ts';
import type { Pod } from './world.ts';

type Ran = Omit<Drill, 'expect'>;

/** How a request that was good goes wrong. */
export type Wrong = 'status' | 'chain' | 'timeout' | 'reset' | 'refused' | 'slow' | 'script' | 'tls';

/** Makes one request bad. */
export function spoil(drill: Ran, request: Req, how: Wrong): void {
  if (request.ended === 'dropped') return;
  if (how === 'timeout') timeOut(request, drill.load.timeoutMs);
  else if (how === 'slow') {
    request.end = request.due + (drill.load.good.latencyMs + drill.rng.int(150, 400)) * MILLI;
  } else if (how === 'status' || (how === 'chain' && drill.load.good.chain.length === 0)) {
    request.status = 503;
    request.chain = { hops: [], rest: 'no healthy upstream' };
  } else if (how === 'chain') {
    const hops = (request.chain?.hops ?? []).slice(0, drill.rng.int(1, drill.load.good.chain.length - 1));
    request.chain = { hops, rest: REFUSED };
  } else {
    const errors: Record<string, TransportError> = { reset: 'reset', refused: 'refused', script: 'script', tls: 'tls' };
    request.ended = 'error';
    request.error = errors[how];
    request.status = 0;
    request.chain = undefined;
    if (how === 'tls') request.text = 'self-signed certificate in certificate chain';
  }
}

/** Spoils every request of `paths` (all where absent) that is sent from `from` up to `to`. Returns how many. */
export function outage(drill: Ran, from: Micros, to: Micros, how: Wrong, paths?: readonly number[]): number {
  const hit = drill.requests.filter((r) => r.start >= from && r.start < to && (paths?.includes(r.path) ?? true));
  for (const request of hit) spoil(drill, request, how);
  return hit.length;
}

/** Independent errors at `rate` a request, between `from` and `to`. Returns how many. */
export function noise(
  drill: Ran,
  rate: number,
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
  paths?: readonly number[],
): number {
  let count = 0;
  for (const request of drill.requests) {
    const here = request.due >= from && request.due < to && (paths?.includes(request.path) ?? true);
    if (!here || !good(drill, request) || !drill.rng.chance(rate)) continue;
    spoil(drill, request, drill.rng.pick(['status', 'reset', 'chain'] as const));
    count++;
  }
  return count;
}

/** Errors in bursts of `length` neighbours of one path, at `rate` a request overall. */
export function bursts(drill: Ran, rate: number, length: number, from = 0, to = Number.MAX_SAFE_INTEGER): void {
  for (const path of drill.world.paths.keys()) {
    const mine = drill.requests.filter((r) => r.path === path && r.due >= from && r.due < to);
    for (let i = 0; i < mine.length; i++) {
      if (!drill.rng.chance(rate / length)) continue;
      for (const request of mine.slice(i, i + length)) if (good(drill, request)) spoil(drill, request, 'reset');
      i += length;
    }
  }
}

/** The pods of a service in a zone or region that serve at `t`. */
export function serving(drill: Ran, service: string, place: string, t: Micros): Pod[] {
  return drill.hosts
    .filter(({ pod }) => pod.service === service && (pod.zone === place || pod.region === place))
    .filter(({ from, to, dead }) => from <= t && t < to && !(dead !== undefined && dead[0] <= t && t < dead[1]))
    .map(({ pod }) => pod);
}

type Reroute = {
  readonly service: string;
  /** Zone of the caller. */
  readonly caller: string;
  readonly from: Micros;
  readonly to: Micros;
  /** Zone or region that serves instead. */
  readonly place: string;
  /** Of the requests there. */
  readonly share?: number;
};

/** Lets `pod` serve one hop of a good request; the rest of the chain goes on in its zone. */
export function moveTo(drill: Ran, request: Req, index: number, pod: Pod): void {
  const hops = request.chain?.hops ?? [];
  const after = hops.slice(index + 1).map((hop) => {
    const near = serving(drill, hop.service, pod.zone, request.start);
    return near.length === 0 ? hop : hopOf(drill.rng.pick(near));
  });
  request.chain = { hops: [...hops.slice(0, index), hopOf(pod), ...after], rest: '' };
}

/** Lets another place serve the calls of a zone; the rest of the chain goes on from there. Returns how many. */
export function reroute(drill: Ran, change: Reroute): number {
  const index = drill.world.services.indexOf(change.service);
  const pods = serving(drill, change.service, change.place, (change.from + change.to) / 2);
  let count = 0;
  for (const request of drill.requests) {
    if (request.start < change.from || request.start >= change.to || !good(drill, request)) continue;
    const hops = request.chain?.hops ?? [];
    const caller = index === 0 ? drill.world.paths[request.path]?.zone : hops[index - 1]?.zone;
    if (caller !== change.caller || !drill.rng.chance(change.share ?? 1)) continue;
    moveTo(drill, request, index, drill.rng.pick(pods));
    count++;
  }
  return count;
}

/** Index of the path of a zone. */
export function pathIn(drill: Ran, zone: string): number {
  return drill.world.paths.findIndex((path) => path.zone === zone);
}

/** Zones over all regions, in order. */
export function zonesOf(drill: Ran): string[] {
  return drill.world.clusters.flatMap((cluster) => cluster.zones);
}

/** Index of a path in a zone that no fault hits, preferably in another region. */
export function farPath(drill: Ran): number {
  const hit = new Set(drill.faults.map((fault) => fault.cluster));
  const path = drill.world.paths.findIndex(({ cluster }) => !hit.has(cluster));
  if (path < 0) throw new Error('no path in another region');
  return path;
}

/** Numbers the requests of each path anew, after some were taken out. */
export function renumber(drill: Ran): void {
  const next = drill.world.paths.map(() => 0);
  for (const request of drill.requests) {
    request.seq = next[request.path] ?? 0;
    next[request.path] = request.seq + 1;
  }
}

/** The generator stands still from `from` to `to`: what was due then goes out at `to`. */
export function freeze(drill: Ran, from: Micros, to: Micros): void {
  for (const request of drill.requests) {
    if (request.start < from || request.start >= to) continue;
    const late = to - request.start + drill.rng.int(100, 3_000);
    request.start += late;
    request.end += late;
  }
}
