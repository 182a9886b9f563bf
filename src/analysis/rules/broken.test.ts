import { expect } from 'chai';
import type { RunResult } from '../../model/result.ts';
import type { Expectations } from '../../model/scenario.ts';
import type { Case } from '../facts/case.ts';
import { OBJECTIVES } from '../objectives/index.ts';
import { openCase } from '../open-case.ts';
import { resultOf } from '../result/result.ts';
import { type Handmade, historyOf, recordsOf } from '../testing/handmade.ts';
import { allRead } from '../testing/proxies.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER } from '../testing/world.ts';

const EXPECT: Partial<Expectations> = {
  steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.9 },
  recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
  failoverOrder: [ORDER],
  errorBudget: { perPath: 30, perCaller: 30, ratio: 0.2 },
  unaffected: { except: [{ zone: 'north-a' }] },
  ejections: [{ service: 'mockb', atMost: 4 }],
  failback: { withinMs: 5000 },
};
const RUN: Handmade = {
  expect: EXPECT,
  events: (history) => {
    allRead(history);
    history.at(31e6, { type: 'phase-start', phase: 'recover' }).at(45e6, { type: 'phase-end', phase: 'recover' });
  },
};
const BUG = 'counts[7] is not a function';

const opened = (): Promise<Case> => openCase(historyOf(RUN), chunks(recordsOf(RUN).file));

/** Lets one part of what was counted throw whenever it is asked. */
function breakPart(of: object, part: string): void {
  Object.defineProperty(of, part, {
    get: () => {
      throw new TypeError(BUG);
    },
  });
}

const objectives = (result: RunResult): string[] => [...new Set(result.findings.map(({ objective }) => objective))];

describe('docs/verdict.md 12: a judge that throws', () => {
  let whole: RunResult;
  before(async () => {
    whole = resultOf(await opened(), OBJECTIVES);
  });

  it('X4 is no part of a run in which nothing throws', () => {
    expect(whole.verdict, whole.reason).to.equal('pass');
    expect(whole.story.some(({ text }) => text.includes('bug'))).to.equal(false);
  });

  const ORDER_HOME = 'wayHome/mockb from north-a';
  /** What was counted, by the findings that need it. */
  const OWNERS: readonly (readonly [keyof Case['listeners'], (id: string) => boolean, readonly string[]])[] = [
    ['ladders', (id) => /^failoverOrder/.test(id) || id === ORDER_HOME, ['failoverOrder/judge', 'wayHome/order']],
    [
      'callers',
      (id) => /^(failoverOrder|errorBudget)/.test(id) || id === ORDER_HOME,
      ['failoverOrder/judge', 'errorBudget/judge', 'wayHome/order'],
    ],
    ['homeShare', (id) => /^steadyState(?!.after)/.test(id), ['steadyState/judge']],
    ['goodShare', (id) => /^steadyState(?!.after)/.test(id), ['steadyState/judge']],
  ];
  for (const [part, isOwned, judges] of OWNERS) {
    it(`X4 costs its own finding, which is open, and no other: ${part}`, async () => {
      const it = await opened();
      breakPart(it.listeners, part);
      const result = resultOf(it, OBJECTIVES);
      const others = ({ id }: { id: string }): boolean => !isOwned(id) && !judges.includes(id);
      expect(result.findings.filter(others)).to.deep.equal(whole.findings.filter(others));
      for (const judge of judges) {
        const told = result.findings.find(({ id }) => id === judge);
        expect(told, judge).to.deep.include({ verdict: 'inconclusive', cause: `a bug in faultline: ${BUG}` });
        expect(told?.hint).to.match(/^Keep the run folder/);
      }
      expect(result.verdict).to.equal('inconclusive');
    });
  }

  it('X4 takes nothing for put back that cannot be told', async () => {
    const it = await opened();
    breakPart(it.facts, 'leftovers');
    const result = resultOf(it, OBJECTIVES);
    const told = result.findings.find(({ id }) => id === 'putBack/clusters');
    expect(told).to.deep.include({ verdict: 'inconclusive', cause: `a bug in faultline: ${BUG}` });
    expect([result.putBack.state, result.exitCode]).to.deep.equal(['incomplete', 5]);
    const others = ({ objective }: { objective: string }): boolean => objective !== 'putBack';
    expect(result.findings.filter(others)).to.deep.equal(whole.findings.filter(others));
  });

  const CASE = [
    'effects',
    'outcomes',
    'callerReturns',
    'ejections',
    'evidence',
    'risk',
    'pods',
    'regions',
    'collector',
    'paths',
    'segments',
    'stages',
    'windows',
  ] as const;
  const LISTENERS = [
    'tallies',
    'outages',
    'places',
    'homes',
    'witnesses',
    'callers',
    'failures',
    'latency',
    'series',
    'contradictions',
    'ladders',
    'homeShare',
    'goodShare',
  ] as const;

  for (const [name, parts, of] of [
    ['follows', CASE, (it: Case) => it],
    ['was counted', LISTENERS, (it: Case) => it.listeners],
  ] as const) {
    for (const part of parts) {
      it(`X4 leaves a result that is whole, and never a pass by it: what ${name} in ${part}`, async () => {
        const it = await opened();
        breakPart(of(it), part);
        const result = resultOf(it, OBJECTIVES);
        expect(objectives(result)).to.deep.equal(objectives(whole));
        expect(Object.keys(result).sort()).to.include.members(
          Object.keys(whole).filter((key) => !['zero', 'zeroFrom', 'reasonFinding'].includes(key)),
        );
        const ids = result.findings.map(({ id }) => id);
        expect(new Set(ids).size).to.equal(ids.length);
        const isLost = result.story.at(-1)?.text.startsWith('A bug in faultline has left out') === true;
        const isOpen = result.findings.some(({ cause }) => cause === `a bug in faultline: ${BUG}`);
        expect(isLost || isOpen).to.equal(true);
        expect(result.story.length).to.be.at.most(5);
        expect(result.verdict === 'pass').to.equal(!isOpen);
        expect(() => JSON.stringify(result)).not.to.throw();
      });
    }
  }
});
