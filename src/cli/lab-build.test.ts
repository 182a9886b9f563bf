import { expect } from 'chai';
import type { FaultlineError } from '../model/errors.ts';
import { labBuild } from './commands/lab.ts';
import { program } from './program.ts';

describe('faultline lab build', () => {
  const refusal = (options: Omit<Parameters<typeof labBuild>[1], 'output'>): Promise<FaultlineError> =>
    labBuild([], { output: 'text', ...options }).then(
      () => expect.fail(`${JSON.stringify(options)} was taken`),
      (error: FaultlineError) => error,
    );

  it('refuses what it cannot build before it looks at the machine', async () => {
    const version = await refusal({ kubernetes: '1.35' });
    expect(version.code).to.equal('USAGE');
    expect(version.message).to.equal('--kubernetes 1.35: the lab cannot be built with that');
    for (const jobs of ['0', '-1', '1.5', 'many', '']) {
      const error = await refusal({ jobs });
      expect(error.code).to.equal('USAGE');
      expect(error.message).to.equal(`--jobs ${jobs} is no number of jobs`);
    }
  });

  it('is a command with these options', () => {
    const lab = program().commands.find((command) => command.name() === 'lab');
    const build = lab?.commands.find((command) => command.name() === 'build');
    expect(build?.options.map(({ long }) => long)).to.deep.equal(['--kubernetes', '--envoy', '--jobs', '--output']);
  });

  it('has beside it one that takes a topology as sandbox up does', () => {
    const option = (group: string) => {
      const commands = program().commands.find((command) => command.name() === group)?.commands;
      const up = commands?.find((command) => command.name() === 'up');
      return up?.options.find(({ long }) => long === '--topology');
    };
    expect(option('lab')?.defaultValue).to.equal('multi-region');
    expect(option('lab')?.argChoices).to.include('two-networks');
    expect(option('lab')?.argChoices).to.deep.equal(option('sandbox')?.argChoices);
  });
});
