import type { LivePod, LiveSystem } from './live-system.ts';
import type { Move } from './moves.ts';

/** The pods that a fault hits, as far as they were read. */
export function podsHit({ pods }: LiveSystem, move: Move): LivePod[] {
  if (move.kind === 'nothing' || move.kind === 'deaf' || move.kind === 'caller-fault') return [];
  return pods.filter(({ cluster, namespace, name, workload }) => {
    return 'victims' in move
      ? move.victims.includes(`${cluster}/${namespace}/${name}`)
      : cluster === move.cluster && namespace === move.namespace && workload === move.workload;
  });
}

/** The services whose pods some faults hit, or that callers' own proxies answer for. */
export function servicesHit(system: LiveSystem, moves: readonly Move[]): string[] {
  const hit = moves.flatMap((move) =>
    move.kind === 'caller-fault'
      ? [move.service]
      : podsHit(system, move).flatMap(({ services }) => services.map(({ service }) => service)),
  );
  return [...new Set(hit)];
}

/** Those of them that the chain names, each once however often it is called. */
export function hitBy(system: LiveSystem, moves: readonly Move[], chain: readonly string[]): string[] {
  const hit = servicesHit(system, moves);
  return [...new Set(chain)].filter((service) => hit.includes(service));
}
