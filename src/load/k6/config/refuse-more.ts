import { FaultlineError } from '../../../model/errors.ts';
import type { Load } from '../../../model/scenario.ts';
import { PLAIN_ONLY } from '../own-client.ts';

/** Refuses what a k6 has no word for, for `auto`, which no scenario is refused for. Throws FaultlineError LOAD. */
export function refuseMore(load: Load, engine: string): void {
  const what = moreThanPlain(load);
  if (what !== undefined) throw new FaultlineError('LOAD', `${engine} has no ${what}: ${PLAIN_ONLY}.`);
}

function moreThanPlain(load: Load): string | undefined {
  const goods = [load.good, ...load.paths.map(({ good }) => good)];
  if (load.paths.some(({ request }) => request.body !== undefined)) return 'bodies of requests';
  if (load.paths.some(({ request }) => request.refreshed !== undefined)) return 'header values that are read again';
  if (goods.some((good) => good?.content !== undefined)) return 'checks of what answers say';
  const own = load.paths.some(({ ratePerSecond = load.ratePerSecond }) => ratePerSecond !== load.ratePerSecond);
  return own ? 'rate of its own for a path' : undefined;
}
