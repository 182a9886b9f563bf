import { type Dispatcher, Pool } from 'undici';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { rulesOf } from '../../model/good.ts';
import type { SentLoad } from '../../model/ports.ts';
import { ratesOf } from '../../model/rates.ts';
import type { RequestTemplate } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';
import type { Micros } from '../../model/units.ts';
import { contentJudge } from '../content.ts';
import { Connector } from './connect.ts';
import { Flight, type FlightLog, type Route } from './flight.ts';
import type { UndiciOptions } from './messages.ts';
import type { Due } from './schedule.ts';
import { Streams } from './streams.ts';

const DEFAULT_MAX_IN_FLIGHT = 2000;
/** A connection attempt outlives its request by this much, so that the request's own deadline always speaks first. */
const PATIENCE_MARGIN_MS = 50;

/** What sends requests: a pool of undici's, or the streams of HTTP/2. */
type Sender = {
  dispatch(request: Dispatcher.DispatchOptions, flight: Flight): unknown;
  destroy(): Promise<void>;
};

/** One path: a pool pinned to one gateway zone address, and how many of its requests are on their way. */
export class Lane {
  /** Requests that may be on their way at once. */
  readonly capacity: number;
  inFlight = 0;
  readonly #sender: Sender;
  #request: Dispatcher.DispatchOptions;
  readonly #route: Route;
  readonly #timeout: Micros;

  /** Throws FaultlineError LOAD when the request cannot be sent as the scenario words it. */
  constructor(path: Path, load: SentLoad, options: UndiciOptions, log: FlightLog) {
    const wanted = Math.ceil((ratesOf(load)(path.name) * load.timeoutMs * 1.25) / 1000);
    this.capacity = Math.min(Math.max(wanted, 1), options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT);
    this.#timeout = load.timeoutMs * 1000;
    const template = templateOf(path, load);
    this.#request = requestOf(template, path, load);
    const connector = new Connector(path, load.timeoutMs + PATIENCE_MARGIN_MS, load.tls?.[path.id]);
    const judge = contentJudge(rulesOf(load).of(path.name).good);
    this.#route = { connector, source: load.chain.from, grpc: template.protocol === 'grpc', judge, log };
    const host = path.host.includes(':') ? `[${path.host}]` : path.host;
    const origin = `${path.protocol}://${host}:${path.port}`;
    rehearse(origin, this.#request, path);
    this.#sender = path.http2 ? new Streams(path, connector, load.connections === 'kept') : poolOf(origin, connector);
  }

  /** Sends a request now. */
  send(due: Due, now: Micros): Flight {
    this.inFlight += 1;
    const flight = new Flight(this.#route, due, now, due.due + this.#timeout);
    this.#sender.dispatch(this.#request, flight);
    return flight;
  }

  /** Sends another value of a header from now on. */
  change(name: string, value: string): void {
    const headers = Object.entries(this.#request.headers as Record<string, string>);
    const isSame = (own: string) => own.toLowerCase() === name.toLowerCase();
    const changed = headers.map(([own, before]) => [own, isSame(own) ? value : before]);
    this.#request = { ...this.#request, headers: Object.fromEntries(changed) };
  }

  destroy(): Promise<void> {
    return this.#sender.destroy();
  }
}

function poolOf(origin: string, { connect }: Connector): Pool {
  // No `connections` limit: it would queue unseen. `capacity` is the limit, checked before a request is sent.
  return new Pool(origin, { allowH2: false, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect });
}

function templateOf({ id, name }: Path, load: SentLoad): RequestTemplate {
  const template = load.paths.find((candidate) => candidate.name === name);
  if (template === undefined) throw new FaultlineError('LOAD', `Path ${id} has no request named ${name}.`);
  return template.request;
}

function requestOf(
  { method, path: target, host, headers }: RequestTemplate,
  path: Path,
  load: SentLoad,
): Dispatcher.DispatchOptions {
  const body = load.bodies?.[path.name];
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'host');
  return {
    method,
    path: target,
    headers: { ...headers, ...(host === undefined || named ? {} : { host }) },
    ...(load.connections === 'fresh' ? { reset: true } : {}),
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  };
}

/** Lets undici check the request once, without a connection: a header it refuses must stop the run, not fail each request. */
function rehearse(origin: string, request: Dispatcher.DispatchOptions, path: Path): void {
  const refusals: unknown[] = [];
  const pool = new Pool(origin, { connect: () => {} });
  const ignore = () => {};
  pool.dispatch(request, {
    onRequestStart: ignore,
    onResponseStart: ignore,
    onResponseData: ignore,
    onResponseEnd: ignore,
    onResponseError: (_, error) => refusals.push(error),
  });
  const [refusal] = refusals;
  void pool.destroy();
  if (refusal === undefined) return;
  throw new FaultlineError('LOAD', `The request of path ${path.id} cannot be sent: ${messageOf(refusal)}`, {
    hint: 'Correct the request of this path in the scenario.',
    cause: refusal,
  });
}
