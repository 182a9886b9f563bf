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

/** How long a run that a signal has ended waits for its last lines to be read, in milliseconds. */
const LAST_READ_MS = 2_000;

/**
 * Ends the process in a while although a stream is unread: what was asked to end must not wait for a terminal. Without
 * something unread it ends by itself.
 */
export function endUnread(streams: readonly Stream[]): void {
  const timer = setTimeout(() => {
    if (streams.some(isUnread)) process.exit();
  }, LAST_READ_MS);
  timer.unref();
}
