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

/** What all flights of a path share. */
export type Route = {
  readonly connector: Connector;
  readonly source: ChainPattern['from'];
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
  #controller: Dispatcher.DispatchController | undefined;
  #header = '';
  /** Kept only for a judge. */
  #headers: IncomingHttpHeaders | undefined;
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

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Expired while it waited for its connection: it must not be sent any more.
    if (this.settled) controller.abort(new Error('expired before it was sent'));
    this.#controller = controller;
    this.fresh = this.#route.connector.answering;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    if (this.#route.judge !== undefined) this.#headers = headers;
    if (this.#route.source.kind === 'header') this.#header = headerText(headers[this.#route.source.name.toLowerCase()]);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#size < BODY_LIMIT) this.#body.push(chunk);
    this.#size += chunk.length;
  }

  onResponseEnd(): void {
    if (this.settled) return;
    this.settled = true;
    const { source, log } = this.#route;
    if (this.#headers !== undefined) this.#judged(this.#headers);
    else if (source.kind === 'header') log.response(this, this.#header, false, undefined);
    else log.response(this, this.#text(), this.#size > BODY_LIMIT, undefined);
    this.#body = [];
  }

  #judged(headers: IncomingHttpHeaders): void {
    const { source, log, judge } = this.#route;
    const [body, truncated] = [this.#text(), this.#size > BODY_LIMIT];
    const wrong = judge?.({ status: this.status, headers, body, truncated });
    if (source.kind === 'header') log.response(this, this.#header, false, wrong);
    else log.response(this, body, truncated, wrong);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: unknown): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.#body = [];
    this.#route.log.error(this, error);
  }

  #text(): string {
    const only = this.#body.length === 1 ? this.#body[0] : Buffer.concat(this.#body);
    return only?.toString('utf8', 0, BODY_LIMIT) ?? '';
  }
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(' ') : (value ?? '');
}
