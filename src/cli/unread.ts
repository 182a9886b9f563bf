/** One of the process's output streams. */
export type Stream = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** What has been written and nobody has read, in bytes. */
  readonly writableLength?: number;
  write(text: string): unknown;
};

/** Most that is kept for a reader who does not read, in bytes. */
const MOST_UNREAD = 1 << 20;

/** Whether nobody reads a stream: a terminal that is stopped (Ctrl-S), a pager that is not paged. */
export function isUnread({ writableLength = 0 }: Stream): boolean {
  return writableLength > 0;
}

/** Writes what is of use only while it is read: it is left out where too much is unread already. */
export function writeReadable(stream: Stream, text: string): void {
  if ((stream.writableLength ?? 0) <= MOST_UNREAD) stream.write(text);
}

/** What Node.js keeps of a stream's handle. */
type Handle = { readonly setBlocking?: (on: boolean) => number };

/**
 * Lets writes to a terminal wait in memory. Node.js makes them block (tty.WriteStream), so that a terminal that is stopped
 * would stop the process, with a fault on and no ear for signals.
 */
export function neverBlock(stream: Stream): void {
  const { _handle } = stream as { readonly _handle?: Handle | null };
  if (stream.isTTY === true) _handle?.setBlocking?.(false);
}

/** How long the process waits for what it has left open, in milliseconds. */
const LAST_MS = 2_000;

/**
 * Ends the process in a while, whatever is still open: a socket, a timer, a server that does not answer. Nothing of a command goes on
 * once it has told its end. What is unread is waited for, but not where a signal has ended it (`isUrgent`): a terminal may be stopped
 * for ever. With nothing open it ends by itself.
 */
export function endSoon(streams: readonly Stream[], isUrgent: boolean): void {
  const timer = setTimeout(() => {
    if (isUrgent || !streams.some(isUnread)) process.exit();
    endSoon(streams, isUrgent);
  }, LAST_MS);
  timer.unref();
}
