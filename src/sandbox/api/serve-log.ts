import type { ServerResponse } from 'node:http';
import type { ContainerLog } from './container-log.ts';

/** What a log holds now: its last `limit` lines, or all of it without a limit. */
export function logText({ pieces }: ContainerLog, limit: number | undefined): Buffer {
  const bytes = Buffer.concat(pieces);
  if (limit === undefined) return bytes;
  const lines = bytes.toString('latin1').split(/(?<=\n)/);
  return Buffer.from(lines.slice(Math.max(0, lines.length - limit)).join(''), 'latin1');
}

/** Streams what a log holds and what it gets, until the container ends or the client goes. */
export function streamLog(response: ServerResponse, log: ContainerLog, limit: number | undefined): void {
  let next = log.pieces.length;
  const pass = (): void => {
    for (; next < log.pieces.length; next += 1) response.write(log.pieces[next]);
    if (log.ended) response.end();
  };
  response.once('close', log.listen(pass));
  response.write(logText(log, limit));
  pass();
}
