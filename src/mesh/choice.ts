import type { Random } from '../model/ports.ts';
import type { Host } from './host.ts';

/** Two random draws, the one with fewer requests on its way wins, the first on a tie (Envoy: LEAST_REQUEST, choice_count 2). */
export function leastRequest(hosts: readonly Host[], random: Random): Host | undefined {
  const first = draw(hosts, random);
  const second = draw(hosts, random);
  if (first === undefined || second === undefined) return undefined;
  return second.active < first.active ? second : first;
}

function draw<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}
