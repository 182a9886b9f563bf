import { expect } from 'chai';
import fc from 'fast-check';
import type { HistoryEvent } from '../../model/history.ts';
import type { Expectations } from '../../model/scenario.ts';
import { OBJECTIVES } from '../objectives/index.ts';
import { openCase } from '../open-case.ts';
import { resultOf } from '../result/result.ts';
import { bigHistory, bigRecords } from '../testing/big-file.ts';
import { down, due, edit } from '../testing/edits.ts';
import { type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { CLASSES, outage } from '../testing/outage.ts';
import { chunks } from '../testing/record-file.ts';
import { faultOn, ORDER, ZONES } from '../testing/world.ts';
import { CalmRun } from './calm-run.ts';

/** What is found, and what is counted of callers and of silence, of which findings show little. */
async function judge(history: readonly HistoryEvent[], records: string) {
  const run = await openCase(history, chunks(records));
  const { callers } = run.listeners;
  const services = ['mocka', 'mockb', 'mockc'];
  return {
    quiet: run.paths.map((path) => run.stages.map(({ index }) => run.listeners.outages.stage(path, index).quiet)),
    callers: services.map((service) => [callers.of(service), callers.answersOf(service)]),
    result: resultOf(run, OBJECTIVES),
  };
}

/** Judges a run as usual, and with every good request counted by itself. */
async function expectSame(history: readonly HistoryEvent[], records: string, name?: string): Promise<void> {
  const together = await judge(history, records);
  const { after } = CalmRun;
  CalmRun.after = () => undefined;
  try {
    expect(together, name).to.deep.equal(await judge(history, records));
  } finally {
    CalmRun.after = after;
  }
}

const time = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const zone = fc.nat(ZONES.length - 1);
const spans = (from: number, to: number) =>
  fc.array(fc.tuple(zone, time(from, to), fc.constantFrom(0.05, 0.3, 0.9, 2.5)), { maxLength: 3 });

const EXPECT: Partial<Expectations> = {
  recoveryTime: { withinMs: 2000, consecutive: 20, lastingMs: 500 },
  failoverOrder: [ORDER],
  unaffected: { except: [{ zone: 'north-a' }] },
  failback: { withinMs: 5000 },
};

/** Two faults one after the other, failures and calls away around their edges, and answers that come after the undo. */
const story = fc
  .record({
    seed: fc.nat(999),
    second: time(14, 24),
    failures: fc.tuple(spans(9, 15), spans(29, 35)),
    /** Relative to the second fault. */
    between: spans(-1, 0.5),
    home: time(29, 36),
    strays: fc.boolean(),
    slow: zone,
    byPath: fc.boolean(),
  })
  .map(({ seed, second, failures, between, home, strays, slow, byPath }): Handmade => {
    const step = { type: 'fault', fault: 'north-b' } as const;
    const late = due(slow, 29, 30);
    return recovering({
      seed,
      headers: [{ ...faultOn('north-b'), name: step.fault }],
      callers: { 'north-a': { away: [10.2, home] }, 'north-b': { away: [second + 0.2, home] } },
      place: (t) => (strays && Math.floor(t / 200_000) % 5 === 0 ? 'south-h' : 'north-c'),
      expect: EXPECT,
      events: (history) => {
        history
          .at(second * 1e6, { ...step, step: 'requested' })
          .at((second + 0.1) * 1e6, { ...step, step: 'acknowledged' })
          .at((second + 0.6) * 1e6, { ...step, step: 'proven', effective: Math.round((second + 0.3) * 1e6) })
          .at(30e6, { ...step, step: 'undo-requested' })
          .at(31e6, { ...step, step: 'undone', objects: [] });
      },
      records: (all) => {
        const broken = [
          ...failures.flat(),
          ...between.map(([path, from, length]) => [path, second + from, length] as const),
        ].reduce((some, [path, from, length]) => down(path, from, from + length)(some), all);
        const some = edit(broken, late, (record) => ({ ...record, end: Math.max(record.end, 30.2e6) }));
        return byPath ? some.toSorted((a, b) => a.path - b.path) : some;
      },
    });
  });

describe('analysis: calm runs', () => {
  for (const kind of CLASSES) {
    it(`${kind}: requests that are counted together give what they give one by one`, () => {
      const { history, records, name } = outage(kind, 101);
      return expectSame(history, records, name);
    });
  }

  it('two faults, failures and strays around every edge', () =>
    fc.assert(
      fc.asyncProperty(story, (run) => expectSame(historyOf(run), recordsOf(run).file)),
      { numRuns: 20 },
    ));

  it('several chains of a place, in buckets of the series that grow', async () => {
    const shape = { records: 60_000, paths: 3, faults: 2, services: 3, chainsPerPlace: 4, seconds: 200 };
    // The history is shorter than the load, and the records of one path lie behind those of the others.
    const history = bigHistory({ ...shape, seconds: 40 }).filter(({ type }) => type !== 'run-end');
    const lines = [...bigRecords(shape)].join('').split('\n');
    const isLast = (line: string): boolean =>
      line.startsWith('{"p":0,') && Number(/"due":(\d+)/.exec(line)?.[1]) > 30.15e6;
    const late = lines.filter(isLast).map((line, i) => (i < 5 ? line.replace(/"t1":\d+/, '"t1":30400000') : line));
    const sorted = [...lines.filter((line) => !isLast(line)), ...late];
    await expectSame(history, `${sorted.filter((line) => line !== '').join('\n')}\n`);
  });
});
