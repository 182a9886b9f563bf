import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { virtualClock } from '../../run/testing/virtual-clock.ts';
import { takeBackChanges } from './mesh-changes.ts';

describe('what a run has changed in the lab', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-changes-'));
  after(() => rmSync(folder, { recursive: true }));

  it('has no line that was torn before anything was changed, so that the next one stands alone', async () => {
    const file = join(folder, 'changed-objects.ndjson');
    writeFileSync(file, '{"cluster":"tokyo","ref":{"api');
    await takeBackChanges({ folder, clock: virtualClock() });
    expect(existsSync(file)).to.equal(false);
    await takeBackChanges({ folder, clock: virtualClock() });
  });
});
