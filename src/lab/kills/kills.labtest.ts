import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { systemClock } from '../../run/system-clock.ts';
import { touchedObjects } from '../testing/cluster-objects.ts';
import { lab, PROGRAM, requireLab } from '../testing/running-lab.ts';
import { steady } from '../testing/steady.ts';
import { cgroupTrees, groupProcesses } from '../up/cgroups.ts';
import { lives } from '../up/living.ts';
import { mounts, programName } from '../up/proc.ts';
import { LAB_FOLDER, readState, recordedProcesses } from '../up/state.ts';

/** Kills of each kind. */
const ROUNDS = Number(process.env.FAULTLINE_KILLS ?? 1);
/** Kills come at so many moments of a run, so far from each other. */
const MOMENTS = 10;
const STEP_MS = 1_500;
/** A run whose baseline is not steady injects nothing, and is begun again so often. */
const STARTS = 5;
/** What starts services on a machine takes a moment, too. */
const RESTART_MS = 3_000;

const SETTINGS = [
  'spec.phases.baseline=3s',
  'spec.phases.hold=6s',
  'spec.phases.recover=1s',
  'spec.load.rate=10/s',
  'spec.expect.steadyState.good=20%',
  'spec.expect.steadyState.sameZone=20%',
].flatMap((setting) => ['--set', setting]);

type Victim = { readonly name: string; readonly find: (run: ChildProcess) => number | undefined };

const VICTIMS: readonly Victim[] = [
  { name: 'the runner', find: (run) => run.pid },
  { name: 'the kubelet of the fault', find: () => daemonOf('ap-northeast-1a-kubelet') },
  { name: 'the API server of the fault', find: () => daemonOf('tokyo-kube-apiserver') },
  { name: 'istiod', find: () => processOf('pilot-discovery') },
];

function daemonOf(name: string): number | undefined {
  const state = readState(LAB_FOLDER);
  return state && recordedProcesses(state).find((one) => one.name === name && lives(one))?.pid;
}

function processOf(program: string): number | undefined {
  const trees = cgroupTrees(mounts());
  return trees && groupProcesses(trees, 'tokyo').find((pid) => programName(pid) === program);
}

/** Starts a run of the vendor page's drill; resolves when its fault is being injected. */
async function startRun(out: string): Promise<ChildProcess> {
  const refusals: string[] = [];
  while (refusals.length < STARTS) {
    await steady();
    const begun = await tryRun(out);
    if (typeof begun !== 'string') return begun;
    refusals.push(begun);
  }
  throw new Error(`no run began:\n${refusals.join('\n')}`);
}

/** Resolves to what it said when the run was refused: on a machine with much else to do a baseline may not be steady. */
async function tryRun(out: string): Promise<ChildProcess | string> {
  const scenario = 'scenarios/service-failover.yaml';
  const args = [...PROGRAM, 'run', scenario, '--target', 'lab', '--yes', '--out', out, ...SETTINGS];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (!line.includes('injecting')) continue;
    child.stderr.resume();
    return child;
  }
  return lines.join('\n');
}

function recover(): { code: number | null; text: string } {
  const args = [...PROGRAM, 'recover', '--scan', '--target', 'lab'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: status, text: stdout + stderr };
}

describe('kill -9 in mid-run', function () {
  this.timeout(300_000);
  const out = mkdtempSync(join(tmpdir(), 'faultline-kills-'));
  let whole: Record<string, string> = {};
  before(async () => {
    requireLab();
    await steady();
    whole = await touchedObjects();
  });
  after(() => rmSync(out, { recursive: true, force: true }));

  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, find } of VICTIMS) {
      it(`of ${name} leaves nothing after recover, ${round + 1} of ${ROUNDS}`, async () => {
        const run = await startRun(out);
        const ended = once(run, 'exit');
        await systemClock.sleep((round % MOMENTS) * STEP_MS);
        const pid = find(run);
        if (pid === undefined) throw new Error(`no ${name} to kill`);
        process.kill(pid, 'SIGKILL');
        await systemClock.sleep(RESTART_MS);
        lab('heal');
        await ended;
        const { code, text } = recover();
        expect(code, text).to.equal(0);
        await steady();
        expect(await touchedObjects()).to.deep.equal(whole);
      });
    }
  }
});
