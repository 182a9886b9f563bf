import type { ServerResponse } from 'node:http';
import type { ServerContext } from './context.ts';
import type { Accepted } from './negotiate.ts';
import { watchPresenter } from './present.ts';
import type { ResourceRequest } from './request.ts';
import { startWatch, type Watch } from './watch.ts';

/** A reader that lets this much pile up is cut off, as a real API server ends slow watchers. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

type WatchExchange = {
  readonly target: ResourceRequest;
  readonly accepted: Accepted;
  readonly context: ServerContext;
  readonly response: ServerResponse;
  /** All open watches of the server. */
  readonly watches: Set<Watch>;
};

/** Streams a watch as one JSON document a line until the client leaves or the watch ends. */
export function serveWatch({ target, accepted, context, response, watches }: WatchExchange): void {
  const presented = watchPresenter(target, accepted, context.clock);
  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    response.flushHeaders();
  };
  const watch = startWatch(target, context, {
    send: (event) => {
      begin();
      response.write(`${JSON.stringify(presented(event))}\n`);
      if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
    },
    end: () => {
      begin();
      response.end();
    },
  });
  if (response.destroyed) {
    watch.stop();
    return;
  }
  begin();
  watches.add(watch);
  response.on('close', () => {
    watch.stop();
    watches.delete(watch);
  });
}
