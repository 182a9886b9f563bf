import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultlineError } from '../../model/errors.ts';
import { systemClock } from '../../run/system-clock.ts';
import type { WatchBlind } from '../drill/blind.ts';
import type { SandboxMessage } from './sandbox-message.ts';
import { watchSandbox } from './sandbox-watch.ts';

/** A sandbox in its own process, so that its work does not disturb the load and its faults die with it. */
type SandboxProcess = {
  /** Path of the targets file that reaches it. */
  readonly targets: string;
  readonly watchBlind: WatchBlind;
  close(): Promise<void>;
};

const START_LIMIT_MS = 30_000;

/** What a scenario needs of its sandbox. */
type SandboxNeeds = {
  /** Manifests, each with the cluster it is for or with none for all. */
  readonly apply: readonly string[];
  /** Namespaces that its faults touch. */
  readonly namespaces: readonly string[];
  /** Name of its topology. */
  readonly topology: string;
};

/**
 * Starts `faultline sandbox up` as a child and waits until it is ready. It ends when `close` is called or when this
 * process ends in any way.
 */
export async function startSandboxProcess({ apply, namespaces, topology }: SandboxNeeds): Promise<SandboxProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'faultline-sandbox-'));
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const main = fileURLToPath(new URL(`../../cli/main.${suffix}`, import.meta.url));
  const further = [...apply.map((one) => ['--apply', one]), ...namespaces.map((one) => ['--namespace', one])];
  const args = ['sandbox', 'up', '--dir', dir, '--topology', topology, ...further.flat()];
  const child = fork(main, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const close = async () => {
    if (child.connected) child.disconnect();
    await ended(child);
    rmSync(dir, { recursive: true, force: true });
  };
  const watchBlind: WatchBlind = (answerWithinMs, onBlind) =>
    watchSandbox(child, { clock: systemClock, answerWithinMs }, onBlind);
  try {
    return { targets: await ready(child), watchBlind, close };
  } catch (error) {
    child.kill('SIGKILL');
    await close();
    throw error;
  }
}

function ready(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const fail = (why: string) => reject(new FaultlineError('TARGET_UNREACHABLE', `the sandbox did not start: ${why}`));
  const timer = setTimeout(() => fail(`no word from it for ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
  child.once('exit', (code) => fail(`it ended with code ${code}`));
  child.on('message', (message: SandboxMessage) => {
    if ('ready' in message) resolve(message.ready.targets);
    else if ('failed' in message) fail(message.failed);
  });
  return promise.finally(() => clearTimeout(timer));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}
