import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { touchedObjects } from '../testing/cluster-objects.ts';
import { PROGRAM, requireLab } from '../testing/running-lab.ts';
import { steady } from '../testing/steady.ts';

/** The exit code of each scenario, which is the same against the sandbox. */
const CODES: Readonly<Record<string, number>> = {
  'service-failover': 0,
  'ordinary-service': 0,
  'pod-kill': 0,
  'same-zone-failover': 0,
  'region-failover': 0,
  'no-outlier-detection': 1,
  'zone-blackhole': 0,
  'tight-rto': 1,
  'short-connect-timeout': 0,
};

describe('the scenarios on the lab', function () {
  this.timeout(300_000);
  const out = mkdtempSync(join(tmpdir(), 'faultline-scenarios-'));
  before(requireLab);
  after(() => rmSync(out, { recursive: true, force: true }));

  for (const [name, code] of Object.entries(CODES)) {
    it(`${name} ends with ${code}, and everything is as it was`, async () => {
      await steady();
      const whole = await touchedObjects();
      const args = [...PROGRAM, 'run', `scenarios/${name}.yaml`, '--target', 'lab', '--yes', '--out', out];
      const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(status, stdout).to.equal(code);
      expect(await touchedObjects()).to.deep.equal(whole);
    });
  }
});
