import { RIGHT_KINDS } from './kinds/right.ts';
import type { Kind } from './truth.ts';

/** Every kind of the second author. */
export const KINDS: readonly Kind[] = [...RIGHT_KINDS];
