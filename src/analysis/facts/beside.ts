import { type CallersPlace, isFrom } from '../../model/place.ts';
import { isCallOf } from '../ingest/path.ts';
import type { Segment } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import { count } from './format.ts';

/** Calls that proxies counted in a part of the run, and the requests that were sent in it. */
type Beside = { readonly calls: number; readonly requests: number };

/** Of a service by some callers, beside the requests through gateways of their zone; of all callers, beside all requests. */
export function besideRequests(
  run: Counted,
  { service, from }: { readonly service: string; readonly from?: CallersPlace },
  segments: readonly Segment[],
): Beside {
  const { places, tallies } = run.listeners;
  const own = places.routes.filter(
    ({ path, calls }) =>
      path.ofProxy &&
      calls.some((call) =>
        from === undefined ? call.service === service : isCallOf(call, { service, from }) === true,
      ),
  );
  const paths = run.paths.filter((path) => from === undefined || isFrom(path, from) === true);
  const { good, bad, unknown } = tallies.of(paths, segments);
  return {
    calls: own.reduce((sum, route) => sum + places.count(route, segments), 0),
    requests: good + bad + unknown,
  };
}

/** `553 calls beside 640 requests`. */
export const besideText = ({ calls, requests }: Beside): string =>
  `${count(calls, 'call')} beside ${count(requests, 'request')}`;
