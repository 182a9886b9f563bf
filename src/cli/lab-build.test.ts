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
});
