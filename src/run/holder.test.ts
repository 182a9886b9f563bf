import { expect } from 'chai';
import { describeHolder, holderId, holderText } from './holder.ts';

describe('the holder of a lease', () => {
  it('is written with the address of its CI job where there is one', () => {
    const holder = { id: 'run-1', host: 'ci-7', pid: 42 };
    expect(holderText(holder)).to.equal('run-1/ci-7/42');
    expect(holderText({ ...holder, url: 'https://x/y' })).to.equal('run-1/ci-7/42/https://x/y');
  });

  it('is read back in words, also where somebody else has written it', () => {
    expect(describeHolder('run-1/ci-7/42/https://x/y')).to.equal('run run-1 (process 42 on host ci-7, https://x/y)');
    expect(describeHolder('recover-1/ci-7/42')).to.equal('recover-1 (process 42 on host ci-7)');
    expect(describeHolder('dead-man-1/pod/1')).to.equal('dead-man-1 (process 1 on host pod)');
    expect(describeHolder('some other controller')).to.equal('some other controller');
    expect([holderId('run-1/ci-7/42'), holderId('odd')]).to.deep.equal(['run-1', 'odd']);
  });
});
