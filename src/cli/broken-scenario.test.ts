import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultline } from './testing/live-sandbox.ts';

const FAILOVER = 'scenarios/service-failover.yaml';

describe('a scenario that is none', function () {
  this.timeout(60_000);
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-broken-'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('exit 2: a broken scenario, with every mistake at its place', async () => {
    const file = join(dir, 'broken.yaml');
    writeFileSync(
      file,
      readFileSync(FAILOVER, 'utf8').replace('timeout: 2s', 'timeout: 2').replace('imageSwap', 'imageSwop'),
    );
    const { code, stderr } = await faultline('run', file, '--out', dir);
    expect(code).to.equal(2);
    expect(stderr)
      .to.match(/broken\.yaml:\d+:\d+/)
      .and.to.contain('2s')
      .and.to.contain('imageSwap');
    expect((await faultline('validate', file)).code).to.equal(2);
    expect((await faultline('run', join(dir, 'nobody.yaml'))).code).to.equal(2);
    expect((await faultline('run')).code).to.equal(2);
  });
});
