import { expect } from 'chai';
import type { HistoryEvent, TouchedObject } from '../../model/history.ts';
import { down, due, edit, timedOut } from '../testing/edits.ts';
import { findingOf, type Handmade, historyOf, judged, recovering } from '../testing/handmade.ts';

const EXPECT: NonNullable<Handmade['expect']> = { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };
const run = recovering({ expect: EXPECT });
const key = (event: HistoryEvent): string =>
  [event.type, 'phase' in event ? event.phase : '', event.type === 'fault' ? event.step : ''].join(' ');

describe('rules: a history with holes', () => {
  const without = (lost: number) =>
    judged({ ...run, history: (events) => events.filter((_, index) => index !== lost) });

  it('S6 no event can be lost from it without a word, whichever', async () => {
    expect((await judged(run)).verdict).to.equal('pass');
    const events = historyOf(run);
    for (const [index, event] of events.entries()) {
      const result = await without(index);
      expect(result.verdict, key(event)).not.to.equal('pass');
      if (index === events.length - 1) continue;
      expect(findingOf(result, 'loadQuality/load').cause, key(event)).to.contain(
        '1 event of the history cannot be read',
      );
    }
  });

  it('S6 what the rest shows to fail, fails', async () => {
    const records = down(0, 12, 20);
    for (const lost of ['phase-start recover ', 'endpoints  ', 'leftovers  ']) {
      const history = (events: HistoryEvent[]) => events.filter((event) => key(event) !== lost);
      const result = await judged({ ...run, records, history });
      expect(findingOf(result, 'recoveryTime/entry@tokyo/north-a').verdict, lost).to.equal('fail');
    }
  });

  it('S6 a fault of which later steps stand there was injected, whatever is lost before them', async () => {
    const callers = { 'north-a': { away: [10.2, 32] } } as const;
    const history = (events: HistoryEvent[]) => events.filter((event) => !key(event).endsWith(' requested'));
    const result = await judged({
      ...run,
      callers,
      history,
      expect: { steadyState: { goodAtLeast: 0.99, sameZoneAtLeast: 0.99 } },
    });
    expect(result.verdict).to.equal('inconclusive');
    expect(findingOf(result, 'steadyState/sameZone').verdict).to.equal('pass');
  });

  it('S6 without a recover phase nobody saw the end, although no event is missing', async () => {
    for (const phases of [['recover'], ['baseline', 'inject', 'hold', 'undo', 'recover']]) {
      const history = (events: HistoryEvent[]) =>
        events
          .filter((event) => !('phase' in event && phases.includes(event.phase)))
          .map((event, seq): HistoryEvent => ({ ...event, seq }));
      const after = findingOf(await judged({ ...run, history }), 'steadyState/after');
      expect([after.verdict, after.cause]).to.deep.equal(['inconclusive', 'the history has no recover phase']);
    }
  });

  it('S6 where not everything was put back no phase is lost: the run has ended with its undo, and says so', async () => {
    const history = (events: HistoryEvent[]) =>
      events
        .filter((event) => !('phase' in event && event.phase === 'recover'))
        .map((event, seq): HistoryEvent => {
          const isUndo = event.type === 'fault' && event.step === 'undone';
          return isUndo ? { ...event, seq, step: 'undo-conflict', detail: 'it is gone' } : { ...event, seq };
        });
    const { verdict, story, cause, hint } = findingOf(await judged({ ...run, history }), 'steadyState/after');
    expect([verdict, cause]).to.match(/^inconclusive,\S+ not put back$/);
    expect(story).to.match(/^Not everything was put back \(\S+\), so the run has ended with its undo/);
    expect(hint).to.match(/^Finish the undo first/);
  });

  it('S6 a run that did not get there needs none', async () => {
    const stopped = await judged({ expect: EXPECT, status: 'interrupted' });
    expect(stopped.findings.some(({ id }) => id === 'steadyState/after')).to.equal(false);
  });
});

describe('rules: what was put back', () => {
  const object: TouchedObject = {
    cluster: 'tokyo',
    kind: 'Deployment',
    namespace: 'default',
    name: 'mockb-north-a',
    change: 'patch image',
    before: 'a',
    during: 'b',
    state: 'put-back',
  };
  const undoneWith = (objects: readonly TouchedObject[] | undefined) =>
    judged({
      ...run,
      history: (events) =>
        events.map((event): HistoryEvent => {
          if (event.type !== 'fault' || event.step !== 'undone') return event;
          const { objects: _, ...rest } = event;
          return objects === undefined ? rest : { ...rest, objects };
        }),
    });
  const verdictWith = async (objects: readonly TouchedObject[] | undefined) =>
    findingOf(await undoneWith(objects), 'putBack/clusters').verdict;

  it('W8 counts what was read back, and not the word alone', async () => {
    expect(await verdictWith([{ ...object, after: 'a' }])).to.equal('pass');
    expect(await verdictWith([{ ...object, state: 'one-shot' }])).to.equal('pass');
    expect(await verdictWith([])).to.equal('pass');
    expect(await verdictWith([object])).to.equal('fail');
    expect(await verdictWith([{ ...object, after: 'b' }])).to.equal('fail');
    expect(await verdictWith(undefined)).to.equal('fail');
  });

  it('W8 says first what finishes an undo that is not over, and then what takes away the rest', async () => {
    const left: { ref: string; command: string; held?: string } = { ref: 'pod/x', command: 'kubectl delete pod x' };
    const hintWith = async (commands: readonly string[], objects: readonly (typeof left)[]) => {
      const history = (events: HistoryEvent[]) =>
        events.map((event): HistoryEvent => {
          if (event.type === 'leftovers') return { ...event, objects };
          if (event.type !== 'fault' || event.step !== 'undone') return event;
          return { ...event, step: 'undo-failed', detail: 'Deployment d is paused', commands };
        });
      return findingOf(await judged({ ...run, history }), 'putBack/clusters');
    };
    const open = await hintWith(['kubectl resume d', 'faultline recover'], [left]);
    expect(open.hint).to.equal('kubectl resume d, then faultline recover');
    expect(open.story)
      .to.contain('Deployment d is paused')
      .and.match(/objects? left behind: pod.x/);
    expect((await hintWith([], [left])).hint).to.equal('kubectl delete pod x');
    const held = await hintWith([], [{ ...left, held: 'is held by y' }]);
    expect(held.story).to.contain('left behind: pod/x, which is held by y');
    expect((await hintWith([], [])).hint).to.contain('faultline recover --run');
  });
});

describe('rules: a generator that stood still', () => {
  const stall: Handmade['events'] = (history) => history.at(20.1e6, { type: 'load-stall', from: 18e6, to: 20e6 });
  const path = 'entry@tokyo/north-b';
  const EXPECTED: Handmade['expect'] = { ...EXPECT, unaffected: { except: [{ zone: 'north-a' }] } };
  const bad = async (from: number, to: number, change: Parameters<typeof edit>[2], events?: Handmade['events']) => {
    const made: Handmade = { expect: EXPECTED, records: (all) => edit(all, due(1, from, to), change) };
    const result = await judged(events === undefined ? made : { ...made, events });
    const tally = result.budget.paths.find((row) => row.path === path);
    return [tally?.bad, tally?.unknown, findingOf(result, `unaffected/${path}`).verdict];
  };
  const readLate = (record: Parameters<Parameters<typeof edit>[2]>[0]) => ({ ...record, end: 20_050_000 });
  const hung = (until: number) => (record: Parameters<Parameters<typeof edit>[2]>[0]) =>
    timedOut(record, until * 1e6 - record.due);

  it('R3 answers that lay unread while it stood still say nothing', async () => {
    expect(await bad(17.5, 18, readLate, stall)).to.deep.equal([0, 10, 'inconclusive']);
    expect(await bad(17.5, 18, hung(20.05), stall)).to.deep.equal([0, 10, 'inconclusive']);
    expect((await bad(17.5, 18, readLate))[2]).to.equal('fail');
  });

  it('R3 a stall excuses no more than its own time', async () => {
    expect(await bad(16.4, 16.9, readLate, stall), 'too late before it began').to.deep.equal([10, 0, 'fail']);
    expect(await bad(19.5, 20, (record) => timedOut(record), stall), 'too late after it ended').to.deep.equal([
      10,
      0,
      'fail',
    ]);
    expect(await bad(22, 22.5, (record) => timedOut(record), stall), 'elsewhere').to.deep.equal([10, 0, 'fail']);
    const refused = (record: Parameters<Parameters<typeof edit>[2]>[0]) => ({ ...readLate(record), status: 503 });
    expect(await bad(17.5, 18, refused, stall), 'an answer that says no').to.deep.equal([10, 0, 'fail']);
  });

  it('R3 a timeout that fired long after its time shows the stall by itself', async () => {
    expect(await bad(17.5, 18, hung(20.4))).to.deep.equal([0, 10, 'inconclusive']);
    expect(await bad(17.5, 18, (record) => timedOut(record, 2.2e6))).to.deep.equal([10, 0, 'fail']);
  });
});
