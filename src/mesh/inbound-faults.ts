import type { KubeObject } from '../model/kubernetes.ts';
import type { Random } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { selects } from './cluster-config.ts';
import { duration, type JsonObject, number, object, objects, text } from './config-read.ts';

/** A fault filter on the inbound side of a sidecar, as an EnvoyFilter has put it there. */
export type InboundFault = {
  /** What Envoy's configuration calls it. */
  readonly name: string;
  readonly abort?: { readonly status: number; readonly percent: number };
  readonly delay?: { readonly ms: Millis; readonly percent: number };
  /** Only requests with all of these. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Only requests to this port of the pod. */
  readonly port: number | undefined;
};

/** What comes of a request before the application has it: it waits, and may be answered. */
type Injected = { readonly waitMs: Millis; readonly status: number | undefined };

/** Body of an answer that a fault filter gives (Envoy: fault_filter.cc). */
export const ABORT_TEXT = 'fault filter abort';

const FAULT = 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault';
const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const ROUTER = 'envoy.filters.http.router';
const DENOMINATORS = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 } as const;

/** The fault filters of a pod's sidecar, in their order (Istio: listener_patch.go). What is not understood puts none there. */
export function inboundFaults(
  envoyFilters: readonly KubeObject[],
  rootNamespace: string,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): InboundFault[] {
  const key = { clientNamespace: pod.namespace, clientLabels: pod.labels };
  return envoyFilters
    .filter((filter) => selects({ rootNamespace }, filter, key))
    .flatMap((filter) => objects(object(filter.spec).configPatches))
    .flatMap((patch) => readPatch(patch) ?? []);
}

/** Whether a patch of an EnvoyFilter is one that `inboundFaults` reads. */
export function isInboundFault(patch: JsonObject): boolean {
  return readPatch(patch) !== undefined;
}

function readPatch({ applyTo, match, patch }: JsonObject): InboundFault | undefined {
  const { context, listener, ...unknown } = object(match);
  const { operation, value } = object(patch);
  const port = readPlace(object(listener));
  const isInbound = context === 'SIDECAR_INBOUND' && Object.keys(unknown).length === 0;
  if (applyTo !== 'HTTP_FILTER' || operation !== 'INSERT_BEFORE' || !isInbound || port === undefined) return undefined;
  return readFilter(object(value), port === 'any' ? undefined : port);
}

/** The port of the filter chains that a match means; undefined where it does not mean their routers. */
function readPlace({ filterChain, ...unknown }: JsonObject): number | 'any' | undefined {
  const { destinationPort, filter, ...more } = object(filterChain);
  const { name, subFilter } = object(filter);
  if (Object.keys(unknown).length > 0 || Object.keys(more).length > 0) return undefined;
  if (name !== CONNECTION_MANAGER || object(subFilter).name !== ROUTER) return undefined;
  return destinationPort === undefined ? 'any' : number(destinationPort);
}

function readFilter({ name, typed_config }: JsonObject, port: number | undefined): InboundFault | undefined {
  const { '@type': type, abort, delay, headers, ...unknown } = object(typed_config);
  const matchers = objects(headers).map((one) => ({ name: text(one.name), value: exactValue(one) }));
  const isRead = matchers.every(
    (one): one is { name: string; value: string } => one.name !== undefined && one.value !== undefined,
  );
  if (type !== FAULT || Object.keys(unknown).length > 0 || !isRead) return undefined;
  const status = number(object(abort).http_status);
  const ms = duration(object(delay).fixed_delay);
  return {
    name: text(name) ?? '',
    ...(status === undefined ? {} : { abort: { status, percent: percentage(object(abort)) } }),
    ...(ms === undefined ? {} : { delay: { ms, percent: percentage(object(delay)) } }),
    headers: matchers,
    port,
  };
}

function exactValue({ string_match, ...rest }: JsonObject): string | undefined {
  return Object.keys(rest).length > 1 ? undefined : text(object(string_match).exact);
}

/** Nothing said is no request at all (Envoy: FractionalPercent, 0 of HUNDRED). */
function percentage(block: JsonObject): number {
  const { numerator, denominator = 'HUNDRED' } = object(block.percentage);
  const of = DENOMINATORS[denominator as keyof typeof DENOMINATORS] ?? Number.POSITIVE_INFINITY;
  return ((number(numerator) ?? 0) / of) * 100;
}

/** What the fault filters do to one request: the delays of all that hit it, and the answer of the first that aborts. */
export function injectedInto(
  faults: readonly InboundFault[],
  request: { readonly port: number; readonly headers: Readonly<Record<string, string>> },
  random: Random,
): Injected {
  let waitMs: Millis = 0;
  for (const { abort, delay, headers, port } of faults) {
    const isHit = port === undefined || port === request.port;
    if (!isHit || headers.some(({ name, value }) => request.headers[name] !== value)) continue;
    if (delay !== undefined && random() * 100 < delay.percent) waitMs += delay.ms;
    if (abort !== undefined && random() * 100 < abort.percent) return { waitMs, status: abort.status };
  }
  return { waitMs, status: undefined };
}
