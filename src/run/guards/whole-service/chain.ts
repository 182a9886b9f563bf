import { callersOf } from '../../../model/callees.ts';
import { type Calling, servicesNamed } from './callers.ts';
import { type Cut, inTime, inTurn, isNobodys, NOTHING, settled, type Through, throughAll, UNHARMED } from './cuts.ts';
import { isBetween, type Loss } from './lost.ts';
import type { Service, ServingPod } from './serving.ts';

/** One pod of a hop, of the Service by which it is called there. */
type Stop = { readonly service: Service; readonly pod: ServingPod };

/**
 * The chains through which almost no request comes any more, though each of their Services has somebody left: parts that are
 * lost on each hop, delays that add up, or pods left in places that do not reach each other. Told of the first Service of each.
 */
export function lossesOfChains(calling: Calling, all: readonly Cut[]): Loss[] {
  const { load } = calling.scenario;
  const chains = load.paths.map(({ good }) => (good ?? load.good).chain);
  const different = [...new Map(chains.map((chain) => [chain.join(' '), chain])).values()];
  const losses = different.flatMap((chain) => lossOf(chain, calling, all) ?? []);
  return [...new Map(losses.map((loss) => [loss.service.name, loss])).values()];
}

function lossOf(chain: readonly string[], calling: Calling, all: readonly Cut[]): Loss | undefined {
  const { patienceMs, scenario } = calling;
  const { load } = scenario;
  const hops = chain.map((name) => servicesNamed(name, calling));
  const [[service] = []] = hops;
  if (service === undefined) return undefined;
  const pods = [...new Set(hops.flat())].flatMap((one) => one.pods).concat(calling.serving.gateways);
  const ends = { to: pods, by: pods };
  const cuts = settled(all, ends, patienceMs);
  const callers = callersOf(chain, load.chain.calls ?? {});
  const calledBy = (hop: number) => [...callers.keys()].filter((one) => callers[one] === hop);

  /** What comes through from this caller over a hop and all that it calls; a hop that nobody has read costs nothing. */
  const over = (hop: number, caller: ServingPod | undefined): Through => {
    const stops = (hops[hop] ?? []).flatMap((one) => one.pods.map((pod): Stop => ({ service: one, pod })));
    const ways = stops.map((stop) => inTurn(link(caller, stop), beyond(hop, stop.pod)));
    return stops.length === 0 ? UNHARMED : best(ways);
  };
  const link = (caller: ServingPod | undefined, { service: one, pod }: Stop): Through =>
    throughAll(
      cuts.filter(
        (cut) => (caller === undefined ? cut.by === undefined : true) && isBetween(cut, caller ?? pod, one, pod),
      ),
    );
  const known = new Map<string, Through>();
  const beyond = (hop: number, pod: ServingPod): Through => {
    const key = `${hop} ${pod.key}`;
    const found =
      known.get(key) ??
      calledBy(hop)
        .map((next) => over(next, pod))
        .reduce(inTurn, UNHARMED);
    known.set(key, found);
    return found;
  };
  const best = (ways: readonly Through[]): Through =>
    ways.reduce((one, other) => (inTime(other, patienceMs) > inTime(one, patienceMs) ? other : one), NOTHING);

  const into = ({ key }: ServingPod) => throughAll(cuts.filter(({ to, by }) => by === undefined && to?.has(key)));
  const { gateways } = calling.serving;
  const entries = gateways.map((gateway) => inTurn(into(gateway), over(0, gateway)));
  if (gateways.length === 0) entries.push(over(0, undefined));
  if (!isNobodys(best(entries), patienceMs)) return undefined;
  return { service, how: 'chain', cuts, pods: ends };
}
