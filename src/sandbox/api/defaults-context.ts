import type { Random } from '../../model/ports.ts';
import type { JsonMap } from './json.ts';

/** What defaulting may look at besides the object. */
export type DefaultingContext = {
  readonly random: Random;
  readonly services: () => readonly JsonMap[];
  /** What Istio's injector puts where a container's image is `auto`. @default it injects none */
  readonly proxyImage?: string | undefined;
};
