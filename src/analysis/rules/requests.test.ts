import { expect } from 'chai';
import fc from 'fast-check';
import { type Chain, type Hop, TRANSPORT_ERRORS } from '../../model/record.ts';
import type { RunResult, Tally } from '../../model/result.ts';
import type { GoodRequest } from '../../model/scenario.ts';
import { analyze } from '../index.ts';
import { ChainTable } from '../ingest/chains.ts';
import { broken, dropped, due, edit, failed, type Pick, timedOut } from '../testing/edits.ts';
import { findingOf, type Handmade, historyOf, judged, recordsOf, recovering } from '../testing/handmade.ts';
import { chunks, type Raw } from '../testing/record-file.ts';
import { CHAIN, ORDER, pathOf } from '../testing/world.ts';

const NORTH_B = 1;
const SECOND = 1e6;
const ID = pathOf('north-b');
/** Everything is promised, so that whatever requests say is heard. */
const PROMISES: Handmade = {
  expect: {
    recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
    failoverOrder: [ORDER],
    unaffected: { except: [{ zone: 'north-a' }] },
    errorBudget: { perPath: 10 },
    failback: { withinMs: 15_000 },
  },
};

/** Some requests of north-b at some time of the stage, after the failover and before the undo. */
const stretch = fc.record({
  seed: fc.integer({ min: 1, max: 1000 }),
  from: fc.integer({ min: 12_000, max: 28_000 }).map((ms) => ms / 1000),
  n: fc.integer({ min: 1, max: 8 }),
});

type Stretch = { readonly seed: number; readonly from: number; readonly n: number };

const picked = ({ from, n }: Stretch): Pick => due(NORTH_B, from, from + n / 20);
const sizeOf = (records: readonly Raw[], is: Pick): number => records.filter(is).length;

async function changed(at: Stretch, change: (record: Raw) => Raw, run: Handmade = PROMISES): Promise<Judged> {
  let n = 0;
  const result = await judged({
    ...run,
    seed: at.seed,
    records: (all) => {
      n = sizeOf(all, picked(at));
      return edit(all, picked(at), change);
    },
  });
  return { result, n };
}

type Judged = { readonly result: RunResult; readonly n: number };

function tallyOf(result: RunResult, id = ID): Tally {
  const { good, bad, unknown } = result.budget.paths.find(({ path }) => path === id) as Tally;
  return { good, bad, unknown };
}

/** 23 seconds of the budget's window at 20 requests a second; one that was under way at the injection comes on top. */
const WHOLE = 460;

function expectTally({ result, n }: Judged, as: 'good' | 'bad' | 'unknown'): void {
  const { good, ...others } = tallyOf(result);
  expect(others).to.deep.equal({ bad: 0, unknown: 0, ...(as !== 'good' && { [as]: n }) });
  expect(good + others.bad + others.unknown).to.be.within(WHOLE, WHOLE + 2);
}

const withChain =
  (change: (chain: Chain) => Chain) =>
  (record: Raw): Raw => ({ ...record, chain: change(record.chain as Chain) });

const LATENCY = SECOND;

describe('rules: requests', () => {
  it('R1 a good request is whole, with its status, its chain, and in time', async () => {
    const good: readonly ((record: Raw) => Raw)[] = [
      (record) => record,
      (record) => ({ ...record, end: record.due + LATENCY }),
      (record) => ({ ...record, start: record.due + 900_000, end: record.due + LATENCY }),
    ];
    await fc.assert(
      fc.asyncProperty(stretch, fc.constantFrom(...good), async (at, change) => {
        const run = await changed(at, change);
        expectTally(run, 'good');
        expect(run.result.verdict).not.to.equal('fail');
      }),
      { numRuns: 12, examples: good.map((change) => [{ seed: 1, from: 20, n: 3 }, change]) },
    );
  });

  it('R1 another status, a chain that is not the asked one behind a 200, or an answer too late is bad', async () => {
    const changes: readonly ((record: Raw) => Raw)[] = [
      ...[100, 199, 201, 204, 301, 404, 429, 500, 503].map((status) => (record: Raw) => ({ ...record, status })),
      withChain((chain) => ({ ...chain, hops: chain.hops.slice(0, 2) })),
      withChain((chain) => ({ ...chain, hops: [] })),
      withChain((chain) => ({ ...chain, rest: 'upstream connect error' })),
      withChain((chain) => ({ ...chain, hops: chain.hops.toReversed() })),
      withChain((chain) => ({ ...chain, hops: [...chain.hops, ...chain.hops.slice(2)] })),
      withChain((chain) => ({ ...chain, hops: chain.hops.map((hop) => ({ ...hop, service: `${hop.service}2` })) })),
      (record) => ({ ...record, chain: undefined }),
      (record) => ({ ...record, end: record.due + LATENCY + 1 }),
    ];
    await fc.assert(
      fc.asyncProperty(stretch, fc.constantFrom(...changes), async (at, change) => {
        expectTally(await changed(at, change), 'bad');
      }),
      { numRuns: 3 * changes.length, examples: changes.map((change) => [{ seed: 1, from: 20, n: 3 }, change]) },
    );
  });

  it('R1 latency counts from the due time', async () => {
    const late = fc.integer({ min: 0, max: 10_000 });
    await fc.assert(
      fc.asyncProperty(stretch, late, fc.integer({ min: 1, max: 10_000 }), async (at, start, over) => {
        const change = (record: Raw): Raw => ({
          ...record,
          start: record.due + start,
          end: record.due + LATENCY + over,
        });
        expectTally(await changed(at, change), 'bad');
      }),
      { numRuns: 8 },
    );
  });

  it('R2 everything else that the target answered, or did not, is bad', async () => {
    const errors = TRANSPORT_ERRORS.filter((error) => error !== 'script');
    for (const [i, error] of errors.entries()) {
      const run = await changed({ seed: i, from: 13 + i, n: 1 + (i % 4) }, (record) => broken(record, error));
      expectTally(run, 'bad');
    }
    expectTally(await changed({ seed: 3, from: 20, n: 4 }, (record) => timedOut(record)), 'bad');
  });
});

/** What makes a request unknown; `file` and `run` change what is around it. */
type Unknown = {
  readonly change?: (record: Raw) => Raw;
  readonly lost?: boolean;
  readonly file?: (text: string) => string;
  readonly events?: Handmade['events'];
};

const MARK = '10.99.0.1';
const marked = withChain((chain) => ({ ...chain, hops: chain.hops.map((hop) => ({ ...hop, ip: MARK })) }));
const chainLine = (text: string): string => text.split('\n').find((line) => line.includes(MARK)) as string;

const UNKNOWNS: Readonly<Record<string, Unknown>> = {
  'never sent': { change: dropped },
  'without a record': { lost: true },
  'late because sent late': {
    change: (record) => ({ ...record, start: record.due + 990_000, end: record.due + 1_200_000 }),
  },
  'late because sent a little late': {
    change: (record) => ({ ...record, start: record.due + 10_001, end: record.due + LATENCY + 1 }),
  },
  'given up because sent late': {
    change: (record) => ({ ...timedOut(record, 1_300_000), start: record.due + 500_001 }),
  },
  'ended by an error of the script': { change: (record) => broken(record, 'script') },
  'with a chain whose line is lost': { change: marked, file: (text) => text.replace(`${chainLine(text)}\n`, '') },
  'with a chain past the table': {
    change: marked,
    file: (text) => {
      const index = /"chain":(\d+)/.exec(chainLine(text))?.[1] ?? '';
      const far = String(2 ** 24 + 1);
      return text.replace(`"chain":${index},`, `"chain":${far},`).replaceAll(`"c":${index},`, `"c":${far},`);
    },
  },
  'bad while the target stood still': {
    change: failed,
    events: (history) => history.at(11e6, { type: 'blind', from: 11e6, to: 29.9e6, detail: 'stood still' }),
  },
};

async function unknown(at: Stretch, { change, lost, file, events }: Unknown, where = picked(at)): Promise<Judged> {
  let n = 0;
  const run: Handmade = {
    ...PROMISES,
    seed: at.seed,
    ...(events !== undefined && { events }),
    records: (all) => {
      n = sizeOf(all, where);
      return lost === true ? all.filter((record) => !where(record)) : edit(all, where, change ?? ((record) => record));
    },
  };
  const text = recordsOf(run).file;
  return { result: await analyze(historyOf(run), chunks(file?.(text) ?? text)), n };
}

const verdictOf = (result: RunResult, id: string): string => findingOf(result, id).verdict;

describe('rules: unknown requests', () => {
  for (const [name, kind] of Object.entries(UNKNOWNS)) {
    it(`R3 a request ${name} is neither good nor bad, and widens what depends on it`, async () => {
      for (const at of [
        { seed: 1, from: 12, n: 1 },
        { seed: 2, from: 18.3, n: 4 },
        { seed: 3, from: 27, n: 8 },
      ]) {
        const run = await unknown(at, kind);
        expectTally(run, 'unknown');
        const { result, n } = run;
        expect(n).to.be.at.least(1);
        expect(findingOf(result, 'errorBudget/perPath').measured?.hi).to.be.at.least(n);
        expect(findingOf(result, 'errorBudget/perPath').measured?.lo).to.be.at.most(6);
        for (const id of [
          `unaffected/${ID}`,
          `recoveryTime/${ID}`,
          'failoverOrder/mockb/north-a',
          'loadQuality/load',
        ]) {
          expect(verdictOf(result, id), id).to.equal('inconclusive');
        }
        expect(verdictOf(result, `unaffected/${pathOf('north-c')}`)).to.equal('pass');
        expect(result.findings.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
      }
    });
  }

  it('R3 unknown requests of the baseline leave the steady state open, unless it held were each of them bad', async () => {
    for (const [name, kind] of Object.entries(UNKNOWNS)) {
      if (kind.events !== undefined) continue;
      const { result } = await unknown({ seed: 5, from: 0, n: 0 }, kind, due(NORTH_B, 4, 9));
      expect(verdictOf(result, 'steadyState/good'), name).to.equal('inconclusive');
      expectTally({ result, n: 0 }, 'good');
      const few = await unknown({ seed: 5, from: 0, n: 0 }, kind, due(NORTH_B, 6, 6.1));
      expect(verdictOf(few.result, 'steadyState/good'), `few ${name}`).to.equal('pass');
    }
  });

  it('R3 what may be under way while the run goes on is not unknown, and what should have ended long ago is', async () => {
    const cut = 9.5 * SECOND;
    const run: Handmade = { expect: { ...PROMISES.expect, steadyState: { goodAtLeast: 0.99 } } };
    const history = historyOf(run).filter(({ t, type }) => t < cut && type !== 'run-end');
    history.push({ type: 'notice', level: 'info', text: 'up to here', seq: 99, t: cut, wall: '' });
    for (const [from, verdict] of [
      [7.7, 'pass'],
      [4, 'inconclusive'],
    ] as const) {
      const recent = due(NORTH_B, from, from + 1.7);
      const isLost = (record: Raw): boolean => recent(record) && record.seq % 3 === 0;
      const records = (all: readonly Raw[]) => all.filter((record) => record.end < cut && !isLost(record));
      const result = await analyze(history, chunks(recordsOf({ ...run, records }).file));
      expect(verdictOf(result, 'steadyState/good'), `from ${from} s`).to.equal(verdict);
    }
  });

  it('R3 a request that was sent late and failed by itself is bad all the same', async () => {
    const changes: readonly ((record: Raw) => Raw)[] = [
      (record) => ({ ...record, start: record.due + 1_500_000, end: record.due + 2_500_001 }),
      (record) => ({ ...failed(record), start: record.due + 1_500_000, end: record.due + 1_503_000 }),
      (record) => ({ ...broken(record, 'refused'), start: record.due + 900_000, end: record.due + 903_000 }),
      (record) => ({ ...timedOut(record, SECOND), start: record.due + 500_000 }),
    ];
    for (const [i, change] of changes.entries()) {
      expectTally(await changed({ seed: i, from: 15 + 3 * i, n: 3 }, change), 'bad');
    }
  });

  it('R3 what was good while the target stood still is good, what was bad beside it is bad', async () => {
    const events: Handmade['events'] = (history) =>
      history.at(20e6, { type: 'blind', from: 18e6, to: 20e6, detail: 'stood still' });
    const run = { ...PROMISES, events };
    expectTally(await changed({ seed: 1, from: 19, n: 4 }, (record) => record, run), 'good');
    for (const from of [17, 20.05]) expectTally(await changed({ seed: 2, from, n: 6 }, failed, run), 'bad');
    for (const from of [18.01, 19.7]) expectTally(await changed({ seed: 3, from, n: 6 }, failed, run), 'unknown');
  });
});

describe('rules: any number of pods', () => {
  const good: GoodRequest = { status: 200, chain: CHAIN, latencyMs: 1000 };
  const hopsOf = (pod: number, zone = 'north-a'): Chain['hops'] =>
    CHAIN.map((service) => ({ service, zone, ip: `10.${pod >> 16}.${(pod >> 8) & 255}.${pod & 255}` }));

  it('R4 every answer may come from a pod of its own', async () => {
    for (const seed of [1, 2]) {
      let pod = 0;
      const run: Handmade = {
        ...PROMISES,
        seed,
        records: (all) =>
          edit(
            all,
            ({ path, chain }) => path !== 0 && chain !== undefined,
            withChain((chain) => ({
              ...chain,
              hops: chain.hops.map((hop) => ({ ...hop, ip: `10.9.${++pod >> 8}.${pod & 255}` })),
            })),
          ),
      };
      const result = await judged(recovering(run));
      expect(pod).to.be.above(10_000);
      expectTally({ result, n: 0 }, 'good');
      expect(result.verdict).to.equal('pass');
    }
  });

  const siteOf = ({ zone }: Hop) => ({ zone, region: '', name: zone });

  it('R4 complete chains of the same places are of one kind, however many there are', () => {
    const table = new ChainTable({ rules: [good], callees: {}, lookup: undefined, siteOf }, () => {});
    for (let pod = 0; pod < 200_100; pod++) table.define(pod, { hops: hopsOf(pod), rest: '' });
    const kinds = new Set([0, 1, 199_999, 200_000, 200_099].map((index) => table.get(index, 0)?.kind));
    expect(kinds.size).to.equal(1);
    expect([...kinds][0]?.complete).to.deep.equal([true]);
  });

  it('R4 no number of broken chains makes a complete one bad', () => {
    const table = new ChainTable({ rules: [good], callees: {}, lookup: undefined, siteOf }, () => {});
    const letters = (n: number): string => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
    for (let i = 0; i < 5000; i++) table.define(i, { hops: hopsOf(0).slice(0, 1), rest: `error ${letters(i)}` });
    expect(table.kinds.length).to.be.below(5000);
    expect(table.get(4999, 0)?.kind.complete).to.deep.equal([false]);
    for (const [i, zone] of ['north-a', 'south-h', 'north-a'].entries()) {
      table.define(5000 + i, { hops: hopsOf(i, zone), rest: '' });
      const kind = table.get(5000 + i, 0)?.kind;
      expect([kind?.complete, kind?.chain.hops.map((hop) => hop.zone)]).to.deep.equal([[true], [zone, zone, zone]]);
    }
    expect(table.get(5002, 0)?.kind).to.equal(table.get(5000, 0)?.kind);
  });
});
