import type { Chain, TransportError } from '../../../model/record.ts';
import type { Micros } from '../../../model/units.ts';
import type { AnswerText } from '../../content.ts';
import type { Words } from '../../words.ts';

/** Where the chain of an answer is: told before under this number, -1 without any; or still in the text of the answer. */
export type ChainSource = number | { readonly text: string; readonly truncated: boolean };

/** A request as a k6 tells of it. Times are on the clock of that k6. */
export type WireRequest = {
  readonly type: 'request';
  readonly path: number;
  /** Counts the iterations that k6 has started in the path's scenario, dropped ones not among them. */
  readonly number: number;
  /** When the iteration began; its request may come later. */
  readonly began: Micros;
  /** What the iteration had spent in requests that are judged, before this one. */
  readonly judged: Micros;
  readonly start: Micros;
  readonly end: Micros;
  /** 0 without a response. */
  readonly status: number;
  readonly chain: ChainSource;
  /** Of a whole answer what its checks look at; absent where there are none. */
  readonly answer?: AnswerText;
  readonly error: TransportError | undefined;
  /** What the error says of itself, where k6 tells it. */
  readonly words: Words | undefined;
  /** The code of a shortage on the machine of k6; nothing was said about the target then. */
  readonly shortage: string | undefined;
  /** Over a connection of its own. */
  readonly fresh: boolean;
};

/** What a k6 tells, one line each. Times are on its own clock. */
export type WireMessage =
  | WireRequest
  /** A chain, before the first request that names its index. */
  | { readonly type: 'chain'; readonly index: number; readonly chain: Chain }
  /** The first request of a path was due then. */
  | { readonly type: 'first'; readonly path: number; readonly at: Micros }
  /** A request of a path was due about then and not sent. */
  | { readonly type: 'drop'; readonly path: number; readonly at: Micros }
  /**
   * The clock of k6 as the line left it; `exact` where it is the harness's own. So many request lines were `lost` before
   * they could be told.
   */
  | { readonly type: 'clock'; readonly at: Micros; readonly exact: boolean; readonly lost: number }
  /** Nothing of the harness's: where a path leads to. */
  | { readonly type: 'peer' }
  /** Everything has been told. */
  | { readonly type: 'end' };

/** One way in which a k6 tells of its requests: a decoder, and what else the session must know of it. */
export type Wire = {
  /** Reads one line; undefined for what is no message. */
  read(line: string): WireMessage | undefined;
  /**
   * True where the line of a request, a drop and the end is the wire's own: nothing else comes over it, and k6 tells of
   * all that was due before it ends. On a console a script writes, too, and what is on its way is broken off at the end.
   */
  readonly dedicated: boolean;
};
