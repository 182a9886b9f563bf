import type { EngineKind } from '../../model/engine.ts';

/** Requests per second that one process of Node carries and still measures well. */
const LIMIT = { kept: 1000, fresh: 500 } as const;

/** undici, inside faultline. */
export const undiciKind: EngineKind = {
  name: 'undici',
  doc: 'is faultline itself',
  dashboard: false,
  refuses: [],
  carries: ({ connections }) => LIMIT[connections],
  open: async () => {
    const { undiciEngine } = await import('./engine.ts');
    return { engine: undiciEngine(), words: 'undici' };
  },
  describe: () => [],
  doctor: async () => [],
};
