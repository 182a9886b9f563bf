import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultline } from './testing/live-sandbox.ts';

describe('report', () => {
  it('refuses a result that somebody has altered, with its field, and writes nothing', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'faultline-report-'));
    const result = JSON.parse(readFileSync('reports/sample/result.json', 'utf8'));
    result.findings[0].measured = { lo: 0, hi: 1, unit: '](http://evil.example)\n# x' };
    writeFileSync(join(dir, 'result.json'), JSON.stringify(result));
    const { code, stderr } = await faultline('report', dir);
    expect([code, stderr]).to.deep.equal([
      2,
      `error RUN_FOLDER: ${join(dir, 'result.json')}: findings.0.measured.unit must be equal to one of the allowed values\n` +
        `  What makes it anew: faultline analyze ${dir}\n`,
    ]);
    expect(() => readFileSync(join(dir, 'summary.md'))).to.throw('ENOENT');
    rmSync(dir, { recursive: true });
  });
});
