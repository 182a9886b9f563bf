import { fstatSync, writeSync } from 'node:fs';
import { messageOf } from '../model/errors.ts';
import { unwrittenCode } from '../model/exit.ts';

/** What a reader leaves who has gone (`| head`, a terminal that was closed), by Node's codes of errors. */
const GONE: readonly string[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

type Output = NodeJS.WriteStream & { readonly fd: number };

/** What is used of a process. */
type Host = {
  readonly stdout: Output;
  readonly stderr: Output;
  exitCode?: number | string | null | undefined;
  once(event: 'exit', listener: (code: number) => void): unknown;
};

/**
 * An output that fails must not end a process that has a fault to undo. That a reader has gone changes nothing; a result that could
 * not be written to stdout, as on a full disk, is said and is the exit code, unless that says something worse.
 */
export function failingOutput(host: Host): void {
  writeWholeFiles(host.stdout);
  host.stderr.on('error', () => {});
  let failed = false;
  host.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A terminal that was closed gives EIO, and so does a disk.
    const isGone = GONE.includes(error.code ?? '') || (error.code === 'EIO' && host.stdout.isTTY);
    if (failed || isGone) return;
    failed = true;
    host.stderr.write(`error: the result could not be written to stdout: ${messageOf(error)}\n`);
    host.once('exit', (code) => {
      host.exitCode = unwrittenCode(code);
    });
  });
}

/** Of what goes to a file, Node.js takes what had room for the whole (SyncWriteStream), and says nothing. */
function writeWholeFiles(stream: Output): void {
  if (!isFile(stream.fd)) return;
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(stream.fd, chunk, at);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}
