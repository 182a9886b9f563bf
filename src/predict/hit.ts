import type { LiveSystem } from './live-system.ts';
import type { Move } from './moves.ts';

/** The services of the chain whose pods some faults hit. */
export function hitBy({ pods }: LiveSystem, moves: readonly Move[], chain: readonly string[]): string[] {
  const hit = moves.flatMap((move) => {
    if (move.kind === 'nothing') return [];
    const isHit = ({ namespace, name, workload }: { namespace: string; name: string; workload: string }): boolean =>
      move.kind === 'rollout'
        ? namespace === move.namespace && workload === move.workload
        : move.victims.includes(`${namespace}/${name}`);
    const own = pods.filter((pod) => pod.cluster === move.cluster && isHit(pod));
    return own.flatMap(({ services }) => services.map(({ service }) => service));
  });
  return chain.filter((service) => hit.includes(service));
}
