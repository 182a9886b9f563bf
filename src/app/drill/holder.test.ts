import { hostname } from 'node:os';
import { expect } from 'chai';
import { holderOf } from './holder.ts';

describe('who holds a lease', () => {
  const here = `run-1/${hostname()}/${process.pid}`;

  it('is told by run, host and process, and by the CI job where there is one', () => {
    const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'o/r', GITHUB_RUN_ID: '7' };
    expect(holderOf('run-1', {})).to.equal(here);
    expect(holderOf('run-1', github)).to.equal(`${here}/https://github.com/o/r/actions/runs/7`);
    expect(holderOf('run-1', { CI_JOB_URL: 'https://gitlab.example/j/7' })).to.equal(
      `${here}/https://gitlab.example/j/7`,
    );
    expect(holderOf('run-1', { BUILD_URL: 'http://jenkins/7/' })).to.equal(`${here}/http://jenkins/7/`);
  });

  it('takes nothing from an environment that would not stand in one line', () => {
    for (const url of [
      'javascript:alert(1)',
      'https://x/\n::error::',
      'https://x/\u001b[2J',
      `https://${'x'.repeat(400)}`,
      '',
    ]) {
      expect(holderOf('run-1', { CI_JOB_URL: url })).to.equal(here);
    }
  });
});
