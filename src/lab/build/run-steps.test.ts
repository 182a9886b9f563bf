import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ManualClock } from '../../sandbox/testing/manual-clock.ts';
import { runSteps } from './run-steps.ts';
import type { Inputs, Step, StepName } from './step.ts';

describe('lab/build/run-steps: what is said and what is done', () => {
  let cache = '';
  let clock: ManualClock;
  let said: string[] = [];
  let made: string[] = [];
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'faultline-steps-'));
    clock = new ManualClock();
    said = [];
    made = [];
  });
  afterEach(() => rm(cache, { recursive: true }));

  /** A step that takes so many seconds. */
  const step = (name: StepName, takes: number, inputs: Step['inputs'] = async () => ({})): Step => ({
    name,
    what: `the ${name}`,
    inputs,
    make: async (folder) => {
      made.push(name);
      if (takes > 0) await clock.advance(takes * 1000);
      await writeFile(join(folder, 'file'), name);
    },
  });
  const run = (steps: Step[], signal = new AbortController().signal) => {
    const say = (line: string) => void said.push(line);
    return runSteps(steps, { cache, clock, say, signal, jobs: 2, run: async () => '' });
  };

  it('says which of how many, how long it takes and how long it took last time', async () => {
    let text = 'a';
    const steps = [step('etcd', 65, async () => ({ text })), step('coredns', 0)];
    await run(steps);
    text = 'b';
    await run(steps);
    expect(said).to.deep.equal([
      '[1/2] the etcd',
      '      still at it, 30s',
      '      still at it, 1m',
      '      done in 1m5s',
      '[2/2] the coredns',
      '      done in 1s',
      '[1/2] the etcd (last time 1m5s)',
      '      still at it, 30s',
      '      still at it, 1m',
      '      done in 1m5s',
      '[2/2] the coredns: built already',
    ]);
  });

  it('asks for the inputs of a step when those before it are finished, and makes again what depends on a change', async () => {
    let text = 'a';
    const depends: Step['inputs'] = async (output): Promise<Inputs> => ({ from: output('etcd') });
    const steps = [step('etcd', 0, async () => ({ text })), step('coredns', 0, depends), step('mock', 0)];
    await run(steps);
    text = 'b';
    await run(steps);
    text = 'a';
    const output = await run(steps);
    expect(made).to.deep.equal(['etcd', 'coredns', 'mock', 'etcd', 'coredns']);
    expect(output('etcd').startsWith(join(cache, 'etcd-'))).to.equal(true);
    expect(() => output('pause')).to.throw('step pause is not finished');
  });

  it('goes on after a kill in any step with that step', async () => {
    const names: StepName[] = ['envoy', 'kubernetes', 'etcd', 'mock', 'image-mock'];
    for (const [index, torn] of names.entries()) {
      await rm(cache, { recursive: true });
      made = [];
      const steps = names.map((name) => step(name, 0));
      const cut: Step = {
        ...step(torn, 0),
        make: async (folder) => {
          await writeFile(join(folder, 'file'), 'half');
          throw new Error('killed');
        },
      };
      const failure = await run(steps.with(index, cut)).catch((error: Error) => error.message);
      expect(failure).to.equal('killed');
      expect(made).to.deep.equal(names.slice(0, index));
      const output = await run(steps);
      expect(made).to.deep.equal(names);
      for (const name of names) expect(await readFile(join(output(name), 'file'), 'utf8')).to.equal(name);
    }
  });

  it('throws away what a build that was killed has left', async () => {
    const { pid } = spawnSync('true');
    await mkdir(join(cache, `etcd-0123456789abcdef.unfinished-${pid}`));
    await run([]);
    expect((await readdir(cache)).sort()).to.deep.equal(['logs']);
  });

  it('gives commands a place for temporary files that goes with a folder that is torn', async () => {
    const seen: (string | undefined)[] = [];
    const cut: Step = {
      ...step('etcd', 0),
      make: async (folder, { run: command }) => {
        await command({ program: 'go', args: [], cwd: '/', env: { A: 'b' }, hint: '' });
        seen.push(folder);
      },
    };
    const ports = { cache, clock, say: () => {}, signal: new AbortController().signal, jobs: 2 };
    await runSteps([cut], { ...ports, run: async ({ env }) => String(seen.push(env?.A, env?.TMPDIR)) });
    expect(seen).to.deep.equal(['b', join(seen[2] ?? '', 'tmp'), seen[2]]);
    expect(seen[2]).to.contain('.unfinished-');
  });

  it('survives a list of durations that was torn', async () => {
    await writeFile(join(cache, 'durations.json'), '{"etcd":');
    await run([step('etcd', 0)]);
    expect(said[0]).to.equal('[1/1] the etcd');
  });
});
