import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hideCredentials } from '../../model/credentials.ts';
import { lastLines } from '../../model/cut.ts';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { hrtimeMicros } from '../clock.ts';
import { cachedK6, EXTENSION_SOURCES } from './binary.ts';

/** How often somebody who waits hears that the work goes on. */
const HEARTBEAT_MS = 15_000;
/** Text of the compiler that goes into an error. */
const TAIL_LIMIT = 4000;

/**
 * Builds k6 with the extension into the user's cache, or finds it there, and resolves with its path. The versions of all
 * modules are locked by go.sum, so that the same sources give the same program. `say` gets a line for people now and then.
 * Rejects with FaultlineError LOAD when there is no Go or it fails.
 */
export async function buildK6(say: (line: string) => void, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const binary = await cachedK6(env);
  const there = await stat(binary).catch(() => undefined);
  if (there !== undefined) {
    say(`k6 with the faultline extension is built already.`);
    return binary;
  }
  await mkdir(dirname(binary), { recursive: true });
  const unfinished = join(dirname(binary), `building-${process.pid}`);
  say('Building k6 with the faultline extension. The first time this takes some minutes.');
  try {
    await goBuild(unfinished, say, env);
    await rename(unfinished, binary);
  } finally {
    await rm(unfinished, { force: true });
  }
  return binary;
}

async function goBuild(output: string, say: (line: string) => void, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('go', ['build', '-buildvcs=false', '-o', output, './cmd/k6'], {
    cwd: EXTENSION_SOURCES,
    env: { ...env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '-trimpath' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const started = hrtimeMicros();
  const heartbeat = setInterval(
    () => say(`  still building, ${Math.round((hrtimeMicros() - started) / 1_000_000)} s`),
    HEARTBEAT_MS,
  );
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = lastLines(tail + text, TAIL_LIMIT);
  });
  try {
    const [code] = (await once(child, 'close').catch((error: unknown) => Promise.reject(noGo(error)))) as [
      number | null,
    ];
    if (code !== 0)
      throw new FaultlineError('LOAD', `go build failed with exit code ${code}:\n${hideCredentials(tail.trim())}`, {
        hint: HINT,
      });
  } finally {
    clearInterval(heartbeat);
  }
}

const HINT = 'Go 1.25 or newer and a reachable Go module proxy (GOPROXY) are needed.';

function noGo(error: unknown): FaultlineError {
  const message = `k6 cannot be built, because Go is not there: ${messageOf(error)}`;
  return new FaultlineError('LOAD', message, {
    hint: 'Install Go 1.25 or newer (https://go.dev/dl, or the package golang of your distribution), or set FAULTLINE_K6 to a k6 that was built elsewhere with: faultline k6 build',
    cause: error,
  });
}
