import { expect } from 'chai';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { visibleText } from '../testing/markup.ts';
import { FIXTURES } from '../testing/results/index.ts';
import { viewOf } from '../view.ts';
import { verdictSection } from './verdict.ts';

const pass = FIXTURES.pass ?? expect.fail('pass');

function said(annotations: Readonly<Record<string, string>>): string {
  const { run } = pass;
  const result = { ...pass, run: { ...run, scenario: { ...run.scenario, annotations } } };
  return visibleText(verdictSection(viewOf(result, OBJECTIVES)).text).replace(/\s+/g, ' ');
}

describe('report/verdict', () => {
  it('shows what the annotations of the scenario say, but for those that tell the sandbox what to apply', () => {
    const text = said({ owner: 'team mesh', ticket: 'DR-17', 'sandbox.faultline.dev/apply': 'rules.yaml' });
    expect(text).to.include('owner team mesh').and.to.include('ticket DR-17').and.to.not.include('rules.yaml');
  });

  it('has a line to sign for the paper copy', () => {
    expect(said({})).to.include('Approved by:');
  });
});
