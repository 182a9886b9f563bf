import type { EngineKind } from '../model/engine.ts';
import { localK6Kind } from './k6/local/kind.ts';
import { podsK6Kind } from './k6/pods/kind.ts';
import { undiciKind } from './undici/kind.ts';

/**
 * Every engine, in the order of the documentation and of `auto`'s choice; the first is the default. A new engine is one
 * folder and one entry here.
 */
export const ENGINE_KINDS: readonly [EngineKind, ...EngineKind[]] = [undiciKind, localK6Kind(), podsK6Kind];
