import type { Micros } from './units.ts';

/** One service of a call chain with the place that served it. What the pattern has not is empty. */
export type Hop = {
  readonly service: string;
  readonly zone: string;
  readonly ip: string;
  /** Name of the pod, where the pattern has one. */
  readonly pod?: string;
};

/** Characters of the rest of a chain that are kept. */
export const REST_LIMIT = 256;

/** How the rest of a chain begins where only the beginning of the answer was looked at. */
export const TRUNCATED = '[body truncated at ';

/**
 * What a response body (or header) said, parsed. `rest` is what the pattern did not match, cut to 256 characters:
 * empty for a complete chain, an error text where an upstream call failed.
 */
export type Chain = { readonly hops: readonly Hop[]; readonly rest: string };

/** Why no whole response arrived. */
export const TRANSPORT_ERRORS = [
  'timeout',
  'refused',
  'reset',
  'unreachable',
  'closed',
  'tls',
  'dns',
  'protocol',
  'script',
  'other',
] as const;
export type TransportError = (typeof TRANSPORT_ERRORS)[number];

/**
 * One request as the engine saw it. Nothing is judged here: good and bad are decided later, by the analysis.
 * A dropped request was due but never sent.
 */
export type RequestRecord = {
  /** Index of the path, in the order of the record file's path lines. */
  path: number;
  /** Counts the due requests of a path from 0, dropped ones included. */
  seq: number;
  /** When the open model wanted it sent. */
  due: Micros;
  /** When it was sent; equals `due` when dropped. */
  start: Micros;
  /** When the last byte or the error came; equals `due` when dropped. */
  end: Micros;
  /** How it ended; dropped: it was never sent. */
  ended: 'response' | 'error' | 'dropped';
  /** HTTP status; 0 without a response. */
  status: number;
  error: TransportError | undefined;
  /** Index of the chain, in the order of the record file's chain lines; -1 without a response. */
  chain: number;
  /**
   * Index of the error's own words, or of what a response should not have said, in the order of the record file's text
   * lines; -1 where there are none.
   */
  text: number;
  /** True when the request opened its own connection. */
  fresh: boolean;
};

/** A request sent this much after it was due was sent late: the generator's doing, not the target's. */
export const LATE: Micros = 10_000;

/** First line of a record file. */
export type RecordHeader = { readonly format: 'faultline/requests'; readonly v: 1; readonly engine: string };

/** What a reader of the record file sees, in file order; a path or chain comes before the first record that uses it. */
export type RecordVisitor = {
  header(header: RecordHeader): void;
  path(index: number, id: string): void;
  chain(index: number, chain: Chain): void;
  /** The words of an error, such as `self-signed certificate`. */
  text(index: number, text: string): void;
  /** The object is reused for the next record: copy what must be kept. */
  request(record: RequestRecord): void;
  /** A line that is no record (torn by a crash, or foreign). `line` counts from 1. */
  corrupt(line: number, text: string): void;
};
