import { spawn } from 'node:child_process';

/** Reads until its input ends, which is when the harness does, then ends the process and removes the folder. */
const WATCH = 'cat >/dev/null; kill -KILL "$1"; rm -rf "$2"';

/**
 * Ends a process and removes its folder when this one is gone, even after `kill -9`: load must not outlive the one who
 * judges it and undoes faults. Returns what cuts the line, for when the process has ended by itself. Needs a POSIX shell;
 * does nothing on Windows.
 */
export function tieToUs(pid: number, folder: string): () => void {
  if (process.platform === 'win32') return () => {};
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => {});
  watcher.unref();
  return () => {
    // The cat in it ends by itself, because its input does.
    watcher.kill('SIGKILL');
  };
}
