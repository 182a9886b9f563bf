import { FaultlineError } from '../../../model/errors.ts';
import type { Load } from '../../../model/scenario.ts';
import { PLAIN_ONLY } from '../own-client.ts';

/** Refuses a load with bodies, for `auto`, which no scenario is refused for. Throws FaultlineError LOAD. */
export function refuseBodies({ paths }: Pick<Load, 'paths'>, engine: string): void {
  const found = paths.find(({ request }) => request.body !== undefined);
  if (found === undefined) return;
  throw new FaultlineError('LOAD', `${engine} cannot send the body of path ${found.name}: ${PLAIN_ONLY}.`);
}
