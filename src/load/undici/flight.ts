import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { ChainPattern } from '../../model/scenario.ts';
import type { Micros } from '../../model/units.ts';
import { BODY_LIMIT } from '../chain.ts';
import type { ContentJudge, Wrong } from '../content.ts';
import type { Connector } from './connect.ts';
import type { Waiting } from './deadlines.ts';
import { OwnTimeout } from './errors.ts';
import type { Due } from './schedule.ts';

/** What a flight reports to, exactly once. */
export type FlightLog = {
  /** `text` is what the chain is looked for in; `wrong`: what the answer should not have said. */
  response(flight: Flight, text: string, truncated: boolean, wrong: Wrong | undefined): void;
  error(flight: Flight, error: unknown): void;
};

/** A request that is on its way. */
type Abortable = { abort(reason: Error): void };

/** What all flights of a path share. */
export type Route = {
  readonly connector: Pick<Connector, 'answering'>;
  readonly source: ChainPattern['from'];
  /** Trailers are told as headers are, and the body is a message: no chain is looked for in it. */
  readonly grpc: boolean;
  /** Undefined where an answer need not say anything. */
  readonly judge: ContentJudge | undefined;
  readonly log: FlightLog;
};

/** One request from due time to last byte; what undici calls a handler. */
export class Flight implements Dispatcher.DispatchHandler, Waiting {
  readonly due: Due;
  readonly start: Micros;
  readonly deadline: Micros;
  settled = false;
  /** The request opened its own connection, or was still waiting for one. */
  fresh = true;
  status = 0;
  readonly #route: Route;
  #controller: Abortable | undefined;
  #headers: IncomingHttpHeaders = {};
  #body: Buffer[] = [];
  #size = 0;

  constructor(route: Route, due: Due, start: Micros, deadline: Micros) {
    this.#route = route;
    this.due = due;
    this.start = start;
    this.deadline = deadline;
  }

  /** The timeout: the connection is thrown away, because an answer may still come on it. */
  expire(): void {
    const late = new OwnTimeout('no whole answer in time');
    this.#fail(late);
    this.#controller?.abort(late);
  }

  onRequestStart(controller: Abortable): void {
    // Expired while it waited for its connection: it must not be sent any more.
    if (this.settled) controller.abort(new Error('expired before it was sent'));
    this.#controller = controller;
    this.fresh = this.#route.connector.answering;
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    if (this.#size < BODY_LIMIT) this.#body.push(chunk);
    this.#size += chunk.length;
  }

  onResponseEnd(_controller: unknown, trailers: IncomingHttpHeaders): void {
    if (this.settled) return;
    this.settled = true;
    const { grpc, judge, log } = this.#route;
    const headers = grpc ? { ...this.#headers, ...trailers } : this.#headers;
    const body = this.#bytes();
    const truncated = this.#size > BODY_LIMIT;
    const wrong = judge?.({ status: this.status, headers, body, truncated });
    const { text, isBody } = this.#chainText(headers, body);
    log.response(this, text, isBody && truncated, wrong);
    this.#body = [];
  }

  onResponseError(_controller: unknown, error: unknown): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.#body = [];
    this.#route.log.error(this, error);
  }

  /** What the chain is looked for in, and whether that is the body. */
  #chainText(headers: IncomingHttpHeaders, body: Buffer): { text: string; isBody: boolean } {
    const { source, grpc } = this.#route;
    if (source.kind === 'header') return { text: headerText(headers[source.name.toLowerCase()]), isBody: false };
    return grpc ? { text: '', isBody: false } : { text: body.toString('utf8'), isBody: true };
  }

  /** As much of the body as is looked at. */
  #bytes(): Buffer {
    const [first, ...others] = this.#body;
    if (first === undefined) return Buffer.alloc(0);
    return (others.length === 0 ? first : Buffer.concat(this.#body)).subarray(0, BODY_LIMIT);
  }
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(' ') : (value ?? '');
}
