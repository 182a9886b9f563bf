import { hostname } from 'node:os';
import { expect } from 'chai';
import { describeHolder, holderId } from '../run/holder.ts';
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

  it('is read back in words, also where somebody else has written it', () => {
    expect(describeHolder('run-1/ci-7/42/https://x/y')).to.equal('run run-1 (process 42 on host ci-7, https://x/y)');
    expect(describeHolder('recover-1/ci-7/42')).to.equal('recover-1 (process 42 on host ci-7)');
    expect(describeHolder('dead-man-1/pod/1')).to.equal('dead-man-1 (process 1 on host pod)');
    expect(describeHolder('some other controller')).to.equal('some other controller');
    expect([holderId('run-1/ci-7/42'), holderId('odd')]).to.deep.equal(['run-1', 'odd']);
  });
});
