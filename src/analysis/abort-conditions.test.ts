import { expect } from 'chai';
import { abortReason } from '../model/abort.ts';
import { type Handmade, judged } from './testing/handmade.ts';

const MET = {
  type: 'abort-condition',
  condition: 'errorShare',
  measured: '60 of 100 requests of entry were bad (60%)',
  since: 12e6,
  limit: '50% within 10s',
  graceMs: 10_000,
} as const;

const REASON = `stopped by its abort condition ${abortReason(MET)}`;

const aborted: Handmade = {
  status: 'aborted',
  reason: REASON,
  times: { undo: 22 },
  events: (history) => history.at(22e6, { ...MET, ends: true }),
};

describe('analysis: a run that an abort condition has ended', () => {
  it('says first which condition, what was measured, since when, and what was allowed', async () => {
    const result = await judged(aborted);
    expect(result.reason).to.match(/^The run was aborted \(stopped by its abort condition errorShare: /);
    expect(result.reason).to.contain(
      '60 of 100 requests of entry were bad (60%) since 12.0 s after the start, limit 50% within 10s',
    );
    expect(result.story.map(({ at, text }) => ({ at, text }))).to.deep.include({
      at: 22e6,
      text: `Abort condition ${abortReason(MET)}: the run was ended.`,
    });
  });

  it('never passes, and exits with 4', async () => {
    const { verdict, status, exitCode, abortConditions } = await judged(aborted);
    expect({ status, exitCode }).to.deep.equal({ status: 'aborted', exitCode: 4 });
    expect(verdict).to.not.equal('pass');
    const { type: _, ...met } = MET;
    expect(abortConditions).to.deep.equal([{ ...met, at: 22e6, ends: true }]);
  });

  it('is told from one whose condition was met only in its undo, which is judged as any other', async () => {
    const plain = await judged({});
    const result = await judged({ events: (history) => history.at(30.5e6, { ...MET, ends: false }) });
    expect([result.verdict, result.exitCode]).to.deep.equal([plain.verdict, plain.exitCode]);
    expect(plain).to.not.have.property('abortConditions');
    expect(result.abortConditions?.map(({ ends }) => ends)).to.deep.equal([false]);
    expect(result.story.find(({ text }) => text.includes('Abort condition'))?.text).to.match(
      /the undo had begun, so that nothing was ended by it\.$/,
    );
  });
});
