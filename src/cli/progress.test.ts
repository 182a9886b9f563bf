import { expect } from 'chai';
import type { HistoryEvent } from '../model/history.ts';
import type { RunProgress } from '../run/wiring.ts';
import type { Console } from './output.ts';
import { openProgress } from './progress.ts';

const STAMP = { seq: 1, t: 12_345_678, wall: '2026-11-22T09:00:12.345Z' };

function plain(): { said: string[]; out: Console } {
  const said: string[] = [];
  const out: Console = {
    json: false,
    live: false,
    data: () => {},
    say: (text) => said.push(String(text)),
  };
  return { said, out };
}

function progress(phase: RunProgress['phase'], elapsedMs: number): RunProgress {
  const path = {
    path: 'entry@tokyo/a',
    sent: 50,
    good: 49,
    bad: 1,
    unknown: 0,
    dropped: 0,
    recentGood: 9,
    recentBad: 1,
    recentServing: {},
  };
  return { phase, elapsedMs, lastsMs: 30_000, activeFaults: ['swap'], load: { paths: [path, path] } };
}

describe('plain progress', () => {
  it('says each step of a run once, with its time', () => {
    const { said, out } = plain();
    const view = openProgress(out);
    const events: HistoryEvent[] = [
      { ...STAMP, type: 'phase-start', phase: 'inject' },
      { ...STAMP, type: 'fault', fault: 'swap', step: 'proven', detail: 'seen' },
      { ...STAMP, type: 'fault', fault: 'swap', step: 'undo-failed', detail: 'no answer' },
      { ...STAMP, type: 'steady-state', when: 'before', holds: false, detail: '3 of 9' },
      { ...STAMP, type: 'endpoints', cluster: 'tokyo', endpoints: [] },
      { ...STAMP, type: 'notice', level: 'error', text: 'recover' },
    ];
    for (const event of events) view.onEvent(event);
    expect(said).to.deep.equal([
      '  12.3s  phase inject',
      '  12.3s  fault swap: proven (seen)',
      '  12.3s  fault swap: NOT UNDONE (no answer)',
      '  12.3s  steady state DOES NOT HOLD: 3 of 9',
      '  12.3s  error: recover',
    ]);
  });

  it('says every ten seconds of a phase that it is alive', () => {
    const { said, out } = plain();
    const view = openProgress(out);
    for (let ms = 0; ms <= 25_000; ms += 250) view.onProgress(progress('hold', ms));
    for (let ms = 0; ms <= 12_000; ms += 250) view.onProgress(progress('recover', ms));
    expect(said.map((line) => line.trim())).to.deep.equal([
      'hold 10s of 30s, active: swap; 100 sent, 2 bad',
      'hold 20s of 30s, active: swap; 100 sent, 2 bad',
      'recover 10s of 30s, active: swap; 100 sent, 2 bad',
    ]);
  });
});
