/** Services that call others than the one printed after them, each with those that it calls. */
export type Callees = Readonly<Record<string, readonly string[]>>;

/** In place of a hop: whoever let the request in. */
export const GATEWAY = -1;

/**
 * Which hop called each hop, by index; GATEWAY for the first, undefined where `callees` forbids every hop that is there.
 * An answer prints a caller before what it calls, and all that a callee calls before the caller's next one: a hop is
 * called by the nearest of the hops that are not done yet and whose callees name it, each of them once. What no callees
 * name is called by the hop before, if that has no callees of its own.
 */
export function callersOf(services: readonly string[], callees: Callees): readonly (number | undefined)[] {
  const claimed = new Set(Object.values(callees).flat());
  const left = services.map((service) => [...(calleesOf(service, callees) ?? [])]);
  let open: number[] = [];
  return services.map((service, at) => {
    if (at === 0) {
      open = [0];
      return GATEWAY;
    }
    const before = services[at - 1] as string;
    const isPlain = !claimed.has(service) && calleesOf(before, callees) === undefined;
    const caller = isPlain ? at - 1 : open.findLast((hop) => left[hop]?.includes(service));
    if (caller !== undefined && !isPlain) left[caller]?.splice(left[caller].indexOf(service), 1);
    // Under a caller that nobody knows, nothing can be told apart: the way to here stays open.
    open = [...(caller === undefined ? open : open.slice(0, open.indexOf(caller) + 1)), at];
    return caller;
  });
}

/** A call that an answer lacks: by which hop, and of which service where one was wanted. */
export type Missing = { readonly caller: number; readonly service: string | undefined };

/**
 * The first call of the wanted chain that an answer does not tell of. A caller of several goes on when a call has failed,
 * so what was behind that call is missing as well. Where the answer is no part of the chain, its last hop made the call.
 */
export function missingIn(services: readonly string[], wanted: readonly string[], callees: Callees): Missing {
  const callers = callersOf(wanted, callees);
  /** By place in the wanted chain: the hop that stands there. */
  const hops = new Map([[GATEWAY, GATEWAY]]);
  const ofPlace = (place: number): Missing | undefined => {
    const caller = hops.get(callers[place] ?? wanted.length);
    return caller === undefined ? undefined : { caller, service: wanted[place] };
  };
  const last: Missing = { caller: services.length - 1, service: wanted[services.length] };
  let missing: Missing | undefined;
  let place = 0;
  for (const [hop, service] of services.entries()) {
    while (place < wanted.length && wanted[place] !== service) {
      const caller = wanted[callers[place] ?? wanted.length];
      if (caller === undefined || calleesOf(caller, callees) === undefined) return last;
      missing ??= ofPlace(place);
      place = endOf(place, callers);
    }
    if (place === wanted.length) return last;
    hops.set(place, hop);
    place += 1;
  }
  return missing ?? ofPlace(place) ?? last;
}

/** The first place after one that it has not called, directly or through others. */
function endOf(place: number, callers: readonly (number | undefined)[]): number {
  const end = callers.findIndex((caller, at) => at > place && (caller === undefined || caller < place));
  return end < 0 ? callers.length : end;
}

function calleesOf(service: string, callees: Callees): readonly string[] | undefined {
  return Object.hasOwn(callees, service) ? callees[service] : undefined;
}
