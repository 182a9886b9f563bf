import type { Random } from '../model/ports.ts';
import type { Host } from './host.ts';

/**
 * Two random draws, the one with fewer requests on its way wins, the first on a tie (Envoy: LEAST_REQUEST, choice_count 2).
 * Hosts of several weights are drawn by these, less so the more requests are on their way (Envoy: hostWeight).
 */
export function leastRequest(hosts: readonly Host[], random: Random): Host | undefined {
  const [{ endpoint: { weight } = {} } = {}] = hosts;
  if (hosts.some((host) => (host.endpoint.weight ?? 1) !== (weight ?? 1))) return byWeight(hosts, random);
  const first = draw(hosts, random);
  const second = draw(hosts, random);
  if (first === undefined || second === undefined) return undefined;
  return second.active < first.active ? second : first;
}

function draw<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function byWeight(hosts: readonly Host[], random: Random): Host | undefined {
  const weights = hosts.map(({ endpoint, active }) => (endpoint.weight ?? 1) / (active + 1));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  return hosts.find((_, index) => {
    left -= weights[index] ?? 0;
    return left < 0;
  });
}
