import { expect } from 'chai';
import { findingOf, type Handmade, judged } from './testing/handmade.ts';
import type { HistoryBuilder } from './testing/history-builder.ts';
import { clusterOf, ORDER, pathOf, ZONES } from './testing/world.ts';

const RECOVERY = { withinMs: 5000, consecutive: 5, lastingMs: 1000 };
const NORTH_A = pathOf('north-a');

/** One proxy of each zone; `ejected`: what it held before its statistics went, at a time or never. */
function proxies(history: HistoryBuilder, goneAt: number | undefined): void {
  for (const zone of ZONES) {
    const row = {
      type: 'ejections',
      cluster: clusterOf(zone),
      pod: `mocka-${zone}-0`,
      podNamespace: 'default',
      zone,
      service: 'mockb',
      namespace: 'default',
      port: 8000,
      overflow: 0,
    } as const;
    history.at(1e6, { ...row, active: 0, enforcedTotal: 0 });
    const enforcedTotal = zone === 'north-a' ? 2 : 0;
    if (enforcedTotal > 0) history.at(11e6, { ...row, active: 2, enforcedTotal });
    if (goneAt !== undefined) history.at(goneAt * 1e6, { ...row, active: 0, enforcedTotal, gone: true });
  }
}

describe('analysis: an outlierDetection that is taken away', () => {
  const run = (goneAt: number | undefined, more: Handmade = {}) =>
    judged({
      expect: { recoveryTime: RECOVERY, failoverOrder: [ORDER], failback: { withinMs: 5000 } },
      callers: {
        'north-a': {
          failures: [
            [10.2, 10.5],
            [20, 30],
          ],
          away: [10.2, 45],
        },
      },
      events: (history) => proxies(history, goneAt),
      ...more,
    });

  it('is the reason of what failed then, by its time and by who lost it', async () => {
    const result = await run(20);
    const recovery = findingOf(result, `recoveryTime/${NORTH_A}`);
    expect(recovery.verdict).to.equal('fail');
    expect(recovery.cause).to.contain(
      '5 of 5 calling proxies lost outlierDetection for mockb 10.00 s after the injection',
    );
    expect(recovery.hint).to.contain('DestinationRule');
    const home = findingOf(result, 'failback/mockb/north-a');
    expect(home.verdict).to.equal('fail');
    expect(home.hint).to.equal(recovery.hint);
  });

  it('counts although it came before the injection', async () => {
    const { cause } = findingOf(await run(9.6), `recoveryTime/${NORTH_A}`);
    expect(cause).to.contain('lost outlierDetection for mockb 0.400 s before the injection');
  });

  it('is no reason where it came after the undo, or not at all', async () => {
    for (const goneAt of [30.5, undefined]) {
      expect(findingOf(await run(goneAt), `recoveryTime/${NORTH_A}`).cause).to.not.contain('lost');
    }
  });

  it('does not make what passed fail', async () => {
    const result = await run(20, { callers: { 'north-a': { failures: [[10.2, 10.5]], away: [10.2, 32] } } });
    expect(findingOf(result, `recoveryTime/${NORTH_A}`).verdict).to.equal('pass');
  });
});
