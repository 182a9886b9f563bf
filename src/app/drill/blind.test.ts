import { expect } from 'chai';
import type { UnstampedEvent } from '../../model/ports.ts';
import { type Blind, recordBlind } from './blind.ts';

const STAMP = { seq: 0, t: 0, wall: '' };

/** What a run that began at 1 s writes when these stretches are told. */
function written(...told: Blind[]): (UnstampedEvent | { readonly from: number; readonly to: number })[] {
  const events: ReturnType<typeof written> = [];
  const append = (event: UnstampedEvent) => {
    events.push(event);
    return STAMP;
  };
  const watch = (_within: number, onBlind: (blind: Blind) => void) => {
    for (const one of told) onBlind(one);
    return { settle: async () => {}, end: () => {} };
  };
  recordBlind(watch, 1000, { append, zero: 1_000_000 }, (stretch) => void events.push(stretch));
  return events;
}

describe('blind stretches in the history', () => {
  it('are on the run clock, whoever listens is told, and people hear of the first', () => {
    const detail = 'the sandbox stood still for 1.2s (this machine is overloaded)';
    expect(
      written({ from: 3_000_000, to: 4_200_000, detail }, { from: 8_000_000, to: 9_000_000, detail: 'again' }),
    ).to.deep.equal([
      { type: 'blind', from: 2_000_000, to: 3_200_000, detail },
      { from: 2_000_000, to: 3_200_000 },
      { type: 'notice', level: 'warning', text: `${detail}: what failed then is not judged` },
      { type: 'blind', from: 7_000_000, to: 8_000_000, detail: 'again' },
      { from: 7_000_000, to: 8_000_000 },
    ]);
  });

  it('begin with the run', () => {
    const [before, after] = [
      { from: 0, to: 900_000, detail: 'before' },
      { from: 900_000, to: 1_500_000, detail: 'into it' },
    ];
    expect(written(before)).to.deep.equal([]);
    expect(written(before, after)[0]).to.deep.equal({ type: 'blind', from: 0, to: 500_000, detail: 'into it' });
  });

  it('do not exist where the target is no process of ours', async () => {
    const append = () => expect.fail('nothing to write');
    const watch = recordBlind(undefined, 1000, { append, zero: 0 }, () => expect.fail('nobody to tell'));
    await watch.settle();
    watch.end();
  });
});
