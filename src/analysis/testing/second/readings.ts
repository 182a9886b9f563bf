import type { Micros } from '../../../model/units.ts';
import type { Drill } from './drill.ts';
import { MILLI, SECOND } from './fault.ts';
import type { Happening } from './happening.ts';
import type { Host } from './mesh.ts';
import type { Pod } from './world.ts';

/** One call as its caller's proxy counts it, when it had ended. */
type Call = { readonly caller: Pod; readonly host: Host; readonly at: Micros; readonly failed: boolean };

/** A host as its caller's proxy shows it. */
type HostState = {
  readonly address: string;
  readonly region: string;
  readonly zone: string;
  readonly priority: number;
  readonly healthy: boolean;
  readonly ejected: boolean;
};

/** Every call of a drill: those that an answer tells of, and those that met a dead pod. */
export function callsOf({ requests, hosts, world }: Drill): Call[] {
  const byIp = new Map(hosts.map((host) => [host.pod.ip, host]));
  return requests.flatMap((request): Call[] => {
    const gateway = world.gateways.find((pod) => pod.zone === world.paths[request.path]?.zone) as Pod;
    const served = (request.chain?.hops ?? []).map(({ ip }) => byIp.get(ip) as Host);
    const callers = [gateway, ...served.map((host) => host.pod)];
    const good = served.map((host, i) => ({ caller: callers[i] as Pod, host, at: request.end - 1, failed: false }));
    const { met } = request;
    return met === undefined
      ? good
      : [...good, { caller: callers.at(-1) as Pod, host: met, at: request.end - 1, failed: true }];
  });
}

/** What the proxies of some pods count of their hosts, read once a second, each at its own moment. */
export function readings(drill: Drill, isRead: (pod: Pod) => boolean): Happening[] {
  const byCaller = Map.groupBy(callsOf(drill), ({ caller }) => caller);
  return [...byCaller].flatMap(([caller, calls]) => {
    if (!isRead(caller)) return [];
    const services = new Set(calls.map(({ host }) => host.pod.service));
    return [...services].flatMap((service) =>
      rowOf(
        drill,
        caller,
        service,
        calls.filter(({ host }) => host.pod.service === service),
      ),
    );
  });
}

function rowOf(drill: Drill, caller: Pod, service: string, calls: readonly Call[]): Happening[] {
  const hosts = drill.hosts.filter(({ pod }) => pod.service === service);
  const events: Happening[] = [];
  let from = Math.round(drill.rng.between(0.1, 1) * SECOND);
  let known = new Map<string, string>();
  for (let to = from + 12_000; to < drill.times.end; to += SECOND) {
    const isNew = known.size === 0;
    const there = hosts.filter((host) => host.from <= to && to < host.to);
    const states = there.map((host) => ({ host, state: stateOf(drill, caller, host, to) }));
    const told = states.map(({ host, state }) => ({ ...state, ...countsOf(calls, host, isNew ? to : from, to) }));
    const gone = hosts.filter(({ pod, to: end }) => known.has(pod.ip) && end <= to);
    const news = told.filter(
      (one, i) =>
        one.requests + one.failed > 0 || known.get(there[i]?.pod.ip ?? '') !== JSON.stringify(states[i]?.state),
    );
    const left = gone.map((host) => ({ ...stateOf(drill, caller, host, to), ...NOTHING, gone: true as const }));
    known = new Map(states.map(({ host, state }) => [host.pod.ip, JSON.stringify(state)]));
    const who = { cluster: caller.cluster, pod: caller.name, podNamespace: caller.namespace, zone: caller.zone };
    const what = { service, namespace: 'shop', port: 8000, from, to };
    if (news.length + left.length > 0)
      events.push({ type: 'calls', t: to, ...who, ...what, hosts: [...news, ...left] });
    from = to;
  }
  return events;
}

const NOTHING = { requests: 0, served: 0, failed: 0, refused: 0, timedOut: 0 };

function countsOf(calls: readonly Call[], host: Host, from: Micros, to: Micros): typeof NOTHING {
  const own = calls.filter((call) => call.host === host && call.at > from && call.at <= to);
  const failed = own.filter((call) => call.failed).length;
  const refused = host.failure === 'silent' ? failed : 0;
  return { requests: own.length - refused, served: own.length - failed, failed, refused, timedOut: 0 };
}

function stateOf({ mesh, options }: Drill, caller: Pod, host: Host, t: Micros): HostState {
  const merge = (options.mergeMs ?? 0) * MILLI;
  const ejected = mesh.ejections.some(
    (one) => one.caller === caller && one.host === host && one.at - merge <= t && t < one.until,
  );
  const [start, end] = host.unready ?? [0, 0];
  const { pod } = host;
  const priority = pod.zone === caller.zone ? 0 : pod.region === caller.region ? 1 : 2;
  const place = { address: `${pod.ip}:8000`, region: pod.region, zone: pod.zone, priority };
  return { ...place, healthy: !(start <= t && t < end), ejected };
}
