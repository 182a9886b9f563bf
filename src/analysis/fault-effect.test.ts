import { expect } from 'chai';
import type { FaultStep } from '../model/history.ts';
import { findingOf, judged } from './testing/handmade.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';

const ID = 'faultEffect/mockb-north-a';

/** The runner looks again during hold and writes what it finds. */
const look =
  (step: FaultStep, t: number, detail?: string) =>
  (history: HistoryBuilder): void =>
    void history.at(t * 1e6, {
      type: 'fault',
      fault: 'mockb-north-a',
      step,
      ...(detail !== undefined && { detail }),
    });

describe('analysis: a fault that somebody reverts', () => {
  const expectations = { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };

  it('is inconclusive and says when it was found off, although it was proven', async () => {
    const result = await judged({ expect: expectations, events: look('not-proven', 20.3, 'the old image is back.') });
    const finding = findingOf(result, ID);
    expect([finding.verdict, result.verdict]).to.deep.equal(['inconclusive', 'inconclusive']);
    expect(finding.cause).to.equal(
      'it was found off 10.00 s after its effect and 9.70 s before its undo: the old image is back',
    );
    expect(finding.hint).to.match(/GitOps/);
    expect(result.reason).to.match(/^mockb-north-a did not stay on: it was found off 10\.00 s after its effect/);
    const row = result.evidence.find(({ text }) => /not-proven: the old image is back/.test(text));
    expect(finding.evidence).to.include(row?.id);
    expect(findingOf(result, 'recoveryTime/entry@tokyo/north-a').verdict).to.equal('inconclusive');
  });

  it('stays inconclusive when it came back later', async () => {
    const events = (history: HistoryBuilder): void => {
      look('not-proven', 20)(history);
      look('proven', 22)(history);
    };
    expect(findingOf(await judged({ events }), ID).verdict).to.equal('inconclusive');
  });

  it('holds when it was proven at the second look, and when it went only after the undo was asked for', async () => {
    expect(findingOf(await judged({ events: look('not-proven', 10.2) }), ID).verdict).to.equal('pass');
    expect(findingOf(await judged({ events: look('not-proven', 30.5) }), ID).verdict).to.equal('pass');
  });
});
