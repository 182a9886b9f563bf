import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ACTION = fileURLToPath(new URL('..', import.meta.url));

/** How long a runner waits after SIGINT before it sends SIGTERM, and after that before it kills the process. */
type SignalTimes = { readonly termAfterMs: number; readonly killAfterMs: number };

/** What actions/runner does to a step of a cancelled or timed-out job (ProcessInvoker.cs). */
const RUNNER_TIMES: SignalTimes = { termAfterMs: 7_500, killAfterMs: 2_500 };

type Step = {
  readonly inputs: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves when the job is cancelled. */
  readonly cancelled?: Promise<unknown>;
  readonly times?: SignalTimes;
  /** The process of `main` alone is killed at that moment. */
  readonly lost?: Promise<unknown>;
  /** It is killed with all that it has started, as a machine without memory does, or an agent that ends a group. */
  readonly killed?: Promise<unknown>;
  /** What other steps of the job do between `main` and `post`. */
  readonly between?: () => void;
};

/** What the job sees of one process of an action. */
type Ended = {
  readonly code: number | null;
  readonly log: string;
  readonly annotations: readonly string[];
  readonly summary: string;
  /** Whether the runner had to kill it. */
  readonly killed: boolean;
};

/** A step in a workspace of its own, run as actions/runner runs it: `main`, then `post` with what `main` has saved. */
export type Job = {
  readonly main: Ended;
  readonly post: Ended;
  readonly outputs: Readonly<Record<string, string>>;
};

type Metadata = {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly using: string; readonly main: string; readonly post: string };
};

export const METADATA: Metadata = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8'));

/** A workspace that ends with `use`. */
export async function inWorkspace(use: (workspace: string) => Promise<void>): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'faultline-action-'));
  try {
    await use(workspace);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Runs a step of the action and, as `post-if: always()` asks, its end. */
export async function runStep(workspace: string, step: Step): Promise<Job> {
  const files = join(workspace, '.runner');
  mkdirSync(files, { recursive: true });
  const main = await runProcess(METADATA.runs.main, workspace, files, step, {});
  const state = readEntries(join(files, 'main.mjs-GITHUB_STATE'));
  const outputs = readEntries(join(files, 'main.mjs-GITHUB_OUTPUT'));
  const { inputs, env = {} } = step;
  step.between?.();
  const asState = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
  const post = await runProcess(METADATA.runs.post, workspace, files, { inputs, env }, asState);
  return { main, post, outputs };
}

const FILES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_PATH'];

async function runProcess(
  program: string,
  cwd: string,
  files: string,
  step: Step,
  state: Readonly<Record<string, string>>,
): Promise<Ended> {
  const paths = FILES.map((name) => [name, join(files, `${program}-${name}`)] as const);
  for (const [, path] of paths) writeFileSync(path, '');
  const defaults = Object.entries(METADATA.inputs).map(([name, one]) => [name, one.default ?? ''] as const);
  const given = { ...Object.fromEntries(defaults), ...step.inputs };
  const inputs = Object.entries(given).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  const env = {
    ...process.env,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: cwd,
    ...step.env,
    ...Object.fromEntries([...inputs, ...paths]),
    ...state,
  };
  const child = spawn(process.execPath, [join(ACTION, program)], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = endOf(child);
  void step.lost?.then(() => child.kill('SIGKILL'));
  void step.killed?.then(() => {
    for (const pid of treeOf(child.pid ?? 0)) kill(pid);
  });
  const killed = await untilEnd(child, ended.closed, step);
  const { code, text } = await ended.closed;
  const summary = readFileSync(join(files, `${program}-GITHUB_STEP_SUMMARY`), 'utf8');
  return { code, summary, killed, ...readLog(text) };
}

function endOf(child: ChildProcess) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  }
  const closed = new Promise<{ code: number | null; text: string }>((done) => {
    child.once('close', (code) => done({ code, text }));
    // What a lost process has started may hold its output open.
    child.once('exit', (code, signal) => signal === 'SIGKILL' && done({ code, text }));
  });
  return { closed };
}

/**
 * Sends the signals of a cancelled job, each to the process of the step alone, as the runner does on Linux: what it has started
 * lives on when it is killed. Resolves to whether it had to be.
 */
async function untilEnd(child: ChildProcess, closed: Promise<unknown>, step: Step): Promise<boolean> {
  const { cancelled, times = RUNNER_TIMES } = step;
  const end = closed.then(() => 'ended' as const);
  if (cancelled === undefined || (await Promise.race([end, cancelled])) === 'ended') {
    await closed;
    return false;
  }
  child.kill('SIGINT');
  if ((await Promise.race([end, sleep(times.termAfterMs, 'late')])) === 'ended') return false;
  child.kill('SIGTERM');
  if ((await Promise.race([end, sleep(times.killAfterMs, 'late')])) === 'ended') return false;
  child.kill('SIGKILL');
  await closed;
  return true;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** A process and all that it has started, by their parents. */
function treeOf(root: number): number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    try {
      // The name in the second field may hold blanks and brackets.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return [{ pid: Number(name), parent: Number(fields[1]) }];
    } catch {
      return [];
    }
  });
  const below = (pid: number): number[] => [
    pid,
    ...parents.filter(({ parent }) => parent === pid).flatMap((one) => below(one.pid)),
  ];
  return below(root);
}

/** What the runner makes of an environment file: `name=value` lines, and values of several lines between delimiters. */
function readEntries(file: string): Record<string, string> {
  const lines = readFileSync(file, 'utf8').split('\n');
  const entries: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (name === undefined) {
      const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(line) ?? [];
      if (key !== '') entries[key] = value;
      continue;
    }
    const end = lines.indexOf(delimiter ?? '', at + 1);
    if (end < 0) throw new Error(`${file}: the value of ${name} has no end`);
    entries[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return entries;
}

/** The log as people see it: masked from where a value was named, commands carried out. */
function readLog(text: string): Pick<Ended, 'log' | 'annotations'> {
  const masks: string[] = [];
  const shown: string[] = [];
  const annotations: string[] = [];
  for (const line of text.split('\n')) {
    const [, mask] = /^::add-mask::(.*)$/.exec(line) ?? [];
    const seen = masks.reduce((all, secret) => all.replaceAll(secret, '***'), line);
    if (mask !== undefined) masks.push(unescapeData(mask));
    else if (/^::(error|warning|notice)/.test(line)) annotations.push(seen);
    else shown.push(seen);
  }
  return { log: shown.join('\n'), annotations };
}

const unescapeData = (text: string): string =>
  text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
