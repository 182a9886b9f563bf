import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../run/system-clock.ts';
import { type FaultySandbox, startFaultySandbox } from '../../sandbox/testing/faulty-sandbox.ts';
import type { Programs } from '../../sandbox/testing/hosted-pods.ts';

/** A sandbox in this process whose behaviour a test can change, with its files in a folder of its own. */
export type LiveSandbox = {
  readonly sandbox: FaultySandbox;
  readonly targets: string;
  /** Folder for run folders. */
  readonly out: string;
  close(): Promise<void>;
};

/** What a test needs beside the sandbox as it is. */
type Extras = {
  readonly programs?: Programs;
  readonly namespaces?: readonly string[];
  readonly argoRollouts?: boolean;
};

/** Starts a sandbox for a test; `manifests` go to the cluster tokyo, `programs` run in place of containers. */
export async function liveSandbox(manifests: readonly string[] = [], extras: Extras = {}): Promise<LiveSandbox> {
  const dir = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  const sandbox = await startFaultySandbox({
    clock: systemClock,
    random: Math.random,
    host: process.platform === 'linux' ? 'per-zone' : 'single',
    manifests: manifests.map((text) => ({ cluster: 'tokyo', text })),
    ...extras,
  });
  const targets = join(dir, 'targets.yaml');
  writeFileSync(join(dir, 'kubeconfig'), sandbox.kubeconfig);
  writeFileSync(targets, sandbox.targets);
  return {
    sandbox,
    targets,
    out: join(dir, 'reports'),
    close: async () => {
      await sandbox.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** At the 40/s of SHORT the merge window costs 42 errors; a machine that stands still for a moment adds some: that is no bug. */
export const UNHURRIED = 'spec.expect.errorBudget.perCaller=60';

/** Settings that make a scenario short enough for a test. */
export const SHORT = [
  'spec.phases.baseline=4s',
  'spec.phases.hold=12s',
  'spec.phases.recover=3s',
  'spec.load.rate=40/s',
];

/** Shorter still, for runs that are not about a pass: there are too few requests for that. */
export const BRIEF = [
  'spec.phases.baseline=4s',
  'spec.phases.hold=4s',
  'spec.phases.recover=1s',
  'spec.load.rate=40/s',
];

/** What a finished process said. */
type Said = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts the command line as a process of its own. */
export function start(args: readonly string[]): {
  child: ChildProcess;
  said: Promise<Said>;
  saw(text: string): Promise<void>;
} {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', CI: 'true' },
  });
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const one of waiting) if (stderr.includes(one.text)) one.resolve();
  });
  const said = new Promise<Said>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  const saw = (text: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.push({ text, resolve });
    if (stderr.includes(text)) resolve();
    void said.then((end) =>
      reject(new Error(`ended with ${end.code} before "${text}":\n${end.stderr}\n${end.stdout}`)),
    );
    return promise;
  };
  return { child, said, saw };
}

/** Runs the command line to its end. */
export function faultline(...args: string[]): Promise<Said> {
  return start(args).said;
}

/** `--set` options for a command line. */
export function settings(list: readonly string[]): string[] {
  return list.flatMap((setting) => ['--set', setting]);
}
