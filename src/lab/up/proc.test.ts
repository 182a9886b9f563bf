import { expect } from 'chai';
import { bootId, mounts, parseMounts, parseStat, processFigures, residentBytes } from './proc.ts';

/** There is no /proc elsewhere, nor a lab. */
const onLinux = process.platform === 'linux' ? it : () => {};

describe('what /proc says', () => {
  it('reads a process whose name looks like more fields', () => {
    const text = `42 (a) S (b 7) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 7 8 20 0 1 0 987654 1000 250 18446744073709551615\n`;
    expect(parseStat(text)).to.deep.equal({ started: 987_654, cpuTicks: 200 });
  });

  it('reads mounts, with spaces in their paths', () => {
    const text = [
      '36 31 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
      '40 31 254:0 /a /mnt/with\\040space rw shared:1 master:2 - ext4 /dev/vda rw',
    ].join('\n');
    expect(parseMounts(text)).to.deep.equal([
      { point: '/sys/fs/cgroup/memory', type: 'cgroup', options: ['rw', 'memory'] },
      { point: '/mnt/with space', type: 'ext4', options: ['rw'] },
    ]);
  });

  onLinux('knows this very process, and none that does not exist', () => {
    expect(processFigures(process.pid)?.started).to.be.greaterThan(0);
    expect(residentBytes(process.pid)).to.be.greaterThan(10_000_000);
    expect(processFigures(2 ** 30)).to.equal(undefined);
    expect(residentBytes(2 ** 30)).to.equal(0);
    expect(bootId()).to.match(/^[0-9a-f-]{36}$/);
    expect(mounts().map(({ point }) => point)).to.include('/');
  });
});
