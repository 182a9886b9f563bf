import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createJournal, openJournal, readJournal } from '../../store/journal-file.ts';
import { Disk } from '../testing/crash/disk.ts';
import { Process } from '../testing/crash/process.ts';
import { openedBy, run } from '../testing/crash/steps.ts';
import { drills, onSystem, RUN, System } from '../testing/crash/system.ts';

describe('a loss of power', () => {
  let out: string;
  let disk: Disk;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-power-'));
    disk = new Disk();
  });
  afterEach(() => {
    disk.end();
    rmSync(out, { recursive: true, force: true });
  });

  it('takes nothing of a journal that was written before it, whenever it comes', async () => {
    const twice = (await drills()).find(({ title }) => title === 'imageSwap and scale');
    if (twice === undefined) throw new Error('no such drill');
    const system = new System();
    const runner = new Process(RUN, system);
    const planned = onSystem(twice, system, runner);
    await run(planned, runner);
    const opened = openedBy(planned);
    const path = join(out, 'journal.ndjson');
    const left = join(out, 'left.ndjson');
    const readLeft = () => {
      writeFileSync(left, disk.after(path) ?? '');
      return readJournal(left).entries;
    };
    createJournal(path, opened).close();
    expect(readLeft()).to.deep.equal([opened]);
    expect(runner.entries).to.have.length.above(8);
    const journal = openJournal(path);
    for (const [at, entry] of runner.entries.entries()) {
      journal.append(entry);
      expect(readLeft(), `entry ${at + 1}`).to.deep.equal([opened, ...runner.entries.slice(0, at + 1)]);
    }
    journal.close();
    expect(disk.after(path)).to.equal(readFileSync(path, 'utf8'));
  });
});
