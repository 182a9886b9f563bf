import { expect } from 'chai';
import { exitReason } from './exit-reason.ts';

describe('load/k6/local/exit-reason', () => {
  it('has words for the ends of k6', () => {
    expect(exitReason(107, null)).to.equal('exit code 107, the script failed while it was loaded');
    expect(exitReason(99, null)).to.equal('exit code 99, a threshold of the script was crossed');
    expect(exitReason(98, null)).to.equal('exit code 98, a code that is not known');
    expect(exitReason(null, null)).to.equal('signal unknown');
    expect(exitReason(7, null)).to.equal('exit code 7, a code that is not known');
    expect(exitReason(null, 'SIGKILL')).to.equal('signal SIGKILL');
  });
});
