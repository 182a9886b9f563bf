import type { LoadFeature, Refusal } from '../../../model/engine.ts';
import { FaultlineError } from '../../../model/errors.ts';
import type { Load } from '../../../model/scenario.ts';

/** Go's clients, k6's own and that of its gRPC module among them, send again what a server has refused. */
const OWN_HTTP2 = "over HTTP/2 k6's own clients send a request again by themselves and hide the error";

/** What no k6 does where a user's script sends the requests. */
export const OF_SCRIPTS: readonly Refusal[] = [
  {
    what: 'body',
    scripted: true,
    why: 'a script sends its own bodies',
    instead: 'send it in the script, and leave it out here',
  },
  {
    what: 'rate',
    scripted: true,
    why: 'each iteration of a script sends the request of every path once',
    instead: 'leave the rate of this path out, or the script',
  },
  {
    what: 'refresh',
    scripted: true,
    why: 'k6 reads the configuration of a script once, when it begins',
    instead: 'leave `refresh` out, or the script',
  },
  {
    what: 'http2',
    scripted: true,
    why: OWN_HTTP2,
    instead: 'leave the script out, or send the request in it with k6/http or k6/net/grpc, where it is not judged',
  },
];

/** What k6 does not do without the extension. */
export const WITHOUT_EXTENSION: readonly Refusal[] = [
  {
    what: 'refresh',
    why: 'without the faultline extension k6 reads its configuration once, when it begins',
    instead: 'run `faultline k6 build`, write `engine: undici`, or leave `refresh` out',
  },
  { what: 'http2', why: OWN_HTTP2, instead: 'run `faultline k6 build`, or write `engine: undici`' },
];

/** What k6 in pods does not do: its image has no extension. */
export const OF_PODS: readonly Refusal[] = [
  ...OF_SCRIPTS,
  {
    what: 'refresh',
    why: 'pods read their configuration once, when they begin',
    instead: 'write `engine: undici` or `engine: k6`, or leave `refresh` out',
  },
  { what: 'http2', why: OWN_HTTP2, instead: 'write `engine: undici` or `engine: k6`' },
];

const WORDS: Readonly<Record<LoadFeature, string>> = {
  body: 'bodies of requests',
  rate: 'rate of its own for a path',
  refresh: 'header values that are read again',
  content: 'checks of what answers say',
  http2: 'HTTP/2',
};

/** Refuses a load that asks for what an engine cannot do. Throws FaultlineError LOAD with a way out as its hint. */
export function refuseFeatures(load: Load, engine: string, refusals: readonly Refusal[]): void {
  const asked = featuresOf(load);
  const refusal = refusals.find(
    ({ what, scripted }) => asked.has(what) && (scripted === undefined || load.script !== undefined),
  );
  if (refusal === undefined) return;
  const { what, why, instead } = refusal;
  const hint = `${instead.charAt(0).toUpperCase()}${instead.slice(1)}.`;
  throw new FaultlineError('LOAD', `${engine} has no ${WORDS[what]}: ${why}.`, { hint });
}

function featuresOf(load: Load): ReadonlySet<LoadFeature> {
  const requests = load.paths.map(({ request }) => request);
  const goods = [load.good, ...load.paths.map(({ good }) => good)];
  const isOwn = ({ ratePerSecond = load.ratePerSecond }) => ratePerSecond !== load.ratePerSecond;
  const found: Readonly<Record<LoadFeature, boolean>> = {
    body: requests.some(({ body }) => body !== undefined),
    rate: load.paths.some(isOwn),
    refresh: requests.some(({ refreshed }) => refreshed !== undefined),
    content: goods.some((good) => good?.content !== undefined),
    http2: requests.some(({ protocol }) => protocol !== undefined),
  };
  return new Set((Object.keys(found) as LoadFeature[]).filter((feature) => found[feature]));
}
