import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding, Verdict } from '../model/finding.ts';
import type { HistoryEvent } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import { judgeAtMost, judgeShare } from './facts/share.ts';
import { analyze } from './index.ts';
import { outage } from './testing/outage.ts';
import { plainRisk } from './testing/plain-risk.ts';
import { chunks, seeded } from './testing/record-file.ts';

const RANK: Readonly<Record<Verdict, number>> = { pass: 0, inconclusive: 1, fail: 2 };

/** One rule for an interval and its target: one that lies beyond it in part is no pass, one within it no fail by its figure. */
function checkInterval({ id, verdict, measured, target }: Finding): void {
  if (verdict !== 'pass' || measured === undefined || target === undefined) return;
  const { lo, hi } = measured;
  if (target.op === '<=') expect(hi ?? Number.POSITIVE_INFINITY, id).to.be.at.most(target.value);
  if (target.op === '>=') expect(lo, id).to.be.at.least(target.value);
}

/** What holds for every result, whatever it was made from. */
function checkSanity(result: RunResult): void {
  const text = JSON.stringify(result);
  expect(text).not.to.match(/:(?:NaN|Infinity|undefined)/);
  const ids = result.findings.map(({ id }) => id);
  expect(new Set(ids).size, 'finding ids are unique').to.equal(ids.length);
  const rows = new Set(result.evidence.map(({ id }) => id));
  expect(rows.size, 'evidence ids are unique').to.equal(result.evidence.length);
  for (const finding of result.findings) {
    for (const id of finding.evidence) expect(rows.has(id), `${finding.id} names ${id}`).to.equal(true);
    if (finding.measured?.hi != null) expect(finding.measured.lo, finding.id).to.be.at.most(finding.measured.hi);
    if (finding.measured !== undefined) expect(finding.measured.lo, finding.id).to.be.at.least(0);
    if (finding.verdict !== 'pass') expect(finding.cause, finding.id).to.be.a('string').and.not.equal('');
    checkInterval(finding);
  }
  for (const { recovered } of result.recoveries) {
    if (recovered?.hi != null) expect(recovered.lo).to.be.at.most(recovered.hi);
  }
  expect(result.story.length).to.be.at.most(5);
  expect(result.series.columns).to.be.at.most(900);
  for (const row of [
    result.series.good,
    result.series.bad,
    result.series.p50,
    ...result.series.serving.map((s) => s.counts),
  ]) {
    expect(row.length).to.equal(result.series.columns);
  }
}

/** A record file with its request lines in another order, but none moved by more than `span` microseconds of end time. */
function permuted(file: string, span: number, random: () => number): string {
  const lines = file.split('\n').filter((line) => line !== '');
  const isRequest = (line: string): boolean => line.startsWith('{"p":');
  const requests = lines.filter(isRequest).map((line) => {
    const { due, t1 = due } = JSON.parse(line) as { due: number; t1?: number };
    return { line, at: t1 + random() * span };
  });
  const sorted = requests.sort((a, b) => a.at - b.at).map(({ line }) => line);
  return `${[...lines.filter((line) => !isRequest(line)), ...sorted].join('\n')}\n`;
}

const empty = (): AsyncIterable<Uint8Array> => chunks('');
const seed = fc.integer({ min: 100, max: 120 });

describe('analysis: laws', () => {
  it('a healthy sample never worsens a share', () => {
    const risk = plainRisk(0.001);
    const target = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 3000 }), fc.nat(300), target, (good, bad, share) => {
        const at = (hits: number) => judgeShare(risk, { hits, all: hits + bad, effect: 1 }, share);
        expect(RANK[at(good + 1).verdict]).to.be.at.most(RANK[at(good).verdict]);
        expect(at(good).lo).to.be.at.most(at(good).hi);
      }),
    );
  });

  it('an interval is judged in the order pass, inconclusive, fail as it moves up', () => {
    const number = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(number, number, number, number, (lo, width, limit, step) => {
        const low = judgeAtMost(lo, lo + width, limit);
        expect(RANK[judgeAtMost(lo + step, lo + width + step, limit)]).to.be.at.least(RANK[low]);
        if (lo <= limit) expect(judgeAtMost(lo, null, limit)).to.equal('inconclusive');
      }),
    );
  });

  it('the same input gives the same bytes, in any order of records inside the bound and any chunks', async () => {
    const kinds = fc.constantFrom(
      'right' as const,
      'flapping' as const,
      'load dropped' as const,
      'collateral' as const,
    );
    await fc.assert(
      fc.asyncProperty(kinds, seed, fc.integer({ min: 1, max: 1_900_000 }), async (kind, number, span) => {
        const run = outage(kind, number);
        const one = JSON.stringify(await analyze(run.history, chunks(run.records)));
        const other = JSON.stringify(
          await analyze(run.history, chunks(permuted(run.records, span, seeded(span)), 977)),
        );
        expect(other).to.equal(one);
      }),
      { numRuns: 12 },
    );
  });

  it('a torn history or record file never passes where the whole did not, and never before the undo', async () => {
    const kinds = fc.constantFrom(
      ...([
        'right',
        'right in two stages',
        'slow',
        'none',
        'flapping',
        'not home',
        'left behind',
        'fault never active',
        'load dropped',
      ] as const),
    );
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(kinds, seed, share, share, async (kind, number, historyShare, recordShare) => {
        const run = outage(kind, number);
        const history = run.history.slice(0, Math.round(run.history.length * historyShare));
        const records = run.records.slice(0, Math.round(run.records.length * recordShare));
        const whole = await analyze(run.history, chunks(run.records));
        checkSanity(whole);
        for (const [events, file] of [
          [history, run.records],
          [run.history, records],
          [history, records],
        ] as const) {
          const torn = await analyze(events, chunks(file));
          checkSanity(torn);
          const isUndone = events.filter((event) => event.type === 'fault' && event.step === 'undone').length > 0;
          if (whole.verdict !== 'pass' || !isUndone) expect(torn.verdict, run.name).not.to.equal('pass');
          if (events.length < run.history.length) expect(torn.verdict, run.name).not.to.equal('pass');
        }
      }),
      { numRuns: 25 },
    );
  });

  it('any order of any events gives a result that never passes without its end', async () => {
    const { history, records } = outage('right', 100);
    const events = fc.subarray([...history], { minLength: 0 }).map((subset): HistoryEvent[] => subset);
    await fc.assert(
      fc.asyncProperty(events, fc.boolean(), async (subset, hasRecords) => {
        const result = await analyze(subset, hasRecords ? chunks(records) : empty());
        checkSanity(result);
        if (!subset.some((event) => event.type === 'run-end') || !hasRecords)
          expect(result.verdict).not.to.equal('pass');
      }),
      { numRuns: 60 },
    );
  });

  it('nothing at all is inconclusive, and never a pass', async () => {
    const result = await analyze([], empty());
    checkSanity(result);
    expect(result.verdict).to.equal('inconclusive');
    expect(result.exitCode).to.equal(7);
  });
});
