import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { cpuMeter, cpuTime } from './cpu.ts';

/** Linux counts in hundredths of a second, user and system time apart. */
const BLUR = 40_000;

const usedByUs = () => process.cpuUsage().user + process.cpuUsage().system;

/** Computes until this process has used `micros` more. */
function burn(micros: number): void {
  const end = usedByUs() + micros;
  while (usedByUs() < end);
}

describe('load/k6/local/cpu: what a process takes of this machine', () => {
  if (process.platform !== 'linux') {
    it('is not known where there is no /proc', async () => {
      expect(await cpuTime(process.pid)).to.equal(undefined);
    });
    return;
  }

  it('reads the time a process has used, whatever its name', async () => {
    burn(300_000);
    expect(await cpuTime(process.pid)).to.be.closeTo(usedByUs(), BLUR);
    const before = process.title;
    process.title = 'k6) 7 (x';
    const named = await cpuTime(process.pid);
    process.title = before;
    expect(named).to.be.closeTo(usedByUs(), BLUR);
  });

  it('gives the share since it was last asked', async () => {
    let now = 0;
    const meter = cpuMeter(process.pid, () => now);
    expect(await meter()).to.equal(undefined);
    const before = usedByUs();
    burn(300_000);
    now = 1_000_000;
    const share = await meter();
    expect((share ?? 0) * availableParallelism() * 1_000_000).to.be.closeTo(usedByUs() - before, BLUR);
    expect(await meter()).to.equal(undefined);
  });

  it('knows nothing of a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect(await cpuTime(pid)).to.equal(undefined);
    expect(await cpuMeter(pid, () => 0)()).to.equal(undefined);
  });
});
