import type { EngineTraits } from '../model/engine.ts';

/** The engines of which something holds, such as "`a` or `b`"; "no engine" where that is none. */
export function engineNames(engines: readonly EngineTraits[], holds: (engine: EngineTraits) => boolean): string {
  const names = engines.filter(holds).map(({ name }) => `\`${name}\``);
  return names.length === 0 ? 'no engine' : names.join(' or ');
}
