import { expect } from 'chai';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import type { RunResult } from '../../model/result.ts';
import { visibleText } from '../testing/markup.ts';
import { FIXTURES } from '../testing/results/index.ts';
import { viewOf } from '../view.ts';
import { recoverySection } from './recovery.ts';

const pass = FIXTURES.pass ?? expect.fail('pass');
const fail = FIXTURES.fail ?? expect.fail('fail');
const text = (result: RunResult): string =>
  visibleText(recoverySection(viewOf(result, OBJECTIVES)).text).replace(/\s+/g, ' ');

describe('report/recovery', () => {
  it('says how late and how long as two figures, with one limit for both', () => {
    expect(text(pass)).to.include(
      'back 0.11 to 0.26 s after T0 out for 0.02 to 0.04 s limit ≤ 5 s for both, 4.74 s to spare',
    );
  });

  it('counts the uncertainty of T0 into the upper end of what it measures itself', () => {
    const { zeroFrom, ...exact } = pass;
    expect(zeroFrom).to.be.a('number');
    expect(text(exact)).to.include('back 0.11 to 0.15 s after T0').and.to.not.include('T0 is known to');
    expect(text(pass)).to.include('T0 is known to 0.114 s: it lies between T0−0.114 s');
  });

  it('shows no margin beside a pass whose figure is not within the limit', () => {
    const findings = pass.findings.map((finding) =>
      finding.objective === 'recoveryTime' ? { ...finding, measured: { lo: 4, hi: 6, unit: 's' as const } } : finding,
    );
    expect(text({ ...pass, findings }))
      .to.include('limit ≤ 5 s for both')
      .and.to.not.match(/missed|spare|inside/);
  });

  it('lists what failed on the way home', () => {
    expect(text(pass)).to.not.include('On the way home');
    expect(text(fail)).to.match(
      /On the way home .* entry@tokyo\/ap-northeast-1b T0\+62\.026 s [\d:.]+ more than 0\.26 s 13/,
    );
  });
});
