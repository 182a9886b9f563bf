import { expect } from 'chai';
import type { LintFinding } from '../lint/finding.ts';
import { countText } from '../lint/words.ts';
import { describeLint, describePlannedLint } from './lint-text.ts';

const finding = (severity: LintFinding['severity'], cluster: string, rule = 'some-rule'): LintFinding => ({
  ...{
    severity,
    rule,
    title: 'what it is',
    why: 'the reason',
    field: 'spec.x',
    what: 'This is so.',
    change: 'Mend it.',
  },
  object: { cluster, kind: 'Service', namespace: 'default', name: 'a' },
});

describe('a lint report as text', () => {
  it('tells each rule once, with every place, and what could not be told', () => {
    const report = { findings: [finding('error', 'tokyo'), finding('error', 'hangzhou')], untold: ['cluster x: no'] };
    expect(describeLint(report)).to.equal(
      [
        'error some-rule: what it is',
        '  tokyo Service default/a: spec.x',
        '    This is so.',
        '    change: Mend it.',
        '  hangzhou Service default/a: spec.x',
        '    This is so.',
        '    change: Mend it.',
        '  why: the reason',
        '',
        '2 errors, 0 warnings, 0 notes',
        'Could not be told:',
        '  cluster x: no',
      ].join('\n'),
    );
  });

  it('counts', () => {
    expect(countText([])).to.equal('Nothing found');
    expect(countText([finding('error', 'a'), finding('info', 'b')])).to.equal('1 error, 0 warnings, 1 note');
  });

  it('is short in a plan: the count and the errors, each place once', () => {
    const findings = [finding('error', 'tokyo'), finding('error', 'tokyo'), finding('warning', 'tokyo', 'other')];
    expect(describePlannedLint({ findings, untold: ['x'] }, 'faultline lint a.yaml')).to.deep.equal([
      'Lint: 2 errors, 1 warning, 0 notes (faultline lint a.yaml)',
      '  error some-rule at tokyo Service default/a',
    ]);
    expect(describePlannedLint('forbidden', 'faultline lint')).to.deep.equal(['Lint: nothing can be told: forbidden']);
  });
});
