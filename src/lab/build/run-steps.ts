import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../model/ports.ts';
import { formatDuration } from '../../model/units.ts';
import { fillFolder, folderName, isFinished, readJson, sweep } from './cache.ts';
import type { Run } from './command.ts';
import type { OutputOf, Step, StepName, Tools } from './step.ts';

/** What a build needs from outside. */
type BuildPorts = {
  /** Folder of all builds. */
  readonly cache: string;
  readonly clock: Clock;
  readonly run: Run;
  /** Gets lines for people. */
  readonly say: (line: string) => void;
  /** Ends the build; what is finished stays finished. */
  readonly signal: AbortSignal;
  readonly jobs: number | undefined;
};

/** How often somebody who waits hears that a step goes on, in milliseconds. */
const HEARTBEAT_MS = 30_000;

/** Does the steps in their order, each only where its folder is not there yet, and resolves with where their outputs lie. */
export async function runSteps(steps: readonly Step[], ports: BuildPorts): Promise<OutputOf> {
  const { cache, say } = ports;
  await mkdir(join(cache, 'logs'), { recursive: true });
  await sweep(cache, isAlive);
  const durations: Durations = (await readJson(join(cache, DURATIONS))) ?? {};
  const finished = new Map<StepName, string>();
  const output: OutputOf = (step) => {
    const folder = finished.get(step);
    if (folder === undefined) throw new Error(`step ${step} is not finished when its output is asked for`);
    return folder;
  };
  for (const [index, step] of steps.entries()) {
    const folder = join(cache, folderName(step.name, await step.inputs(output)));
    const head = `[${String(index + 1).padStart(String(steps.length).length)}/${steps.length}] ${step.what}`;
    if (await isFinished(folder)) {
      say(`${head}: built already`);
    } else {
      const before = durations[step.name];
      say(before === undefined ? head : `${head} (last time ${seconds(before)})`);
      durations[step.name] = await timed(step, folder, output, ports);
      await writeFile(join(cache, DURATIONS), JSON.stringify(durations));
    }
    finished.set(step.name, folder);
  }
  return output;
}

/** Does one step; how long that took, in milliseconds. */
async function timed(step: Step, folder: string, output: OutputOf, ports: BuildPorts): Promise<number> {
  const { clock, say, jobs } = ports;
  const log = join(ports.cache, 'logs', `${step.name}.log`);
  await rm(log, { force: true });
  const begun = clock.now();
  const elapsed = (): number => (clock.now() - begun) / 1000;
  const ended = new AbortController();
  void heartbeat(clock, ended.signal, () => say(`      still at it, ${seconds(elapsed())}`));
  try {
    await fillFolder(folder, process.pid, async (unfinished) => {
      // Temporary files that a killed command leaves behind go with the folder. Go takes no go.mod beside them.
      const temporary = join(unfinished, 'tmp');
      await mkdir(temporary);
      const run: Tools['run'] = (command) =>
        ports.run({ ...command, env: { ...command.env, TMPDIR: temporary } }, log, ports.signal);
      await step.make(unfinished, { run, jobs }, output);
      await rm(temporary, { recursive: true });
    });
  } finally {
    ended.abort();
  }
  say(`      done in ${seconds(elapsed())}`);
  return elapsed();
}

async function heartbeat(clock: Clock, ended: AbortSignal, beat: () => void): Promise<void> {
  for (;;) {
    await clock.sleep(HEARTBEAT_MS, ended);
    if (ended.aborted) return;
    beat();
  }
}

const seconds = (millis: number): string => formatDuration(Math.max(1, Math.round(millis / 1000)) * 1000);

/** How long each step took the last time, in milliseconds: good to know, and no matter when it is lost. */
const DURATIONS = 'durations.json';
type Durations = Partial<Record<StepName, number>>;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
