import { expect } from 'chai';
import { ManualClock } from '../testing/manual-clock.ts';
import { ContainerUse, PodLoad } from './pod-load.ts';

describe('the load of a pod', () => {
  it('throttles all of it when what is wanted is more than its limit', () => {
    const load = new PodLoad();
    load.busy = 1;
    expect(load.waitMs(2, () => 0)).to.equal(0);
    expect(
      load.waitMs(undefined, () => 0),
      'a node has eight cores',
    ).to.equal(0);
    // A quarter of what two processes want: three quarters of each period.
    expect([0, 0.5, 0.75, 0.99].map((at) => load.waitMs(0.5, () => at))).to.deep.equal([75, 25, 0, 0]);
  });

  it('is counted for each container by itself, and goes with what made it', async () => {
    const clock = new ManualClock();
    const load = new PodLoad();
    const [one, other] = [new ContainerUse(clock, load, 2), new ContainerUse(clock, load, undefined)];
    const releases = [one.occupy(), one.occupy(), other.hold(5)];
    await clock.advance(1_000);
    expect([load.busy, one.file('/sys/fs/cgroup/cpu.stat')]).to.deep.equal([2, 'usage_usec 2000000\n']);
    expect(other.file('/sys/fs/cgroup/memory.current')).to.equal('5\n');
    releases.push(one.occupy(), one.occupy());
    await clock.advance(1_000);
    expect(one.file('/sys/fs/cgroup/cpu.stat'), 'no more than the pod may').to.equal('usage_usec 4000000\n');
    for (const release of releases) release();
    await clock.advance(1_000);
    expect([load.busy, one.file('/sys/fs/cgroup/cpu.stat')]).to.deep.equal([0, 'usage_usec 4000000\n']);
    expect([other.bytes, other.file('/etc/hosts')]).to.deep.equal([0, undefined]);
  });
});
