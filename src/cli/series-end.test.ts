import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultline } from './testing/live-sandbox.ts';

describe('the last line of a series', function () {
  this.timeout(30_000);
  let out: string;
  before(() => {
    out = mkdtempSync(join(tmpdir(), 'faultline-series-end-'));
  });
  after(() => rmSync(out, { recursive: true, force: true }));

  const lastLine = (stdout: string) => stdout.trimEnd().split('\n').at(-1);

  it('says the exit code that the process ends with, also where a run has stopped it or there are several', async () => {
    const missing = join(out, 'missing.yaml');
    for (const files of [[missing], [missing, missing]]) {
      const { code, stdout, stderr } = await faultline('run', ...files, '--repeat', '3', '--out', out);
      expect(code, stderr).to.equal(2);
      expect(lastLine(stdout), stdout).to.match(/^faultline (gate|series)=.* exit=2\b/);
    }
    const json = await faultline('run', missing, '--repeat', '3', '--out', out, '--output', 'json');
    expect([json.code, JSON.parse(json.stdout).exitCode]).to.deep.equal([2, 2]);
  });
});
