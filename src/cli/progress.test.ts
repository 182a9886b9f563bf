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
    show: () => {},
    say: (text) => said.push(String(text)),
    block: String,
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

/** The block that a terminal would show. */
function block(shown: RunProgress, color: boolean): string {
  const texts: string[] = [];
  const out: Console = {
    ...plain().out,
    live: true,
    block: (text) => {
      texts.push(typeof text === 'string' ? text : text({ color, width: 80 }));
      return '';
    },
  };
  openProgress(out).onProgress(shown);
  return texts.join('\n');
}

describe('live progress', () => {
  it('shows how much of the phase is over, and how each path goes', () => {
    expect(block(progress('hold', 9_000), false).split('\n')).to.deep.equal([
      '[###-------] hold 9s of 30s, active: swap',
      '  entry@tokyo/a    5/s  90% good 1 bad  ',
      '  entry@tokyo/a    5/s  90% good 1 bad  ',
    ]);
    expect(block(progress('hold', 45_000), false)).to.match(/^\[#{10}\] hold 45s of 30s/);
  });

  it('has red where requests are bad now, green where none is, and no colour of anybody else', () => {
    const shown = progress('hold', 9_000);
    const [path] = shown.load?.paths ?? [];
    if (path === undefined) throw new Error('no path');
    const hostile = { ...path, recentBad: 0, recentServing: { '\u001b[31mmocka': { '\u001b[32mzone': 9 } } };
    const [head, bad, good] = block({ ...shown, load: { paths: [path, hostile] } }, true).split('\n');
    expect(head).to.contain('\u001b[1mhold 9s');
    expect(bad).to.contain('\u001b[31m 90% good\u001b[0m');
    expect(good).to.contain('\u001b[32m100% good\u001b[0m').and.not.contain('\u001b[31m');
    expect(good?.split('\u001b')).to.have.length(3);
  });
});

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
      { ...STAMP, type: 'leftovers', cluster: 'tokyo', objects: [] },
      { ...STAMP, type: 'leftovers', cluster: 'kobe', objects: [], unread: 'no answer' },
      { ...STAMP, type: 'notice', level: 'error', text: 'recover\n  12.4s  all is well' },
    ];
    for (const event of events) view.onEvent(event);
    expect(said).to.deep.equal([
      '  12.3s  phase inject',
      '  12.3s  fault swap: proven (seen)',
      '  12.3s  fault swap: NOT UNDONE (no answer)',
      '  12.3s  steady state DOES NOT HOLD: 3 of 9',
      '  12.3s  warning: copies of what carried the mark of this run could not be looked for in kobe: no answer',
      '  12.3s  error: recover\\n  12.4s  all is well',
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
